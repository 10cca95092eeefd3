/**
 * Comovement: which underlyings move together, and what groups of them may be credited.
 *
 * It folds the same accepted index marks on the same bars as the regimes, after them, and answers
 * with the credits of all pairs when one has moved. A pair learns only from bars in which both had
 * marks, so markets of different calendars meet where both are open. A pair's figures depend on its
 * own two members alone.
 */
import { RiskError } from "../core/errors.ts";
import type { IndexBar } from "../core/mark.ts";
import { medianOr } from "./label.ts";
import { GAP_BARS_MAX } from "./live.ts";
import {
  type ComovementTerms,
  foldPair,
  type Pair,
  type PairBar,
  type PairPace,
  pairPace,
  startPair,
} from "./pair.ts";
import type { Limiter } from "./publisher.ts";
import type { RegimeState } from "./state.ts";
import type { RegimeTerms } from "./terms.ts";
import { copyTree, misfit, putTree, type TreeValue } from "./tree.ts";

/** Pairs at most; each keeps half a year of returns of both members. */
export const PAIRS_MAX = 64;

export interface ComovementInput {
  readonly terms: ComovementTerms;
  readonly barMs: number;
  readonly members: readonly { readonly id: string; readonly terms: RegimeTerms }[];
  readonly pairs: readonly (readonly [string, string])[];
}

export interface Comovement {
  readonly input: ComovementInput;
  /** Place of each member by its id. */
  readonly places: ReadonlyMap<string, number>;
  readonly paces: readonly PairPace[];
  openMs: number;
  lastMs: number;
  told: boolean;
  /** Newest close, and marks in the open bar, of each member. */
  readonly closes: Float64Array;
  readonly marks: Float64Array;
  readonly pairs: readonly Pair[];
}

export interface Credit {
  readonly members: readonly string[];
  /** λ: share of a group's separate requirements that is taken at their joint one, 0 to 1. */
  readonly credit: number;
}

/** The figures behind a credit. */
export interface PairView extends Credit {
  readonly rho: number;
  /** Lower bound of rho, and the least of any stress window: the smaller one counts. */
  readonly rhoBound: number;
  readonly rhoStressed: number;
  readonly shrink: number;
  /** Days of common history behind rho. */
  readonly days: number;
  /** What keeps the credit from its target. */
  readonly limiter: Limiter;
}

/** All credits from here on, and the figures behind them. */
export interface PairsOutcome {
  readonly credits: readonly Credit[];
  readonly evidence: readonly PairView[];
}

/** Every two members of any group, in the order of `ids`; "*" stands for all of them. */
export function pairsOfGroups(
  groups: readonly { readonly members: readonly string[] }[],
  ids: readonly string[],
): [string, string][] {
  const together = (a: string, b: string): boolean =>
    groups.some(
      ({ members }) => members.includes("*") || (members.includes(a) && members.includes(b)),
    );
  return ids.flatMap((a, i) =>
    ids
      .slice(i + 1)
      .filter((b) => together(a, b))
      .map((b): [string, string] => [a, b]),
  );
}

/**
 * Pairs that know nothing yet but their priors.
 *
 * @throws RiskError `limit_exceeded` for more than {@link PAIRS_MAX} pairs, `unknown_underlying`
 * where a pair names no member
 */
export function createComovement(input: ComovementInput): Comovement {
  if (input.pairs.length > PAIRS_MAX)
    throw new RiskError("limit_exceeded", {
      path: "pairs",
      expected: `at most ${PAIRS_MAX}`,
      found: `${input.pairs.length}`,
    });
  const { terms, barMs, members } = input;
  const paces = input.pairs.map(([a, b]) =>
    pairPace(terms, barMs, termsOf(input, a), termsOf(input, b)),
  );
  return {
    input,
    places: new Map(members.map(({ id }, i) => [id, i])),
    paces,
    openMs: 0,
    lastMs: 0,
    told: false,
    closes: new Float64Array(members.length),
    marks: new Float64Array(members.length),
    pairs: paces.map((pace) => startPair(pace, terms)),
  };
}

/**
 * The same with other members or pairs; a pair that was there goes on as it stands.
 *
 * @param c is used up: its columns are the new one's
 */
export function withPairs(
  c: Comovement,
  { members, pairs }: Pick<ComovementInput, "members" | "pairs">,
): Comovement {
  const made = createComovement({ ...c.input, members, pairs });
  const before = new Map(c.input.pairs.map((pair, i) => [pair.join(" "), c.pairs[i]!]));
  for (const [id, place] of made.places) {
    made.closes[place] = c.closes[c.places.get(id) ?? -1] ?? 0;
    made.marks[place] = c.marks[c.places.get(id) ?? -1] ?? 0;
  }
  return {
    ...made,
    openMs: c.openMs,
    lastMs: c.lastMs,
    pairs: made.pairs.map((pair, i) => before.get(pairs[i]!.join(" ")) ?? pair),
  };
}

function termsOf({ members }: ComovementInput, id: string): RegimeTerms {
  const member = members.find((one) => one.id === id);
  if (member === undefined)
    throw new RiskError("unknown_underlying", { path: "pairs", expected: "a member", found: id });
  return member.terms;
}

/** What one Turn says: its market time, accepted index marks, and the regimes that folded it. */
export interface PairsTurn {
  /** Ms. A Turn older than the newest folded one changes nothing. */
  readonly at: number;
  readonly marks: readonly IndexBar[];
  readonly regimes: ReadonlyMap<string, RegimeState>;
}

/** Folds one Turn, or time alone when it has no marks; answers when a credit has moved. */
export function foldPairs(c: Comovement, turn: PairsTurn): PairsOutcome | undefined {
  if (turn.at < c.lastMs || c.pairs.length === 0) return undefined;
  const { barMs } = c.input;
  c.lastMs = turn.at;
  if (c.openMs === 0) c.openMs = Math.floor(turn.at / barMs) * barMs;
  const moved = turn.at >= c.openMs + barMs && closeUntil(c, turn);
  for (let i = 0; i < turn.marks.length; i++) fill(c, turn.marks[i]!);
  if (c.told && !moved) return undefined;
  c.told = true;
  return creditsNow(c);
}

function fill({ places, closes, marks }: Comovement, { underlying, last, count }: IndexBar): void {
  const place = places.get(underlying);
  if (place === undefined || !(last > 0 && last < Number.POSITIVE_INFINITY)) return;
  closes[place] = last;
  marks[place] = marks[place]! + count;
}

/** Closes every bar that has ended; whether a published credit has moved. */
function closeUntil(c: Comovement, { at, regimes }: PairsTurn): boolean {
  const { barMs, pairs } = c.input;
  const ended = Math.floor((at - c.openMs) / barMs);
  let moved = false;
  for (const [i, pair] of c.pairs.entries()) {
    const [a, b] = pairs[i]!;
    const before = pair.credit;
    const members = [regimes.get(a), regimes.get(b)];
    const stress = Math.max(...members.map(stressOf));
    const frozen = members.some((member) => member?.steer.frozen === true);
    foldPair(pair, c.paces[i]!, c.input.terms, { ...closed(c, i), stress, frozen });
    const silent = { closeA: 0, closeB: 0, common: false, stress, frozen };
    const missed = c.paces[i]!.continuous ? Math.min(ended - 1, GAP_BARS_MAX) : 0;
    for (let k = 0; k < missed; k++) foldPair(pair, c.paces[i]!, c.input.terms, silent);
    moved ||= pair.credit !== before;
  }
  c.marks.fill(0);
  c.openMs += ended * barMs;
  return moved;
}

type Closed = Pick<PairBar, "closeA" | "closeB" | "common">;

/** The bar of pair `i` that is open, as it ends. */
function closed({ input, places, closes, marks }: Comovement, i: number): Closed {
  const [a, b] = input.pairs[i]!.map((id) => places.get(id)!) as [number, number];
  return { closeA: closes[a]!, closeB: closes[b]!, common: marks[a]! > 0 && marks[b]! > 0 };
}

/** A range over its own median; 1 where there is no regime. */
function stressOf(regime: RegimeState | undefined): number {
  if (regime === undefined) return 1;
  return regime.range.value / medianOr(regime.medians.range, regime.terms.prior.range);
}

function creditAt({ input, pairs }: Comovement, i: number): Credit {
  return { members: [...input.pairs[i]!], credit: pairs[i]!.credit };
}

/** All credits as the pairs have them now, and the figures behind them. */
export function creditsNow(c: Comovement): PairsOutcome {
  return { credits: c.pairs.map((_, i) => creditAt(c, i)), evidence: comovementView(c) };
}

/** What each pair shows of itself. */
export function comovementView(c: Comovement): PairView[] {
  return c.pairs.map((pair, i) => ({
    ...creditAt(c, i),
    rho: pair.rho,
    rhoBound: pair.rhoBound,
    rhoStressed: pair.rhoStressed,
    shrink: pair.shrink,
    days: pair.returnCount / c.paces[i]!.samplesADay,
    limiter: pair.share.limiter,
  }));
}

export interface ComovementSnapshot {
  readonly slidewire: "comovement/1";
  readonly input: ComovementInput;
  readonly state: { readonly [name: string]: TreeValue };
}

/** Members of the state that the input implies. */
const implied = new Set(["input", "places", "paces"]);

/** A plain copy, safe to keep, send and write as JSON. */
export function snapshotComovement(c: Comovement): ComovementSnapshot {
  const members = Object.entries(c).filter(([name]) => !implied.has(name));
  const state = Object.fromEntries(members.map(([name, value]) => [name, copyTree(value)]));
  return { slidewire: "comovement/1", input: c.input, state };
}

/** @throws RiskError `malformed_file` when the document is of another shape than its input asks */
export function restoreComovement(snapshot: ComovementSnapshot): Comovement {
  if (snapshot.slidewire !== "comovement/1")
    throw misfit("slidewire", "comovement/1", snapshot.slidewire);
  const c = createComovement(snapshot.input);
  for (const name of Object.keys(c))
    if (!implied.has(name)) putTree(c, name, snapshot.state, "state");
  return c;
}
