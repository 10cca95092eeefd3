/**
 * A world from one seed: a gateway, its disk, network, market and clients, in virtual time.
 *
 *      seed ─► swarm of faults ─► storm ─► calm ─► everything caught up?
 *      events ─► process, clients, market ─► checks ─► trace, one hash
 *
 * Everything inside the process is the gateway's own: group commit and chain, sequencer, flow,
 * engine, regime, fan-out, sessions, dispatch, codecs, snapshots, recovery. Its edges are the
 * world's: a clock, a disk, a transport, a feed. A crash drops the process and what the disk had
 * not synced, and the same recovery as `serve`'s starts it again. The same seed gives the same run.
 */
import { createHash } from "node:crypto";
import { setTrap } from "../../gateway/journal/fault.ts";
import { defaultLimits } from "../../gateway/protocol/limits.ts";
import type { Booted } from "./boot.ts";
import { type CheckName, Checks, type Violation } from "./checks.ts";
import { type Dice, dice } from "./dice.ts";
import { Disk } from "./disk.ts";
import { Ledger } from "./ledger.ts";
import { Machine } from "./machine.ts";
import { type SmallMarket, smallMarket } from "./market.ts";
import { calmNetwork, Network } from "./network.ts";
import { People } from "./people.ts";
import { type DiskDelay, type End, Storm } from "./storm.ts";
import { type Fault, swarm } from "./swarm.ts";
import { Timeline } from "./timeline.ts";
import { Truth } from "./truth.ts";

export interface WorldOptions {
  readonly seed: number;
  /** Virtual ms of faults, and of calm after them. */
  readonly stormMs?: number;
  readonly calmMs?: number;
  /** Told every line of the trace. */
  readonly onTrace?: (line: string) => void;
}

export interface WorldReport {
  readonly seed: number;
  readonly faults: readonly Fault[];
  readonly violation: Violation | undefined;
  /** SHA-256 of the trace. */
  readonly trace: string;
  readonly events: number;
  readonly turns: number;
  readonly starts: number;
  readonly acknowledged: number;
  /** Ranges and notices that the regimes published. */
  readonly changes: number;
  readonly checks: ReadonlyMap<CheckName, number>;
}

const STORM_MS = 24_000;
const CALM_MS = 14_000;
const MARKET_STEP_MS = 300;
const LOOK_MS = 1_500;
/** Undelivered bytes of one line: what may be unponged, and as much again in answers. */
const UNDELIVERED_MAX = 2 * defaultLimits.unpongedBytes;
/** Events of a run: beyond it something runs in a circle. */
const EVENTS_MAX = 2_000_000;

/** Runs the world of a seed to its end, or to its first violation. */
export async function runWorld(options: WorldOptions): Promise<WorldReport> {
  const world = new World(options);
  const onRejection = (error: unknown): void => world.escaped(error);
  process.on("unhandledRejection", onRejection);
  setTrap((point) => world.passes(point));
  try {
    return await world.run();
  } finally {
    setTrap(undefined);
    process.off("unhandledRejection", onRejection);
  }
}

class World {
  readonly #options: WorldOptions;
  readonly #dice: Dice;
  readonly #timeline: Timeline;
  readonly #disk: Disk;
  readonly #market: SmallMarket;
  readonly #networkFaults = calmNetwork();
  readonly #network: Network;
  readonly #checks: Checks;
  readonly #ledger = new Ledger();
  readonly #truth: Truth;
  readonly #people: People;
  readonly #storm: Storm;
  readonly #faults: ReadonlySet<Fault>;
  readonly #machine: Machine;
  readonly #diskDelay: DiskDelay = { ms: 0, lateUntil: 0 };
  readonly #hash = createHash("sha256");
  #silentUntil = 0;
  #events = 0;

  constructor(options: WorldOptions) {
    this.#options = options;
    const { seed } = options;
    this.#dice = dice(seed, "world");
    this.#market = smallMarket(dice(seed, "market"));
    const { startMs } = this.#market;
    this.#timeline = new Timeline(startMs, dice(seed, "order"));
    this.#checks = new Checks(() => this.#timeline.now() - startMs);
    this.#disk = new Disk(dice(seed, "disk"));
    this.#network = new Network({
      timeline: this.#timeline,
      dice: dice(seed, "network"),
      faults: this.#networkFaults,
      onUndelivered: (bytes) => this.#bounded("undelivered bytes", bytes, UNDELIVERED_MAX),
    });
    const { listing } = this.#market;
    const [checks, ledger] = [this.#checks, this.#ledger];
    const trace = (line: string): void => this.#trace(line);
    this.#truth = new Truth({ checks, listing, ledger, trace, dice: dice(seed, "truth") });
    this.#people = new People({
      seed,
      ...{ timeline: this.#timeline, network: this.#network, market: this.#market },
      ...{ checks, ledger, trace },
    });
    this.#machine = new Machine({
      ...{ seed, checks, trace, timeline: this.#timeline, disk: this.#disk },
      ...{ network: this.#network, market: this.#market, truth: this.#truth },
      ...{ keys: this.#people.keys, diskDelay: this.#diskDelay, storm: () => this.#storm },
    });
    this.#faults = swarm(dice(seed, "swarm"));
    this.#storm = new Storm(this.#target(), dice(seed, "storm"), this.#faults);
  }

  async run(): Promise<WorldReport> {
    const { stormMs = STORM_MS, calmMs = CALM_MS } = this.#options;
    const { startMs } = this.#market;
    this.#machine.start();
    this.#play();
    this.#look();
    await this.#until(startMs + stormMs);
    this.#storm.stop();
    await this.#until(startMs + stormMs + calmMs * 0.6);
    this.#people.rest();
    await this.#until(startMs + stormMs + calmMs);
    if (this.#checks.first === undefined) await this.#last();
    this.#machine.life?.end();
    return {
      seed: this.#options.seed,
      faults: [...this.#faults],
      violation: this.#checks.first,
      trace: this.#hash.digest("hex"),
      ...{ events: this.#events, turns: this.#machine.turns, starts: this.#machine.starts },
      acknowledged: this.#ledger.acknowledged.size,
      changes: this.#truth.model.events.get("regime.changes")?.length ?? 0,
      checks: this.#checks.counts,
    };
  }

  escaped(error: unknown): void {
    this.#machine.escaped(error);
  }

  passes(point: Parameters<Storm["passes"]>[0]): void {
    if (this.#machine.life?.alive !== true || !this.#storm.passes(point)) return;
    this.#machine.dieAt(point);
  }

  async #until(ms: number): Promise<void> {
    while (this.#checks.first === undefined && this.#timeline.step(ms)) {
      this.#events += 1;
      if (this.#events > EVENTS_MAX) this.#checks.fail("bounded", `${EVENTS_MAX} events`);
      await drained();
    }
    this.#timeline.pass(ms);
  }

  /** The market goes on whether anybody listens or not. */
  #play(): void {
    const at = this.#now() + MARKET_STEP_MS * this.#dice.between(0.2, 1.8);
    this.#timeline.at(at, () => {
      this.#market.step();
      if (this.#now() >= this.#silentUntil) this.#feed(this.#market.marks(this.#marketAt(), true));
      this.#play();
    });
  }

  #feed(event: Parameters<Booted["silence"]["sink"]>[0]): void {
    const { life, up } = this.#machine;
    life?.enter(() => void up?.silence.sink(event));
  }

  /** Now and then somebody looks, and somebody looks after it. */
  #look(): void {
    this.#timeline.at(this.#now() + LOOK_MS, () => {
      const { up } = this.#machine;
      if (up !== undefined) {
        this.#truth.compare(up);
        this.#truth.reference(up, this.#dice.pick(this.#people.accounts));
        if (up.journal.state().state === "failed") this.#machine.end("kill");
      }
      this.#look();
    });
  }

  /** Nothing is left over, and everything that was written says the same. */
  async #last(): Promise<void> {
    const { up } = this.#machine;
    if (up === undefined) {
      this.#checks.fail("caught-up", "no gateway runs");
      return;
    }
    this.#checks.holds(
      "caught-up",
      up.journal.state().state === "open",
      () => `the journal is ${JSON.stringify(up.journal.state())}`,
    );
    this.#truth.compare(up);
    for (const account of this.#people.accounts) this.#truth.reference(up, account);
    this.#truth.settled(up);
    this.#truth.rangesInForce(up);
    this.#people.caughtUp(up);
    this.#people.saw(this.#truth.model);
    await this.#truth.replayed(up);
  }

  #target() {
    return {
      timeline: this.#timeline,
      disk: this.#disk,
      market: this.#market,
      network: this.#networkFaults,
      diskDelay: this.#diskDelay,
      life: () => this.#machine.life,
      end: (how: End) => this.#machine.end(how),
      takeSnapshot: () => this.#takeSnapshot(),
      silence: (ms: number) => {
        this.#silentUntil = this.#now() + ms;
      },
      nonsense: () => this.#feed(this.#market.nonsense(this.#marketAt())),
    };
  }

  #takeSnapshot(): void {
    const { life, up } = this.#machine;
    if (life === undefined || up === undefined) return;
    life.enter(() => {
      const { flow } = up.gateway;
      const { state } = flow.engine;
      const { seq } = state;
      up.snapshots.take({ state, regimes: flow.regimes, pairs: flow.pairs() }).then(
        () => life.alive && this.#truth.snapshotKept(seq),
        (error: unknown) => life.alive && this.#trace(`no snapshot: ${String(error)}`),
      );
    });
  }

  #bounded(what: string, found: number, most: number): void {
    this.#checks.holds("bounded", found <= most, () => `${found} ${what}, at most ${most}`);
  }

  #trace(line: string): void {
    this.#hash.update(line).update("\n");
    this.#options.onTrace?.(`${(this.#now() - this.#market.startMs).toFixed(1)} ${line}`);
  }

  #now(): number {
    return this.#timeline.now();
  }

  #marketAt(): number {
    return this.#market.at(this.#timeline.now() - this.#market.startMs);
  }
}

/** Resolves when nothing is left to do before the next event. */
const drained = (): Promise<void> => new Promise((done) => setImmediate(done));
