/**
 * The pace: what hours and days of the terms come to in bars and blocks, worked out once.
 *
 * Every constant of a regime is a time, never a count, so that one market gives one range whatever
 * the bars are. What is shorter than a bar becomes one bar; rates are compounded over longer ones.
 */
import { pow } from "../core/math/pow.ts";
import type { RegimeTerms, TauKnot } from "./terms.ts";

const DAY_HOURS = 24;
const WEEKS_PER_YEAR = 52;
const MONTHS_PER_YEAR = 12;
/** Market hours of a block, and of the publisher's inner limit. */
const BLOCK_HOURS = 2;
/** Wall time that a move must stand before it opens the emergency lane. */
const PERSIST_MS = 600_000;
/** Bars in a market day at most: one-minute bars around the clock. */
export const DAY_BARS_MAX = 1440;

export interface Pace {
  readonly barMs: number;
  /** Bars in a market day; the horizon of the covered move. */
  readonly dayBars: number;
  /** Market hours of one bar. */
  readonly barHours: number;
  /** Bars in a block. */
  readonly blockBars: number;
  readonly dayBlocks: number;
  /** Blocks of a market day, week and month. */
  readonly harBlocks: { readonly day: number; readonly week: number; readonly month: number };
  /** Weight left to the past after so many bars, shape [blockBars + 1]. */
  readonly fastKeep: Float64Array;
  readonly slowKeep: Float64Array;
  /** Variance of a block at least. */
  readonly floorVariance: number;
  /** Prior variance of a block. */
  readonly priorVariance: number;
  readonly escapeBlocks: number;
  readonly windowReturns: number;
  /** Weight left to the past after one return. */
  readonly tailKeep: number;
  readonly tauOrdinary: number;
  readonly tauHeavy: number;
  /** Greatest relative move of T per block. */
  readonly slew: number;
  readonly calmBlocks: number;
  readonly sampleBars: number;
  readonly sampleCount: number;
  readonly sampleCountMin: number;
  /** Step of the tracker's log per kept window. */
  readonly gain: number;
  /** Factor over the lowest value of the last block's length. */
  readonly upStep: number;
  /** Factor over the lowest value of the last day. */
  readonly upDay: number;
  /** Factor of one bar's fall. */
  readonly down: number;
  readonly dwellBars: number;
  /** Values among which the maintenance range is the least. */
  readonly noticeBars: number;
  /** Bars in the ten minutes that a sudden move must stand; 0 on longer bars. */
  readonly persistBars: number;
  readonly longStaleBars: number;
  /** Factor of one bar's widening in a long silence. */
  readonly staleWiden: number;
  readonly holdBars: number;
  /** Daily values behind the medians of S and of the range. */
  readonly medianDays: number;
}

/** The pace of `terms` on bars of `barMs` wall milliseconds. */
export function paceOf(terms: RegimeTerms, barMs: number): Pace {
  const dayBars = atLeast(1, nearest(terms.calendar.openMs / barMs));
  const barHours = DAY_HOURS / dayBars;
  const bars = (hours: number): number => atLeast(1, nearest(hours / barHours));
  const blockBars = bars(BLOCK_HOURS);
  const clock = { barMs, dayBars, barHours, blockBars, bars, dayBlocks: dayBars / blockBars };
  return { ...clock, ...estimatorPace(terms, clock), ...publisherPace(terms, clock) };
}

interface Clock {
  readonly barMs: number;
  readonly dayBars: number;
  readonly barHours: number;
  readonly blockBars: number;
  readonly dayBlocks: number;
  /** Hours as bars, at least one. */
  readonly bars: (hours: number) => number;
}

function estimatorPace({ calendar, scale, kurtosis, level, prior }: RegimeTerms, clock: Clock) {
  const { dayBars, dayBlocks, blockBars, barHours } = clock;
  const blockHours = blockBars * barHours;
  const blocks = (hours: number): number => atLeast(1, nearest(hours / blockHours));
  const tau = knotAt(kurtosis.knots, blockHours);
  const sampleBars = clock.bars(level.sampleHours);
  const daysAsBlocks = (days: number): number => atLeast(1, nearest(days * dayBlocks));
  const samplesPerYear = (calendar.daysPerYear * dayBars) / sampleBars;
  return {
    harBlocks: {
      day: daysAsBlocks(1),
      week: daysAsBlocks(calendar.daysPerYear / WEEKS_PER_YEAR),
      month: daysAsBlocks(calendar.daysPerYear / MONTHS_PER_YEAR),
    },
    fastKeep: keeps(clock, atLeast(scale.fastHours, 2 * barHours)),
    slowKeep: keeps(clock, scale.slowDays * DAY_HOURS),
    floorVariance: (scale.floorReturn * scale.floorReturn * blockHours) / BLOCK_HOURS,
    priorVariance: (prior.annualVol * prior.annualVol) / (calendar.daysPerYear * dayBlocks),
    escapeBlocks: atLeast(2, blocks(scale.escapeHours)),
    windowReturns: atLeast(kurtosis.windowReturnsMin, nearest(kurtosis.windowDays * dayBlocks)),
    tailKeep: pow(0.5, 1 / (kurtosis.sigmaDays * dayBlocks)),
    tauOrdinary: tau.ordinary,
    tauHeavy: tau.heavy,
    slew: kurtosis.slewPerDay / dayBlocks,
    calmBlocks: blocks(kurtosis.calmDays * DAY_HOURS),
    sampleBars,
    sampleCount: nearest(level.lookbackYears * samplesPerYear),
    sampleCountMin: nearest(level.minimumYears * samplesPerYear),
    gain: (level.gain * sampleBars) / dayBars,
    holdBars: clock.bars(prior.holdDays * DAY_HOURS),
    medianDays: nearest(2 * calendar.daysPerYear),
  };
}

function publisherPace({ publisher, stale, noticeMs }: RegimeTerms, clock: Clock) {
  const { barHours, barMs } = clock;
  return {
    upStep: pow(1 + publisher.upPerTwoHours, atLeast(1, barHours / BLOCK_HOURS)),
    upDay: 1 + publisher.upPerDay,
    down: pow(1 - publisher.downPerDay, barHours / DAY_HOURS),
    dwellBars: clock.bars(publisher.dwellHours),
    noticeBars: atLeast(2, Math.floor(noticeMs / barMs) + 1),
    persistBars: Math.floor(PERSIST_MS / barMs),
    longStaleBars: atLeast(2, clock.bars(stale.longHours)),
    staleWiden: 1 + stale.widenPerHour * barHours,
  };
}

function keeps({ blockBars, barHours }: Clock, halfLifeHours: number): Float64Array {
  const keep = (_: number, bars: number): number => pow(0.5, (bars * barHours) / halfLifeHours);
  return Float64Array.from({ length: blockBars + 1 }, keep);
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
