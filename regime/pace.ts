/**
 * The pace: what hours and days of the terms come to in bars, worked out once.
 *
 * Every constant of a regime is a time, never a count, so that one market gives one range whatever
 * the bars are. What is shorter than a bar becomes one bar; rates are compounded over longer ones.
 */
import { pow } from "../core/math/pow.ts";
import type { RegimeTerms, TauKnot } from "./terms.ts";

const DAY_HOURS = 24;
/** The clock of the winsor, the tails and the publisher's inner limit, market hours. */
const STEP_HOURS = 2;
/** Bars in a market day at most: one-minute bars around the clock. */
export const DAY_BARS_MAX = 1440;

export interface Pace {
  readonly barMs: number;
  /** Bars in a market day; the horizon of the covered move. */
  readonly dayBars: number;
  /** Market hours of one bar. */
  readonly barHours: number;
  /** Weight left to the past after one bar. */
  readonly fastKeep: number;
  readonly slowKeep: number;
  /** Variance of a bar at least. */
  readonly floorVariance: number;
  /** Prior variance of a bar. */
  readonly priorVariance: number;
  /** Bars in two hours. */
  readonly stepBars: number;
  readonly escapeBars: number;
  /** Bars to one standardised return. */
  readonly returnBars: number;
  readonly windowReturns: number;
  /** Weight left to the past after one return. */
  readonly tailKeep: number;
  readonly tauOrdinary: number;
  readonly tauHeavy: number;
  /** Greatest relative move of T per bar. */
  readonly slew: number;
  readonly calmBars: number;
  readonly sampleBars: number;
  readonly sampleCount: number;
  readonly sampleCountMin: number;
  /** Step of the tracker's log per kept window. */
  readonly gain: number;
  /** Factor over the lowest value of the last two hours. */
  readonly upStep: number;
  readonly upDay: number;
  /** Factor of one bar's fall. */
  readonly down: number;
  readonly dwellBars: number;
  /** Values among which the maintenance range is the least. */
  readonly noticeBars: number;
  readonly longStaleBars: number;
  /** Factor of one bar's widening in a long silence. */
  readonly staleWiden: number;
  readonly holdBars: number;
  /** Daily values behind the medians of S and of the range. */
  readonly medianDays: number;
}

/** The pace of `terms` on bars of `barMs` wall milliseconds. */
export function paceOf(terms: RegimeTerms, barMs: number): Pace {
  const { calendar, scale, kurtosis, level, publisher, stale, prior } = terms;
  const dayBars = atLeast(1, nearest(calendar.openMs / barMs));
  const barHours = DAY_HOURS / dayBars;
  const bars = (hours: number): number => atLeast(1, nearest(hours / barHours));
  const days = (count: number): number => bars(count * DAY_HOURS);
  const keep = (bars: number, halfLifeHours: number): number =>
    pow(0.5, (bars * barHours) / halfLifeHours);
  const returnBars = bars(kurtosis.returnHours);
  const returnHours = returnBars * barHours;
  const sampleBars = bars(level.sampleHours);
  const samplesPerYear = (calendar.daysPerYear * dayBars) / sampleBars;
  const tau = knotAt(kurtosis.knots, returnHours);
  return {
    barMs,
    dayBars,
    barHours,
    fastKeep: keep(1, atLeast(scale.fastHours, 2 * barHours)),
    slowKeep: keep(1, scale.slowDays * DAY_HOURS),
    floorVariance: (scale.floorReturn * scale.floorReturn * barHours) / STEP_HOURS,
    priorVariance: (prior.annualVol * prior.annualVol) / (calendar.daysPerYear * dayBars),
    stepBars: bars(STEP_HOURS),
    escapeBars: atLeast(2, bars(scale.escapeHours)),
    returnBars,
    windowReturns: atLeast(
      kurtosis.windowReturnsMin,
      nearest((kurtosis.windowDays * DAY_HOURS) / returnHours),
    ),
    tailKeep: keep(returnBars, kurtosis.sigmaDays * DAY_HOURS),
    tauOrdinary: tau.ordinary,
    tauHeavy: tau.heavy,
    slew: (kurtosis.slewPerDay * barHours) / DAY_HOURS,
    calmBars: days(kurtosis.calmDays),
    sampleBars,
    sampleCount: nearest(level.lookbackYears * samplesPerYear),
    sampleCountMin: nearest(level.minimumYears * samplesPerYear),
    gain: (level.gain * sampleBars) / dayBars,
    upStep: pow(1 + publisher.upPerTwoHours, atLeast(1, barHours / STEP_HOURS)),
    upDay: 1 + publisher.upPerDay,
    down: pow(1 - publisher.downPerDay, barHours / DAY_HOURS),
    dwellBars: bars(publisher.dwellHours),
    noticeBars: atLeast(2, Math.floor(terms.noticeMs / barMs) + 1),
    longStaleBars: atLeast(2, bars(stale.longHours)),
    staleWiden: 1 + stale.widenPerHour * barHours,
    holdBars: days(prior.holdDays),
    medianDays: nearest(2 * calendar.daysPerYear),
  };
}

/** The knot for a return length: linear in hours between two, the nearest outside. */
function knotAt(knots: readonly TauKnot[], hours: number): TauKnot {
  let lower = knots[0]!;
  for (const upper of knots) {
    if (upper.returnHours >= hours) return between(lower, upper, hours);
    lower = upper;
  }
  return lower;
}

function between(lower: TauKnot, upper: TauKnot, hours: number): TauKnot {
  const span = upper.returnHours - lower.returnHours;
  const share = span > 0 ? Math.max(0, hours - lower.returnHours) / span : 0;
  return {
    returnHours: hours,
    ordinary: lower.ordinary + share * (upper.ordinary - lower.ordinary),
    heavy: lower.heavy + share * (upper.heavy - lower.heavy),
  };
}

const nearest = (x: number): number => Math.floor(x + 0.5);
const atLeast = (least: number, x: number): number => Math.max(least, x);
