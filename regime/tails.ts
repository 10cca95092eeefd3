/**
 * Tails: how far recent returns are from normal, whatever their size, and what that adds.
 *
 * Each return is divided by the sigma that stood before it, or the clustering of vol would read as
 * kurtosis. Of a month of them, L-kurtosis (Hosking 1990) less its normal value is `tau`:
 *
 *      tau = L4 / L2 - 0.1226        normal 0, t6 0.056, t4 0.091, t3 0.135
 *
 * It tells t4 from a normal twelve times better than the moment kurtosis does, and one 15-sigma
 * print moves it by 0.05 instead of 51. The factor T is bounded and slow, for tails that were heavy
 * say little about the next day once the vol is known: T is a policy, not a forecast.
 *
 *      T = low + (1 - low) max(tau, 0) / ordinary                     up to the ordinary tau
 *      T = 1 + (high - 1) (tau - ordinary) / (heavy - ordinary)       above, at most `high`
 */
import { log } from "../core/math/log.ts";
import { type OrderWindow, orderWindow, push } from "./order-window.ts";
import type { Pace } from "./pace.ts";
import type { KurtosisTerms } from "./terms.ts";

/** L-kurtosis of a normal distribution: 30 atan(√2)/π - 9, to four digits. */
const NORMAL_L_KURTOSIS = 0.1226;

export interface Tails {
  /** Variance of one return, slow. */
  variance: number;
  /** Close at the end of the last return; 0 before the first. */
  anchor: number;
  /** Newest usable close; 0 when there was none since the anchor. */
  close: number;
  /** Bars since the last boundary of returns. */
  bars: number;
  /** Boundaries without a return since the anchor. */
  missed: number;
  /** Standardised returns. */
  readonly window: OrderWindow;
  /** L-kurtosis less the normal's; means nothing until the window is full. */
  tau: number;
  factor: number;
  /** Bars on end with tau below the ordinary one. */
  calmBars: number;
}

export function startTails(pace: Pace): Tails {
  return {
    variance: pace.priorVariance * pace.returnBars,
    anchor: 0,
    close: 0,
    bars: 0,
    missed: 0,
    window: orderWindow(pace.windowReturns),
    tau: 0,
    factor: 1,
    calmBars: 0,
  };
}

/** One bar passed, with this close; 0 when it brought no mark. */
export function foldTails(t: Tails, pace: Pace, terms: KurtosisTerms, close: number): void {
  if (close > 0) t.close = close;
  t.bars += 1;
  if (t.bars >= pace.returnBars) endReturn(t, pace, terms.clip);
  if (close > 0) slewFactor(t, pace, terms);
}

function endReturn(t: Tails, pace: Pace, clip: number): void {
  t.bars = 0;
  if (t.close === 0) {
    t.missed += 1;
    return;
  }
  if (t.anchor > 0) {
    const spread = log(t.close / t.anchor) / Math.sqrt(t.missed + 1);
    const z = clamp(spread / Math.sqrt(t.variance), -clip, clip);
    t.variance *= pace.tailKeep + (1 - pace.tailKeep) * z * z;
    t.variance = Math.max(t.variance, pace.floorVariance * pace.returnBars);
    push(t.window, z);
    if (tauKnown(t)) t.tau = lKurtosis(t.window) - NORMAL_L_KURTOSIS;
  }
  t.anchor = t.close;
  t.close = 0;
  t.missed = 0;
}

/** Whether the window is full, so that `tau` and the factor speak of this market. */
export function tauKnown({ window }: Tails): boolean {
  return window.count === window.ring.length;
}

/** L4 / L2 of a full window, unbiased, from its order statistics; the normal's when all are equal. */
export function lKurtosis({ sorted, count }: OrderWindow): number {
  let b0 = 0;
  let b1 = 0;
  let b2 = 0;
  let b3 = 0;
  for (let i = 0; i < count; i++) {
    const first = i / (count - 1);
    const second = (first * (i - 1)) / (count - 2);
    const third = (second * (i - 2)) / (count - 3);
    const x = sorted[i]!;
    b0 += x;
    b1 += first * x;
    b2 += second * x;
    b3 += third * x;
  }
  const l2 = 2 * b1 - b0;
  return l2 > 0 ? (20 * b3 - 30 * b2 + 12 * b1 - b0) / l2 : NORMAL_L_KURTOSIS;
}

/** T of a tau, before its slew. */
export function kurtosisFactor(tau: number, pace: Pace, { low, high }: KurtosisTerms): number {
  const { tauOrdinary, tauHeavy } = pace;
  if (tau <= tauOrdinary) return low + ((1 - low) * Math.max(tau, 0)) / tauOrdinary;
  const excess = (tau - tauOrdinary) / (tauHeavy - tauOrdinary);
  return Math.min(1 + (high - 1) * excess, high);
}

function slewFactor(t: Tails, pace: Pace, terms: KurtosisTerms): void {
  if (!tauKnown(t)) return;
  t.calmBars = t.tau < pace.tauOrdinary ? t.calmBars + 1 : 0;
  const wanted = kurtosisFactor(t.tau, pace, terms);
  const allowed = t.calmBars >= pace.calmBars ? wanted : Math.max(1, wanted);
  t.factor = clamp(allowed, t.factor * (1 - pace.slew), t.factor * (1 + pace.slew));
}

const clamp = (x: number, low: number, high: number): number => Math.max(low, Math.min(high, x));
