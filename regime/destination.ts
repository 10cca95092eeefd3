/**
 * Where a regime is heading: its target if the market stayed as it is, under the terms that it has.
 *
 * The target itself follows bar by bar, its kurtosis term at a slew and its level with the next
 * window. Whoever weighs a change of terms must see where that leads before the first bar. What a
 * half-life leads to depends on bars that are yet to come, and is not in it.
 */
import { actingOf, harActs } from "./challenger.ts";
import { dampedScale } from "./fold.ts";
import { levelOf } from "./level.ts";
import { quantile } from "./order-window.ts";
import type { RegimeState } from "./state.ts";
import { kurtosisFactor, tauKnown } from "./tails.ts";

/** Fraction, within the terms' bounds. The state is not changed. */
export function destination(s: RegimeState): number {
  const { pace, terms, tails } = s;
  const factor = tauKnown(tails) ? kurtosisFactor(tails.tau, pace, terms.kurtosis) : tails.factor;
  const scale = harActs(s) ? s.challenger.scale : dampedScale(s);
  const plain = settledLevel(s) * scale * factor;
  const held = s.history < pace.holdBars ? Math.max(plain, terms.prior.range) : plain;
  return Math.max(terms.range.min, Math.min(terms.range.max, held));
}

function settledLevel(s: RegimeState): number {
  const { pace, terms } = s;
  const { level } = actingOf(s);
  const { mode, min, max } = terms.level;
  if (mode !== "fhs" || level.ratios.count < pace.sampleCountMin) return levelOf(level, mode);
  return Math.max(min, Math.min(max, quantile(level.ratios, terms.coverage)!));
}
