/**
 * The faults of a run, each coming and going by chance for as long as the storm lasts.
 */
import { type FaultPoint, faultPoints } from "../../gateway/journal/fault.ts";
import type { Dice } from "./dice.ts";
import type { Disk } from "./disk.ts";
import type { Life } from "./life.ts";
import type { SmallMarket } from "./market.ts";
import type { NetworkFaults } from "./network.ts";
import type { Fault } from "./swarm.ts";
import type { Timeline } from "./timeline.ts";

/** How a process ends. */
export type End = "kill" | "powerLoss";

/** How late the disk is. */
export interface DiskDelay {
  ms: number;
  /** Until when something may still be late. */
  lateUntil: number;
}

/** What a storm may do to the world. */
export interface Target {
  readonly timeline: Timeline;
  readonly disk: Disk;
  readonly market: SmallMarket;
  readonly network: NetworkFaults;
  readonly diskDelay: DiskDelay;
  life(): Life | undefined;
  end(how: End): void;
  takeSnapshot(): void;
  silence(ms: number): void;
  nonsense(): void;
}

/** Mean time between two of a fault, ms. */
const every: Readonly<Partial<Record<Fault, number>>> = {
  kill: 7_000,
  powerLoss: 5_000,
  faultPoint: 4_000,
  diskFull: 7_000,
  readOnly: 8_000,
  failedSync: 7_000,
  slowDisk: 7_000,
  pauses: 7_000,
  clockJumps: 14_000,
  nonsense: 1_000,
  silence: 10_000,
  jumps: 5_000,
  snapshots: 2_500,
};

/** How far the wall clock jumps at most: a signature's timestamp must stay within its skew. */
const JUMP_MS = 2_000;

export class Storm {
  readonly #target: Target;
  readonly #dice: Dice;
  readonly #faults: ReadonlySet<Fault>;
  #armed: { readonly point: FaultPoint; left: number } | undefined;
  #over = false;

  constructor(target: Target, dice: Dice, faults: ReadonlySet<Fault>) {
    this.#target = target;
    this.#dice = dice;
    this.#faults = faults;
    const { network } = target;
    if (faults.has("slowNetwork")) network.delayMs = dice.pick([20, 100, 400]);
    if (faults.has("cuts")) network.cuts = dice.pick([0.0005, 0.002]);
    if (faults.has("stalls")) network.stalls = dice.pick([0.0005, 0.002]);
    network.stallMs = 4_000;
    for (const [fault, meanMs] of Object.entries(every) as [Fault, number][]) {
      if (faults.has(fault)) this.#again(fault, meanMs);
    }
  }

  has(fault: Fault): boolean {
    return !this.#over && this.#faults.has(fault);
  }

  /** Something has just been decided and is not written yet: lets the process die right there. */
  tempt(): void {
    if (!this.has("faultPoint") || !this.#dice.yes(0.3)) return;
    this.#armed = { point: "journal:before-commit", left: 1 };
  }

  /** The process is at a fault point; true: it dies here. */
  passes(point: FaultPoint): boolean {
    const armed = this.#armed;
    if (this.#over || armed?.point !== point) return false;
    armed.left -= 1;
    if (armed.left > 0) return false;
    this.#armed = undefined;
    return true;
  }

  /** Everything is sound again. */
  stop(): void {
    this.#over = true;
    const { network, disk } = this.#target;
    Object.assign(network, { delayMs: 2, cuts: 0, stalls: 0 });
    Object.assign(disk.faults, {
      capacityBytes: Number.POSITIVE_INFINITY,
      readOnly: false,
      failingSyncs: 0,
    });
    this.#endDelay();
  }

  #endDelay(): void {
    const { diskDelay, timeline } = this.#target;
    diskDelay.lateUntil = timeline.now() + diskDelay.ms;
    diskDelay.ms = 0;
  }

  #again(fault: Fault, meanMs: number): void {
    const { timeline } = this.#target;
    const ms = meanMs * this.#dice.between(0.1, 1.9);
    timeline.at(timeline.now() + ms, () => {
      if (this.#over) return;
      this.#strike(fault);
      this.#again(fault, meanMs);
    });
  }

  #strike(fault: Fault): void {
    const { disk, market, diskDelay } = this.#target;
    const dice = this.#dice;
    switch (fault) {
      case "kill":
      case "powerLoss":
        this.#target.end(fault);
        return;
      case "faultPoint":
        this.#armed = { point: dice.pick(faultPoints), left: 1 + dice.below(20) };
        return;
      case "diskFull":
        disk.faults.capacityBytes = disk.usedBytes() + dice.below(4_096);
        this.#until(5_000, () => {
          disk.faults.capacityBytes = Number.POSITIVE_INFINITY;
        });
        return;
      case "readOnly":
        disk.faults.readOnly = true;
        this.#until(4_000, () => {
          disk.faults.readOnly = false;
        });
        return;
      case "failedSync":
        disk.faults.failingSyncs += 1;
        return;
      case "slowDisk":
        diskDelay.ms = dice.pick([20, 150, 900]);
        diskDelay.lateUntil = Number.POSITIVE_INFINITY;
        this.#until(4_000, () => this.#endDelay());
        return;
      case "pauses":
        this.#target.life()?.pause(dice.pick([300, 2_000, 4_000]));
        return;
      case "clockJumps":
        this.#target.life()?.jump(dice.below(JUMP_MS));
        return;
      case "silence":
        this.#target.silence(dice.below(8_000));
        return;
      case "nonsense":
        this.#target.nonsense();
        return;
      case "jumps":
        market.jump();
        return;
      case "snapshots":
        this.#target.takeSnapshot();
    }
  }

  #until(mostMs: number, act: () => void): void {
    const { timeline } = this.#target;
    timeline.at(timeline.now() + 100 + this.#dice.below(mostMs), act);
  }
}
