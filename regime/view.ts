/**
 * What a regime shows of itself: the stream of one underlying, as plain figures.
 */
import { actingOf, type ChallengerScore, challengerScore } from "./challenger.ts";
import type { Label } from "./label.ts";
import { levelOf } from "./level.ts";
import { type Evidence, evidence } from "./outcome.ts";
import type { Limiter } from "./publisher.ts";
import { type ScoreView, scoreView } from "./score.ts";
import type { RegimeState } from "./state.ts";
import { tauKnown } from "./tails.ts";

export interface RegimeView extends Evidence {
  readonly underlying: string;
  readonly label: Label;
  /** Published, as margins use them. */
  readonly initial: number;
  readonly maintenance: number;
  readonly volScale: number;
  /** The level that does not act, for comparison. */
  readonly kShadow: number;
  /** Realised vol at both speeds, annualised fractions, from ranges of bars. */
  readonly realisedVolFast: number;
  readonly realisedVolSlow: number;
  /** Excess moment kurtosis of the window of returns; reported, never steering. */
  readonly kurtosis: number | undefined;
  /** Share of what is shown that rests on this market's own history, 0 to 1. */
  readonly warm: number;
  /** What keeps the vol scale from its target. */
  readonly volLimiter: Limiter;
  /** Whether what is published is held by somebody's decision. */
  readonly frozen: boolean;
  /** An operator's range in place of the target, and when it ends (market time, ms). */
  readonly override: { readonly range: number; readonly untilMs: number } | null;
  /** How often the published range was exceeded. */
  readonly score: ScoreView;
  /** How the scale that does not act would have done; undefined without coefficients. */
  readonly challengerScore: ChallengerScore | undefined;
}

export function regimeView(s: RegimeState): RegimeView {
  const shown = evidence(s);
  const year = Math.sqrt(s.terms.calendar.daysPerYear);
  return {
    ...shown,
    underlying: s.underlying,
    label: s.label,
    initial: s.published.initial,
    maintenance: s.published.maintenance,
    volScale: s.published.volScale,
    kShadow: levelOf(actingOf(s).level, s.terms.level.mode === "fhs" ? "track" : "fhs"),
    realisedVolFast: shown.sigmaFast * year,
    realisedVolSlow: shown.sigmaSlow * year,
    kurtosis: tauKnown(s.tails) ? excessKurtosis(s.tails.window.ring) : undefined,
    warm: 1 - s.priorShare,
    volLimiter: s.vol.limiter,
    frozen: s.steer.frozen,
    override: s.steer.range > 0 ? { range: s.steer.range, untilMs: s.steer.untilMs } : null,
    score: scoreView(s.score, s.terms.coverage),
    challengerScore: challengerScore(s),
  };
}

/** Fisher's, without small-sample correction; undefined for a flat sample. */
function excessKurtosis(xs: Float64Array): number | undefined {
  let mean = 0;
  for (const x of xs) mean += x / xs.length;
  let m2 = 0;
  let m4 = 0;
  for (const x of xs) {
    const square = (x - mean) * (x - mean);
    m2 += square;
    m4 += square * square;
  }
  return m2 > 0 ? (xs.length * m4) / (m2 * m2) - 3 : undefined;
}
