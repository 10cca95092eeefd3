/**
 * The machine that the gateway runs on: it starts the process, ends it, and starts it again.
 *
 *      start ─► recovered ─► up ─► crash, kill, failed journal ─► what the disk lost ─► start
 *         └► refused: the disk is at fault, a bit was turned, or there is a defect
 */
import { RiskError } from "../../core/errors.ts";
import { type Key, keysOf } from "../../gateway/control/keys.ts";
import { TURNS_WAITING_BYTES_MAX } from "../../gateway/journal/turn-buffer.ts";
import { type Booted, boot } from "./boot.ts";
import type { Checks } from "./checks.ts";
import { type Dice, dice } from "./dice.ts";
import type { Disk } from "./disk.ts";
import { SNAPSHOTS } from "./folder.ts";
import { Life } from "./life.ts";
import { syncedTo } from "./log.ts";
import type { SmallMarket } from "./market.ts";
import type { Network } from "./network.ts";
import type { DiskDelay, End, Storm } from "./storm.ts";
import type { Timeline } from "./timeline.ts";
import type { Truth } from "./truth.ts";

export interface MachineOptions {
  readonly seed: number;
  readonly timeline: Timeline;
  readonly disk: Disk;
  readonly diskDelay: Readonly<DiskDelay>;
  readonly network: Network;
  readonly market: SmallMarket;
  readonly keys: readonly Key[];
  readonly checks: Checks;
  readonly truth: Truth;
  readonly storm: () => Storm;
  readonly trace: (line: string) => void;
}

/** Turns of about a second. */
const GAP_BYTES = 4_096;
/** In which a gateway says what the last one had left unsaid, ms. */
const OWED_MS = 800;

/** A bit that was turned at rest. */
interface Flipped {
  readonly name: string;
  readonly back: () => void;
}

export class Machine {
  readonly #options: MachineOptions;
  readonly #dice: Dice;
  #flipped: Flipped | undefined;
  life: Life | undefined;
  /** The gateway, once it has started. */
  up: Booted | undefined;
  starts = 0;
  turns = 0;

  constructor(options: MachineOptions) {
    this.#options = options;
    this.#dice = dice(options.seed, "machine");
  }

  /** Something that escaped from the process's code. */
  escaped(error: unknown): void {
    this.#options.checks.fail("no-fault", `escaped: ${stackOf(error)}`);
  }

  /** The process dies at a fault point, by its end or with the power. */
  dieAt(point: string): void {
    this.#options.trace(`at ${point}`);
    this.end(this.#dice.pick(["kill", "powerLoss"]));
  }

  start(): void {
    const { seed, timeline, disk, diskDelay, network, checks, truth, storm } = this.#options;
    const life = new Life({
      timeline,
      onEscape: (error) => this.escaped(error),
    });
    this.life = life;
    this.starts += 1;
    const started = this.starts;
    const onFault = (error: unknown): void => {
      if (life.alive) checks.fail("no-fault", stackOf(error));
    };
    this.#options.trace(`start ${started}`);
    const booting = boot({
      files: disk.mount(),
      lineage: dice(seed, "lineage").hex(32),
      clock: life.clock(),
      diskClock: life.clock(() => diskDelay.ms),
      transport: network.transport(life),
      keys: keysOf(this.#options.keys),
      market: this.#options.market,
      // So few that a full disk makes a gap, and so many that none ever does.
      turnsWaitingBytesMax: storm().has("gaps") ? GAP_BYTES : TURNS_WAITING_BYTES_MAX,
      boot: dice(seed, `boot ${started}`).hex(32),
      onRecovered: (recovery, store) => {
        if (!life.alive) return;
        this.#passOver();
        truth.recovered(recovery, store);
      },
      onFault,
    });
    booting.then(
      (up) => life.alive && this.#started(life, up),
      (error: unknown) => life.alive && this.#refused(error),
    );
  }

  #started(life: Life, up: Booted): void {
    this.up = up;
    const { truth, storm, market, timeline, trace } = this.#options;
    trace("up");
    truth.snapshotStands(up.snapshots);
    this.#askLater(life, up, truth.leftUndecided(up));
    up.gateway.flow.onTurn((turn) => {
      if (!life.alive) return;
      this.turns += 1;
      truth.turned(up, turn);
      if (truth.undecided(up)) storm().tempt();
    });
    const at = market.at(timeline.now() - market.startMs);
    life.enter(() => void up.silence.sink(market.marks(at, false)));
  }

  /** Asks when some Turns have passed, if nothing kept them from the disk. */
  #askLater(life: Life, up: Booted, ask: () => void): void {
    const { state } = up.gateway.flow.engine;
    const { seq } = state;
    const { timeline, diskDelay } = this.#options;
    const upAt = this.#now();
    timeline.at(upAt + OWED_MS, () => {
      const open = up.journal.state().state === "open" && diskDelay.lateUntil <= upAt;
      if (life.alive && open && state.seq > seq + 1) ask();
    });
  }

  /** A start was refused: by a disk that is at fault, or there is a defect. */
  #refused(error: unknown): void {
    const { checks, trace } = this.#options;
    trace(`refused ${String(error)}`);
    const typed = error instanceof RiskError && error.kind !== "fault";
    if (this.#flipped !== undefined && !isOfDisk(error)) {
      const named = typed && (error.detail.path ?? "") !== "";
      checks.holds("refusal-named", named, () => stackOf(error));
    } else if (!isOfDisk(error)) {
      checks.fail("no-fault", `the start was refused: ${stackOf(error)}`);
    }
    this.#mend();
    this.end("kill");
  }

  /** A bit that was turned is turned back, as from a backup. */
  #mend(): void {
    this.#flipped?.back();
    this.#flipped = undefined;
  }

  /** A start went well with a bit turned: a bad snapshot was passed over and stays bad. */
  #passOver(): void {
    if (this.#flipped?.name.startsWith(SNAPSHOTS) !== true) this.#mend();
    else this.#options.truth.damaged(this.#flipped.name);
    this.#flipped = undefined;
  }

  /** Ends the process, with what the disk had not synced or without; it starts again by itself. */
  end(how: End): void {
    if (this.life?.alive !== true) return;
    const { timeline, disk, network, truth, storm, trace } = this.#options;
    if (this.up !== undefined) truth.remember(this.up.gateway);
    this.life.end();
    this.up = undefined;
    this.#mend();
    if (how === "powerLoss") trace(`lost ${disk.losePower()}`);
    else disk.unmount();
    trace(how);
    network.dropAll();
    const ms = this.#dice.pick([20, 200, 1_000, 4_000]);
    timeline.at(this.#now() + ms, () => {
      if (storm().has("bitFlips") && this.#dice.yes(0.5)) this.#flip();
      this.start();
    });
  }

  #flip(): void {
    const files = [...this.#options.disk.names()].filter(([, inode]) => inode.length > 0);
    const [name, inode] = this.#dice.pick(files) ?? [];
    if (inode === undefined || !inode.isDurable) return;
    // The newest frame of a log cannot be told from one that was cut.
    const bytes = name.endsWith(".log") ? syncedTo(inode.read()) : inode.length;
    const bit = this.#dice.below(bytes * 8);
    this.#options.trace(`flip ${name} ${bit}`);
    inode.flip(bit);
    this.#flipped = { name, back: () => inode.flip(bit) };
  }

  #now(): number {
    return this.#options.timeline.now();
  }
}

/** Whether the disk refused, and not the gateway. */
const isOfDisk = (error: unknown): boolean =>
  /ENOSPC|EROFS|EIO|journal_full|journal_failed/.test(String(error));

const stackOf = (error: unknown): string =>
  error instanceof Error ? (error.stack ?? error.message) : String(error);
