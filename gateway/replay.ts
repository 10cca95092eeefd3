/**
 * A written list folded again to any moment of it: state, regimes and margins as they were.
 *
 *      base (first Turn, or the newest snapshot before) ─► Turns ─► state ─► margins
 *                                                                   └─► other terms: what if
 *
 * Margins follow from the state alone, so folding to a Turn and margining once gives the figures
 * that were live then, bit for bit; under other terms, those that would have been.
 */
import { termsHash } from "../config/terms.ts";
import { type Engine, openEngine } from "../core/engine/engine.ts";
import type { Turn } from "../core/engine/turn.ts";
import { RiskError } from "../core/errors.ts";
import type { Terms } from "../core/terms.ts";
import type { Snapshots } from "./journal/snapshots.ts";
import { type Base, type Chains, firstBase, refold, snapshotBases } from "./refold.ts";

/** The last Turn to fold: by number, or by market time, ms since the epoch. */
export type Moment = { readonly seq: number } | { readonly at: number };

export interface ReplayOptions {
  readonly chains: Chains;
  readonly snapshots: Snapshots;
  /** Those of the state before the first Turn. */
  readonly terms: Terms;
  /** The newest Turn when absent. */
  readonly until?: Moment;
}

export interface Replayed {
  readonly base: Base;
  /** Turns folded after it. */
  readonly turns: number;
}

/**
 * Folds to the last Turn at or before `until`.
 *
 * @throws RiskError out_of_bounds when the list does not reach there, corrupt
 */
export async function replayTo(options: ReplayOptions): Promise<Replayed> {
  const { chains, until } = options;
  const base = await baseBefore(options);
  const turns = await refold(base, chains, until && { until: (turn) => isAfter(turn, until) });
  const { state } = base;
  if (state.seq === 0 || (until !== undefined && "seq" in until && state.seq !== until.seq)) {
    throw outOfReach(until, state.seq === 0 ? "no Turn" : `an end at turn ${state.seq}`);
  }
  return { base, turns };
}

/** Margins every account of the replayed state, under other terms where they are given. */
export function marginsOf({ base }: Replayed, terms?: Terms): Engine {
  const { state } = base;
  if (terms !== undefined) {
    state.terms = terms;
    state.termsHash = termsHash(terms);
  }
  const engine = openEngine(state);
  engine.refresh();
  return engine;
}

/** The newest snapshot before the moment; the state before the first Turn where none is. */
async function baseBefore({ chains, snapshots, terms, until }: ReplayOptions): Promise<Base> {
  for (const base of snapshotBases(snapshots, chains.lineage, () => undefined)) {
    if (until === undefined || !isAfter(base.state, until)) return base;
  }
  for await (const { seq } of chains.turns.read(1)) {
    if (seq === 1) break;
    throw outOfReach(until, `a list that begins at turn ${seq}`);
  }
  return firstBase(chains.lineage, terms, termsHash(terms));
}

const isAfter = (turn: Pick<Turn, "seq" | "at">, until: Moment): boolean =>
  "seq" in until ? turn.seq > until.seq : turn.at > until.at;

function outOfReach(until: Moment | undefined, found: string): RiskError {
  const moment = until && ("seq" in until ? `turn ${until.seq}` : new Date(until.at).toISOString());
  const expected = `a list that holds ${moment ?? "a Turn"}`;
  return new RiskError("out_of_bounds", { path: "--until", expected, found });
}
