/**
 * Tails: how far recent returns are from normal, whatever their size, and what that adds.
 *
 * The return of each block is divided by the sigma that stood before it, or the clustering of vol
 * would read as kurtosis. Of a month of them, L-kurtosis (Hosking 1990) less its normal value is
 * tau:
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
import type { Block } from "./block.ts";
import { type OrderWindow, orderWindow, push } from "./order-window.ts";
import type { Pace } from "./pace.ts";
import type { KurtosisTerms } from "./terms.ts";

/** L-kurtosis of a normal distribution, 30 atan(√2) / π - 9, to four digits. */
const NORMAL_L_KURTOSIS = 0.1226;

export interface Tails {
  /** Variance of a block's return, slow. */
  variance: number;
  /** Close of the last block that had one; 0 before the first. */
  previousClose: number;
  /** Blocks without marks since. */
  missed: number;
  /** Standardised returns. */
  readonly window: OrderWindow;
  /** L-kurtosis less the normal's; means nothing until the window is full. */
  tau: number;
  factor: number;
  /** Blocks on end with tau below the ordinary one. */
  calmBlocks: number;
}

export function startTails({ priorVariance, windowReturns }: Pace): Tails {
  return {
    variance: priorVariance,
    previousClose: 0,
    missed: 0,
    window: orderWindow(windowReturns),
    tau: 0,
    factor: 1,
    calmBlocks: 0,
  };
}

/** A block is over; one without marks only widens the gap. */
export function foldTails(t: Tails, pace: Pace, terms: KurtosisTerms, block: Block): void {
  if (block.fresh === 0) {
    t.missed += 1;
    return;
  }
  if (t.previousClose > 0) foldReturn(t, pace, terms.clip, block.close);
  t.previousClose = block.close;
  t.missed = 0;
  if (tauKnown(t)) slewFactor(t, pace, terms);
}

/** The return since the last close, as one return spread over the gap. */
function foldReturn(t: Tails, pace: Pace, clip: number, close: number): void {
  const spread = log(close / t.previousClose) / Math.sqrt(t.missed + 1);
  const z = clamp(spread / Math.sqrt(t.variance), -clip, clip);
  const next = t.variance * (pace.tailKeep + (1 - pace.tailKeep) * z * z);
  t.variance = Math.max(next, pace.floorVariance);
  push(t.window, z);
  if (tauKnown(t)) t.tau = lKurtosis(t.window) - NORMAL_L_KURTOSIS;
}

/** Whether the window is full, so that `tau` and the factor speak of this market. */
export function tauKnown({ window }: Tails): boolean {
  return window.count === window.ring.length;
}

/** L4 / L2, unbiased, of at least four values; the normal's when all are equal. */
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
  t.calmBlocks = t.tau < pace.tauOrdinary ? t.calmBlocks + 1 : 0;
  const wanted = kurtosisFactor(t.tau, pace, terms);
  const allowed = t.calmBlocks >= pace.calmBlocks ? wanted : Math.max(1, wanted);
  t.factor = clamp(allowed, t.factor * (1 - pace.slew), t.factor * (1 + pace.slew));
}

const clamp = (x: number, low: number, high: number): number => Math.max(low, Math.min(high, x));
