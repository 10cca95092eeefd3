/**
 * A shadow: the regime as it would go on under a proposal, beside the one that is published.
 *
 * It starts as a copy and folds the same Turns, so that after an hour it can be seen what would
 * have come out. Nothing of it is ever published.
 */
import type { Turn } from "../../../core/engine/turn.ts";
import { RiskError } from "../../../core/errors.ts";
import {
  changedTerms,
  destination,
  foldRegimeTurn,
  harCoefficients,
  type RegimeState,
  regimeView,
  restoreRegime,
  snapshotRegime,
  withCoefficients,
  withTerms,
} from "../../../regime/index.ts";
import type { Wanted } from "./proposal.ts";

export interface ShadowView {
  /** Market time at which it began, and how long it has run, ms. */
  readonly fromMs: number;
  readonly ranMs: number;
  /** Bars that it has folded. */
  readonly bars: number;
  readonly live: ShadowSide;
  readonly proposed: ShadowSide;
  /** Largest difference of the unrounded ranges at a close, fraction of the live one. */
  readonly differenceMax: number;
}

/** Fractions. */
export interface ShadowSide {
  readonly target: number;
  /** Where it heads if the market stays as it is. */
  readonly destination: number;
  readonly initial: number;
  readonly maintenance: number;
  readonly volScale: number;
}

export interface Shadow {
  /** Takes a Turn in that the live regime has folded. */
  fold(turn: Turn, names: readonly { readonly id: string }[], live: RegimeState): void;
  view(live: RegimeState, atMs: number): ShadowView;
  /** Why it cannot go on; undefined: it can. */
  failed(): RiskError | undefined;
}

/** What a regime can be asked to go on under. */
export type Shadowed = Extract<Wanted, { readonly what: "parameters" | "coefficients" }>;

/** @throws RiskError when the changes do not fit the regime */
export function openShadow(live: RegimeState, wanted: Shadowed, fromMs: number): Shadow {
  const { underlying } = live;
  const regimes = new Map([[underlying, changed(restoreRegime(snapshotRegime(live)), wanted)]]);
  const proposed = (): RegimeState => regimes.get(underlying)!;
  let bars = 0;
  let closedMs = live.openMs;
  let differenceMax = 0;
  let failed: RiskError | undefined;
  return {
    fold(turn, names, now) {
      if (failed !== undefined) return;
      // Decisions about the live regime make the proposal void: they are not folded here.
      const commands = turn.commands.filter(({ kind }) => kind !== "Regime");
      try {
        foldRegimeTurn(regimes, { ...turn, commands }, names);
      } catch (error) {
        failed = error instanceof RiskError ? error : new RiskError("invariant_broken", {});
        return;
      }
      if (now.openMs === closedMs) return;
      bars += Math.round((now.openMs - closedMs) / now.pace.barMs);
      closedMs = now.openMs;
      const difference = Math.abs(proposed().range.value / now.range.value - 1);
      differenceMax = Math.max(differenceMax, difference);
    },
    view: (now, atMs) => ({
      ...{ fromMs, ranMs: atMs - fromMs, bars, differenceMax },
      live: sideOf(now),
      proposed: sideOf(proposed()),
    }),
    failed: () => failed,
  };
}

function changed(copy: RegimeState, wanted: Shadowed): RegimeState {
  if (wanted.what === "parameters") {
    return withTerms(copy, changedTerms(copy.terms, wanted.changes));
  }
  return withCoefficients(copy, harCoefficients(wanted.coefficients));
}

function sideOf(regime: RegimeState): ShadowSide {
  const { target, initial, maintenance, volScale } = regimeView(regime);
  return { target, destination: destination(regime), initial, maintenance, volScale };
}
