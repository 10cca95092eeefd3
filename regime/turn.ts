/**
 * A Turn as the regimes fold it, live, in a replay and in a simulation alike.
 *
 *      Turn ─► decisions (warm, freeze, release, override, parameters, coefficients)
 *           ─► index bars, then time where an index had none
 *           ─► what is to be published: commands for a later Turn
 *
 * A decision comes before the marks of its own Turn. It moves nothing that is published by itself;
 * only a warming, which comes before anything was, says what history made of the range. What does
 * not fit any more when its Turn is folded changes nothing and is told to `onRefused`, so that a
 * list that was once written can always be folded.
 */
import {
  type GridChangeCommand,
  type GridNoticeCommand,
  PAIRS,
  type RegimeCommand,
  type RegimeDecision,
} from "../core/engine/command.ts";
import type { Turn } from "../core/engine/turn.ts";
import { RiskError } from "../core/errors.ts";
import { withCoefficients } from "./challenger.ts";
import { harCoefficients } from "./har.ts";
import { foldIndex, foldTime } from "./live.ts";
import { announced, nothing, noticeFrom, noticeWithdrawn, type RegimeOutcome } from "./outcome.ts";
import { withTerms } from "./retune.ts";
import { type RegimeSnapshot, restoreRegime } from "./snapshot.ts";
import type { RegimeState } from "./state.ts";
import { freeze, override, release } from "./steer.ts";
import type { BoundTerms } from "./terms.ts";
import { changedTerms } from "./tunable.ts";

export type RegimeAnswer = GridChangeCommand | GridNoticeCommand;
export type OnRefused = (error: RiskError, command: RegimeCommand) => void;

/**
 * Folds `turn` into `regimes`, in place; a warming may add one.
 *
 * @param names by ordinal, as the fold of the Turn left them
 * @returns the commands that the regimes answer with
 */
export function foldRegimeTurn(
  regimes: Map<string, RegimeState>,
  turn: Turn,
  names: readonly { readonly id: string }[],
  onRefused: OnRefused = () => {},
): RegimeAnswer[] {
  const outcomes = turn.commands.flatMap((command) =>
    command.kind === "Regime" ? [decided(regimes, command, turn.at, onRefused)] : [],
  );
  const marked = new Set<string>();
  for (const bar of turn.index) {
    const underlying = names[bar.ordinal]!.id;
    const regime = regimes.get(underlying);
    if (regime === undefined) continue;
    marked.add(underlying);
    outcomes.push(foldIndex(regime, turn.at, { underlying, ...bar }));
  }
  if (turn.commands.some(({ kind }) => kind === "Tick")) {
    for (const underlying of [...regimes.keys()].sort())
      if (!marked.has(underlying)) outcomes.push(foldTime(regimes.get(underlying)!, turn.at));
  }
  return outcomes.flatMap(answers);
}

/** What a regime's outcome says to the list. */
export function answers({ change, notice }: RegimeOutcome): RegimeAnswer[] {
  const commands: RegimeAnswer[] = [];
  if (change !== undefined) {
    const { underlying, initial, maintenance, volScale, label, evidence } = change;
    commands.push({
      kind: "GridChange",
      underlying,
      slideRange: { initial: initial.slideRange, maintenance: maintenance.slideRange },
      volScale,
      label,
      evidence: { ...evidence },
    });
  }
  if (notice !== undefined) {
    const { underlying, target, effectiveAt } = notice;
    commands.push({ kind: "GridNotice", underlying, target, effectiveAt });
  }
  return commands;
}

function decided(
  regimes: Map<string, RegimeState>,
  command: RegimeCommand,
  at: number,
  onRefused: OnRefused,
): RegimeOutcome {
  try {
    // The pairs are restored by those who fold them (credits.ts).
    if (command.underlying === PAIRS && command.what === "warm") return nothing;
    if (command.what === "warm") return warm(regimes, command.underlying, command.snapshot);
    return decide(regimes, command, at);
  } catch (cause) {
    const { underlying: path } = command;
    const error =
      cause instanceof RiskError ? cause : new RiskError("malformed_file", { path }, { cause });
    onRefused(error, command);
    return nothing;
  }
}

function warm(
  regimes: Map<string, RegimeState>,
  underlying: string,
  snapshot: unknown,
): RegimeOutcome {
  const known = regimes.get(underlying);
  if (known !== undefined && known.history > 0)
    throw new RiskError("conflict", { path: "what", expected: "no history", found: "warm" });
  const regime = restoreRegime(snapshot as RegimeSnapshot);
  if (regime.underlying !== underlying)
    throw new RiskError("malformed_file", {
      path: "snapshot.state.underlying",
      expected: underlying,
      found: regime.underlying,
    });
  regimes.set(underlying, regime);
  return regime.history > 0 ? announced(regime) : nothing;
}

/** @throws RiskError when the decision does not fit the regime as it stands */
function decide(
  regimes: Map<string, RegimeState>,
  command: RegimeDecision,
  at: number,
): RegimeOutcome {
  const regime = regimes.get(command.underlying);
  if (regime === undefined)
    throw new RiskError("unknown_underlying", { path: "underlying", found: command.underlying });
  const { steer, published, terms } = regime;
  switch (command.what) {
    case "freeze": {
      const wasFrozen = steer.frozen;
      freeze(steer, published.initial, command.allowEmergency);
      return wasFrozen ? nothing : noticeWithdrawn(regime, at);
    }
    case "release": {
      const wasFrozen = steer.frozen;
      release(steer);
      return wasFrozen ? noticeFrom(regime) : nothing;
    }
    case "override":
      refuseBeyond(terms.range, command.range);
      override(steer, command.range, command.untilMs);
      return nothing;
    case "parameters":
      regimes.set(command.underlying, withTerms(regime, changedTerms(terms, command.changes)));
      return nothing;
    case "coefficients":
      regimes.set(
        command.underlying,
        withCoefficients(regime, harCoefficients(command.coefficients)),
      );
      return nothing;
  }
}

function refuseBeyond({ min, max }: BoundTerms, range: number): void {
  if (range >= min && range <= max) return;
  throw new RiskError("out_of_bounds", {
    path: "range",
    expected: `from ${min} to ${max}`,
    found: String(range),
  });
}
