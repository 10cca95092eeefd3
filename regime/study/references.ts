/**
 * What any range must be measured against: ranges that never move, and RiskMetrics' EWMA.
 *
 *      s² = λ s² + (1 - λ) r²        r: log return from one main close to the next
 *      R  = k s                       k: quantile of M / s over 1,000 days, sampled every 8 hours
 *
 * s² starts at the mean of the first 30 squared returns. Both are worked out once a day.
 */
import { log } from "../../core/math/log.ts";
import { orderWindow, push, quantile } from "../order-window.ts";
import type { Frame } from "./frame.ts";
import { isMainClose } from "./phases.ts";

const FIRST_RETURNS = 30;
const LOOKBACK_DAYS = 1000;
const SAMPLE_HOURS = 8;
const DAY_HOURS = 24;

/** The same range at every close. */
export function staticRange({ bars }: Frame, range: number): Float64Array {
  return new Float64Array(bars.length).fill(range);
}

/** Range of an EWMA with a level by filtered simulation; 0 until both are known. */
export function ewmaRange(frame: Frame, lambda: number, coverage: number): Float64Array {
  const { bars, moves, dayBars } = frame;
  const sigma = dailySigma(frame, lambda);
  const sampleBars = Math.max(1, Math.floor((SAMPLE_HOURS * dayBars) / DAY_HOURS + 0.5));
  const ratios = orderWindow(Math.floor((LOOKBACK_DAYS * dayBars) / sampleBars));
  const range = new Float64Array(bars.length);
  let current = 0;
  for (let i = 0; i < bars.length; i++) {
    const done = i - dayBars;
    if (done >= 0 && done % sampleBars === 0 && sigma[done]! > 0 && moves[done]! >= 0)
      push(ratios, moves[done]! / sigma[done]!);
    if (isMainClose(frame, i)) current = (quantile(ratios, coverage) ?? 0) * sigma[i]!;
    range[i] = current;
  }
  return range;
}

/** The daily sigma that stands at each close; 0 until the first 30 returns are in. */
function dailySigma(frame: Frame, lambda: number): Float64Array {
  const sigma = new Float64Array(frame.bars.length);
  let before = 0;
  let count = 0;
  let variance = 0;
  for (let i = 0; i < sigma.length; i++) {
    const { close } = frame.bars[i]!;
    if (isMainClose(frame, i) && close > 0) {
      const square = before > 0 ? log(close / before) * log(close / before) : 0;
      if (before > 0) count += 1;
      if (count > FIRST_RETURNS) variance = lambda * variance + (1 - lambda) * square;
      else variance += square / FIRST_RETURNS;
      before = close;
    }
    sigma[i] = count >= FIRST_RETURNS ? Math.sqrt(variance) : 0;
  }
  return sigma;
}
