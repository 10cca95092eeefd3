/**
 * Credits as the list says them: in a grid change, with the figures behind them.
 *
 * The pairs fold a Turn after the regimes did, and what they answer travels with what the regimes
 * answer: in the first grid change of the Turn, or in one that repeats what a member has published.
 *
 * The pairs themselves come out of the list too: a warming of "*" carries them, made of history or
 * with nothing known yet, and a later one when groups or listings have changed. Until there is one
 * the terms' own credits hold.
 */
import { type GridChangeCommand, PAIRS, type RegimeWarmCommand } from "../core/engine/command.ts";
import type { Turn } from "../core/engine/turn.ts";
import { RiskError } from "../core/errors.ts";
import {
  type Comovement,
  type ComovementSnapshot,
  creditsNow,
  foldPairs,
  type PairsOutcome,
  restoreComovement,
  snapshotComovement,
} from "./comovement.ts";
import { announced } from "./outcome.ts";
import type { RegimeState } from "./state.ts";
import { answers, foldRegimeTurn, type OnRefused, type RegimeAnswer } from "./turn.ts";

/** The command that puts pairs into the list. */
export function pairsCommand(c: Comovement): RegimeWarmCommand {
  return { kind: "Regime", what: "warm", underlying: PAIRS, snapshot: snapshotComovement(c) };
}

/** What the regimes made of the same Turn. */
export interface FoldedTurn {
  readonly regimes: ReadonlyMap<string, RegimeState>;
  /** Names by ordinal, as the fold of the Turn left them. */
  readonly names: readonly { readonly id: string }[];
  readonly answers: readonly RegimeAnswer[];
}

/**
 * Folds `turn` into the regimes, in place, and then into their pairs: what live, a replay and a
 * simulation do alike.
 */
export function foldRegimesTurn(
  { regimes, pairs }: RegimesAndPairs,
  turn: Turn,
  names: FoldedTurn["names"],
  onRefused: OnRefused = () => {},
): PairsTurnOutcome {
  const answers = foldRegimeTurn(regimes, turn, names, onRefused);
  return foldPairsTurn(pairs, turn, { regimes, names, answers }, onRefused);
}

/** All that is remembered of a market: a regime of each underlying, and their pairs. */
export interface RegimesAndPairs {
  readonly regimes: Map<string, RegimeState>;
  readonly pairs: Comovement | undefined;
}

/** Pairs after a Turn, and the answers of all, with the credits where one moved. */
export interface PairsTurnOutcome {
  readonly pairs: Comovement | undefined;
  readonly answers: readonly RegimeAnswer[];
}

/**
 * Folds `turn` into the pairs, in place, or into those that it brings.
 *
 * @param onRefused told of pairs that cannot be restored; those that were there go on
 */
export function foldPairsTurn(
  pairs: Comovement | undefined,
  turn: Turn,
  folded: FoldedTurn,
  onRefused: OnRefused = () => {},
): PairsTurnOutcome {
  const after = brought(turn, onRefused) ?? pairs;
  if (after === undefined) return { pairs, answers: folded.answers };
  const { regimes, names } = folded;
  const marks = turn.index.map((bar) => ({ underlying: names[bar.ordinal]!.id, ...bar }));
  const outcome = foldPairs(after, { at: turn.at, marks, regimes });
  if (outcome === undefined) return { pairs: after, answers: folded.answers };
  return { pairs: after, answers: withCredits(outcome, after, folded) };
}

function brought({ commands }: Turn, onRefused: OnRefused): Comovement | undefined {
  let found: Comovement | undefined;
  for (const command of commands) {
    if (command.kind !== "Regime" || command.what !== "warm") continue;
    if (command.underlying === PAIRS) found = restored(command, onRefused) ?? found;
  }
  return found;
}

function restored(command: RegimeWarmCommand, onRefused: OnRefused): Comovement | undefined {
  try {
    const pairs = restoreComovement(command.snapshot as ComovementSnapshot);
    // Whatever history had made of them, the list has heard none of it.
    pairs.told = false;
    return pairs;
  } catch (cause) {
    const refusal = new RiskError("malformed_file", { path: PAIRS }, { cause });
    onRefused(cause instanceof RiskError ? cause : refusal, command);
    return undefined;
  }
}

function withCredits(
  outcome: PairsOutcome,
  { input }: Comovement,
  { answers: given, regimes }: FoldedTurn,
): readonly RegimeAnswer[] {
  const first = given.findIndex(({ kind }) => kind === "GridChange");
  if (first >= 0) return given.map((one, i) => (i === first ? credited(one, outcome) : one));
  const regime = input.pairs.flat().flatMap((id) => regimes.get(id) ?? [])[0];
  if (regime === undefined) return given;
  return [...answers(announced(regime)).map((one) => credited(one, outcome)), ...given];
}

/** What the pairs told last, said again, in a grid change that repeats what a member published. */
export function creditsAgain(
  pairs: Comovement,
  regimes: ReadonlyMap<string, RegimeState>,
): readonly RegimeAnswer[] {
  if (!pairs.told) return [];
  return withCredits(creditsNow(pairs), pairs, { regimes, names: [], answers: [] });
}

function credited(answer: RegimeAnswer, { credits, evidence }: PairsOutcome): RegimeAnswer {
  if (answer.kind !== "GridChange") return answer;
  return {
    ...answer,
    credits,
    evidence: { ...answer.evidence, comovement: evidence },
  } satisfies GridChangeCommand;
}
