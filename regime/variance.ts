/**
 * Variance of a bar, and its average at two speeds.
 *
 *      x  = g² / (missed + 1) + max(RS, (ln C/O)² / 4)        g = ln(O / previous C)
 *      RS = ln(H/O) ln(H/C) + ln(L/O) ln(L/C)
 *
 * Rogers and Satchell's estimator is free of drift but exactly 0 for a bar that only falls, which is
 * what a crash looks like; hence the second term. A file of closes has O = H = L = C, so x = g².
 *
 * Two hours of variance count up to `winsor` times the larger speed, so one bad print cannot set the
 * scale for days; the limit is on two hours, not on a bar, or five-minute bars, whose tails are
 * heavier, would be clipped for being short. Clipping that lasts `escapeBars` was no bad print: the
 * raw value is taken, or a flat start would hold the scale down for ever.
 */
import { log } from "../core/math/log.ts";
import type { Bar } from "./bar.ts";
import type { Pace } from "./pace.ts";

export interface Variance {
  /** Per bar. */
  fast: number;
  slow: number;
  /** Close of the last usable bar; 0 before the first. */
  previousClose: number;
  /** Bars without marks since. */
  missed: number;
  /** Bars on end whose last two hours were over the limit. */
  overBars: number;
  /** Variances of the last two hours, as seen and as counted, rings of shape [stepBars]. */
  readonly seen: Float64Array;
  readonly counted: Float64Array;
  next: number;
}

export function startVariance({ priorVariance, stepBars }: Pace): Variance {
  return {
    fast: priorVariance,
    slow: priorVariance,
    previousClose: 0,
    missed: 0,
    overBars: 0,
    seen: new Float64Array(stepBars),
    counted: new Float64Array(stepBars),
    next: 0,
  };
}

/** Folds a usable bar in. */
export function foldVariance(v: Variance, pace: Pace, winsor: number, bar: Bar): void {
  const x = counted(v, pace, winsor, Math.max(barVariance(v, bar), pace.floorVariance));
  v.fast = pace.fastKeep * v.fast + (1 - pace.fastKeep) * x;
  v.slow = pace.slowKeep * v.slow + (1 - pace.slowKeep) * x;
  v.previousClose = bar.close;
  v.missed = 0;
}

/** A bar without marks: the estimators stand still, the gap grows. */
export function missBar(v: Variance): void {
  v.missed += 1;
  v.overBars = 0;
  v.seen[v.next] = 0;
  v.counted[v.next] = 0;
  v.next = v.next + 1 === v.seen.length ? 0 : v.next + 1;
}

function barVariance({ previousClose, missed }: Variance, bar: Bar): number {
  const body = log(bar.close / bar.open);
  const inside =
    log(bar.high / bar.open) * log(bar.high / bar.close) +
    log(bar.low / bar.open) * log(bar.low / bar.close);
  const gap = previousClose > 0 ? log(bar.open / previousClose) : 0;
  return (gap * gap) / (missed + 1) + Math.max(inside, 0.25 * body * body);
}

function counted(v: Variance, pace: Pace, winsor: number, raw: number): number {
  v.seen[v.next] = raw;
  v.counted[v.next] = 0;
  const limit = winsor * Math.max(v.fast, v.slow) * pace.stepBars;
  const over = total(v.seen) > limit;
  v.overBars = over ? v.overBars + 1 : 0;
  const clip = over && v.overBars < pace.escapeBars;
  const x = clip ? Math.max(Math.min(raw, limit - total(v.counted)), pace.floorVariance) : raw;
  v.counted[v.next] = x;
  v.next = v.next + 1 === v.seen.length ? 0 : v.next + 1;
  return x;
}

function total(ring: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < ring.length; i++) sum += ring[i]!;
  return sum;
}
