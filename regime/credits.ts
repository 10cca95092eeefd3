/**
 * Credits as the list says them: in a grid change, with the figures behind them.
 *
 * The pairs fold a Turn after the regimes did, and what they answer travels with what the regimes
 * answer: in the first grid change of the Turn, or in one that repeats what a member has published.
 */
import type { GridChangeCommand } from "../core/engine/command.ts";
import type { Turn } from "../core/engine/turn.ts";
import { type Comovement, foldPairs, type PairsOutcome } from "./comovement.ts";
import { announced } from "./outcome.ts";
import type { RegimeState } from "./state.ts";
import { answers, type RegimeAnswer } from "./turn.ts";

/** What the regimes made of the same Turn. */
export interface FoldedTurn {
  readonly regimes: ReadonlyMap<string, RegimeState>;
  /** Names by ordinal, as the fold of the Turn left them. */
  readonly names: readonly { readonly id: string }[];
  readonly answers: readonly RegimeAnswer[];
}

/** Folds `turn` into the pairs, in place; the answers of all, with the credits where one moved. */
export function foldPairsTurn(c: Comovement, turn: Turn, folded: FoldedTurn): RegimeAnswer[] {
  const { regimes, names } = folded;
  const marks = turn.index.map((bar) => ({ underlying: names[bar.ordinal]!.id, ...bar }));
  const outcome = foldPairs(c, { at: turn.at, marks, regimes });
  return outcome === undefined ? [...folded.answers] : withCredits(outcome, c, folded);
}

function withCredits(outcome: PairsOutcome, c: Comovement, folded: FoldedTurn): RegimeAnswer[] {
  const first = folded.answers.findIndex(({ kind }) => kind === "GridChange");
  if (first >= 0)
    return folded.answers.map((answer, i) => (i === first ? credited(answer, outcome) : answer));
  const regime = c.input.pairs.flat().flatMap((id) => folded.regimes.get(id) ?? [])[0];
  if (regime === undefined) return [...folded.answers];
  return [...answers(announced(regime)).map((one) => credited(one, outcome)), ...folded.answers];
}

function credited(answer: RegimeAnswer, { credits, evidence }: PairsOutcome): RegimeAnswer {
  if (answer.kind !== "GridChange") return answer;
  return {
    ...answer,
    credits,
    evidence: { ...answer.evidence, comovement: evidence },
  } satisfies GridChangeCommand;
}
