/**
 * What must be true of a gateway, looked at from outside while it runs and when it has recovered.
 *
 *      each Turn      nothing folded that is not safe
 *      each end       the state's hash, to be met again
 *      now and then   accounts against the oracle, a margin against its exported book
 *      each recovery  the hash of that Turn, the chain's beginning, every acknowledgement
 */
import { createHash } from "node:crypto";
import type { PublishedRange } from "../../core/book.ts";
import type { EngineState } from "../../core/engine/state.ts";
import type { Turn } from "../../core/engine/turn.ts";
import { RiskError } from "../../core/errors.ts";
import type { Listing } from "../../core/instrument.ts";
import type { Gateway } from "../../gateway/gateway.ts";
import type { OrderedList } from "../../gateway/journal/list.ts";
import {
  type SnapshotEntry,
  type Snapshots,
  snapshotName,
} from "../../gateway/journal/snapshots.ts";
import { stateHash } from "../../gateway/journal/state-hash.ts";
import type { Recovery } from "../../gateway/recover.ts";
import { firstBase, refold, snapshotBases } from "../../gateway/refold.ts";
import { comovementView, type RegimeState } from "../../regime/index.ts";
import type { Booted } from "./boot.ts";
import { chainCommands } from "./chain.ts";
import type { Checks } from "./checks.ts";
import type { Dice } from "./dice.ts";
import { SNAPSHOTS } from "./folder.ts";
import type { Ledger } from "./ledger.ts";
import { Model, type Owned } from "./model.ts";
import { isUnsettled, referenceGap } from "./reference.ts";
import type { SimulatedStore } from "./store.ts";

/** Every so many Turns the state's hash is remembered, beside that at every end of a process. */
const HASHED_TURNS = 100;
const HASHES_MAX = 256;
/** How far a margin may lie from its reference, relative. */
const MARGIN_TOLERANCE = 1e-9;

export interface TruthOptions {
  readonly checks: Checks;
  readonly listing: Listing;
  readonly ledger: Ledger;
  readonly dice: Dice;
  readonly trace: (text: string) => void;
}

export class Truth {
  readonly #options: TruthOptions;
  /** State hash after a Turn, by the hash of the Turn. */
  readonly #hashes = new Map<string, string>();
  /** Turn of the newest snapshot that was answered as safe; 0: none. */
  #snapshot = 0;
  #model: Model;
  /** SHA-256 over the commands that the model has seen. */
  #seen = createHash("sha256");

  constructor(options: TruthOptions) {
    this.#options = options;
    this.#model = new Model(options.listing);
  }

  /** The oracle as of the newest comparison. */
  get model(): Model {
    return this.#model;
  }

  /** A Turn was folded. */
  turned({ gateway, store }: Booted, turn: Turn): void {
    const { checks, trace } = this.#options;
    const { state } = gateway.flow.engine;
    const safe = store.safeSeq();
    checks.holds(
      "published-durable",
      state.commands <= safe,
      () => `turn ${turn.seq} holds command ${state.commands}, and ${safe} are safe`,
    );
    trace(`turn ${turn.seq} ${state.lastHash}`);
    if (turn.seq % HASHED_TURNS === 0) this.remember(gateway);
  }

  /** Notes the hash of the state as it stands, to be met again. */
  remember({ flow }: Gateway): void {
    const { state } = flow.engine;
    this.#hashes.set(state.lastHash, stateHash(state, flow.regimes, flow.pairs()));
    if (this.#hashes.size <= HASHES_MAX) return;
    this.#hashes.delete(this.#hashes.keys().next().value!);
  }

  /** A snapshot of Turn `seq`, or a newer one in its place, is on the disk. */
  snapshotKept(seq: number): void {
    this.#snapshot = Math.max(this.#snapshot, seq);
  }

  /** A snapshot's file was changed at rest. */
  damaged(name: string): void {
    // What it stood for cannot be told from its name: nothing is asked until the next one.
    if (name >= `${SNAPSHOTS}/${snapshotName(this.#snapshot)}`) this.#snapshot = 0;
  }

  /** What a start found, before it goes on. */
  recovered(recovery: Recovery | undefined, store: SimulatedStore): void {
    const { checks, ledger, trace } = this.#options;
    const { lastSeq } = store.head("account");
    trace(`recovered ${recovery?.state.seq} of ${lastSeq}`);
    checks.holds(
      "acknowledged-once",
      lastSeq >= ledger.newest,
      () => `the chain ends at ${lastSeq}, command ${ledger.newest} was acknowledged`,
    );
    if (recovery === undefined) return;
    const { state, regimes, pairs } = recovery;
    const live = this.#hashes.get(state.lastHash);
    const found = stateHash(state, regimes, pairs);
    if (live !== undefined) {
      checks.holds(
        "state-equal",
        live === found,
        () =>
          `turn ${state.seq} was ${live} live and is ${found} recovered from ${recovery.snapshot}`,
      );
    }
    this.#rebuild(store);
  }

  /** A snapshot that was answered is there, whole, or a newer one. */
  snapshotStands(snapshots: Snapshots): void {
    const seq = this.#snapshot;
    const there = [...snapshots.newestFirst()].filter((one) => one.seq >= seq);
    const stands = seq === 0 || there.some(loads);
    this.#options.checks.holds("snapshot-durable", stands, () => `that of turn ${seq} is gone`);
  }

  /** Accounts against the oracle, and every acknowledgement against the chain. */
  compare({ gateway, store }: Booted): void {
    const { checks, ledger } = this.#options;
    const { state } = gateway.flow.engine;
    if (state.commands > store.head("account").lastSeq) return;
    this.#advance(store, state.commands);
    for (const [id, owned] of this.#model.accounts) {
      const found = difference(state, id, owned);
      checks.holds("model-equal", found === undefined, () => `${id} at ${state.seq}: ${found}`);
    }
    checks.holds(
      "acknowledged-once",
      this.#model.twice.length === 0,
      () => `applied twice: ${this.#model.twice.join(", ")}`,
    );
    for (const { account, key, seq, version } of ledger.acknowledged.values()) {
      const applied = this.#model.accounts.get(account)?.keys.get(key);
      checks.holds(
        "acknowledged-once",
        applied?.seq === seq && applied.version === version,
        () =>
          `${key} was acknowledged as ${seq} v${version}, the chain has ${JSON.stringify(applied)}`,
      );
    }
    for (const name of ledger.refused) {
      const [account, key] = name.split(" ") as [string, string];
      const applied = this.#model.accounts.get(account)?.keys.has(key) ?? false;
      checks.holds("acknowledged-once", !applied, () => `${key} was refused and is in the chain`);
    }
  }

  /**
   * Ranges in force that are not what the regimes decided, as a start found them: the answer asks
   * whether each has been replaced since.
   */
  leftUndecided({ gateway }: Booted): () => void {
    const { engine, regimes } = gateway.flow;
    const { ranges } = engine.state.market;
    const left = [...regimes].filter(([id, regime]) => !isInForce(regime, ranges.get(id)));
    const before = left.map(([id]) => [id, ranges.get(id)] as const);
    const credits = this.#creditsOwed(gateway) ? engine.state.market.credits : undefined;
    return () => {
      this.#options.checks.holds(
        "range-in-force",
        credits === undefined || engine.state.market.credits !== credits,
        () => "credits that had been decided before a crash are not in the list after it",
      );
      for (const [id, range] of before) {
        this.#options.checks.holds(
          "range-in-force",
          ranges.get(id) !== range,
          () => `what ${id} had decided before a crash is not in the list after it`,
        );
      }
    };
  }

  /** Whether the pairs have told other credits than those in force. */
  #creditsOwed({ flow }: Gateway): boolean {
    const pairs = flow.pairs();
    if (pairs?.told !== true) return false;
    const decided = comovementView(pairs).map(({ members, credit }) => ({ members, credit }));
    return JSON.stringify(decided) !== JSON.stringify(flow.engine.state.market.credits);
  }

  /** Whether a regime has decided what is not in the list yet. */
  undecided({ gateway }: Booted): boolean {
    const { engine, regimes } = gateway.flow;
    const { ranges } = engine.state.market;
    return [...regimes].some(([id, regime]) => !isInForce(regime, ranges.get(id)));
  }

  /** What the regime decided is what margins are computed with. */
  rangesInForce({ gateway }: Booted): void {
    const { engine, regimes } = gateway.flow;
    for (const [id, regime] of regimes) {
      const force = engine.state.market.ranges.get(id);
      this.#options.checks.holds(
        "range-in-force",
        isInForce(regime, force),
        () => `${id} has ${JSON.stringify(force)}, decided is ${JSON.stringify(regime.published)}`,
      );
    }
  }

  /** Nothing that has expired is held any more. */
  settled({ gateway }: Booted): void {
    const { state } = gateway.flow.engine;
    for (const account of state.accounts.values()) {
      this.#options.checks.holds(
        "caught-up",
        !isUnsettled(state, account),
        () => `${account.id} holds what has expired at turn ${state.seq}`,
      );
    }
  }

  /** A margin against the one computed from its exported book alone. */
  reference({ gateway }: Booted, account: string): void {
    const { checks, dice } = this.#options;
    const { engine } = gateway.flow;
    const gap = referenceGap(engine, account, dice);
    if (gap === undefined) return;
    const found = () => `${account} at turn ${engine.state.seq} is off by ${gap.relative}`;
    checks.holds("margin-reference", gap.relative <= MARGIN_TOLERANCE, found);
    checks.holds("margin-bits", gap.exact, found);
  }

  /** The list folded again from its first Turn, where it still has it, and from every snapshot. */
  async replayed({ gateway, journal, snapshots }: Booted): Promise<void> {
    const { checks } = this.#options;
    const { flow } = gateway;
    const { state } = flow.engine;
    const { lineage, account, turns } = journal;
    const live = stateHash(state, flow.regimes, flow.pairs());
    const base = firstBase(lineage, state.terms, state.termsHash);
    const bases = [base, ...snapshotBases(snapshots, lineage, () => undefined)];
    let met = 0;
    for (const one of bases) {
      const name = one.snapshot ?? "the first turn";
      const reaches = await reachesFrom(turns, one.state.seq + 1, state.seq);
      if (!reaches) continue;
      await refold(one, { lineage, account, turns });
      const found = stateHash(one.state, one.regimes, one.pairs);
      met += 1;
      checks.holds(
        "state-equal",
        found === live,
        () => `from ${name} turn ${one.state.seq} is ${found}, live ${state.seq} is ${live}`,
      );
    }
    checks.holds("state-equal", met > 0, () => "nothing reaches the newest turn");
  }

  /** The chain still begins as it did. */
  #rebuild(store: SimulatedStore): void {
    const [before, count] = [this.#seen.copy().digest("hex"), this.#model.seq];
    this.#model = new Model(this.#options.listing);
    this.#seen = createHash("sha256");
    this.#advance(store, count);
    const now = this.#seen.copy().digest("hex");
    this.#options.checks.holds(
      "acknowledged-once",
      now === before,
      () => `the first ${count} commands of the chain are others than before`,
    );
  }

  #advance(store: SimulatedStore, toSeq: number): void {
    for (const { text } of chainCommands(store, this.#model.seq + 1, toSeq)) {
      this.#seen.update(text).update("\n");
      this.#model.apply(JSON.parse(text) as Readonly<Record<string, unknown>>);
    }
  }
}

function isInForce({ published }: RegimeState, force: PublishedRange | undefined): boolean {
  const { told, initial, maintenance, volScale } = published;
  if (!told) return true;
  const { slideRange } = force ?? {};
  return (
    slideRange?.initial === initial &&
    slideRange.maintenance === maintenance &&
    force?.volScale === volScale
  );
}

function loads({ load }: SnapshotEntry): boolean {
  try {
    load();
    return true;
  } catch (error) {
    if (error instanceof RiskError) return false;
    throw error;
  }
}

/** Whether the list has every Turn from one number to another. */
async function reachesFrom(turns: OrderedList, from: number, to: number): Promise<boolean> {
  let next = from;
  for await (const { seq } of turns.read(from)) {
    if (seq !== next) return false;
    next += 1;
  }
  return next === to + 1;
}

/** In words, where the engine's account is not the oracle's. */
function difference(state: EngineState, id: string, owned: Owned): string | undefined {
  const account = state.accounts.get(id);
  if (account === undefined) return "not open";
  if (account.version !== owned.version) return `v${account.version}, not v${owned.version}`;
  const cash = odd(account.balances, owned.cash, (a, b) => a === b);
  if (cash !== undefined) return `cash ${cash}`;
  const same = (a: Line, b: Line) => a.quantity === b.quantity && a.cost === b.cost;
  const line = odd(account.positions, owned.lines, same);
  return line === undefined ? undefined : `line ${line}`;
}

interface Line {
  readonly quantity: bigint;
  readonly cost: bigint;
}

function odd<T>(
  found: ReadonlyMap<string, T>,
  wanted: ReadonlyMap<string, T>,
  same: (a: T, b: T) => boolean,
): string | undefined {
  for (const id of new Set([...found.keys(), ...wanted.keys()])) {
    const [a, b] = [found.get(id), wanted.get(id)];
    if (a === undefined || b === undefined || !same(a, b))
      return `${id}: ${told(a)}, not ${told(b)}`;
  }
  return undefined;
}

const told = (one: unknown): string =>
  JSON.stringify(one, (_, value) => (typeof value === "bigint" ? String(value) : value)) ?? "none";
