/**
 * The last market day, bar by bar: what the move was since each close of it.
 *
 *      M = max(highest / c - 1, 1 - lowest / c, 0)        over the day that follows a close c
 *
 * A move is known when its day is over, and only then may it teach the level (no look-ahead). A
 * window that is mostly silence is none: it would teach a small move, and one that begins inside a
 * gap would take the move of the whole gap for that of a day.
 */
import type { Pace } from "./pace.ts";

/** Share of the bars of a day that must have had marks, or its move is not known. */
export const WINDOW_SHARE_MIN = 0.5;

export interface Day {
  /** Rings of shape [dayBars]; `next` is the oldest once full. */
  readonly high: Float64Array;
  readonly low: Float64Array;
  readonly close: Float64Array;
  /** 1 where the bar had marks. */
  readonly fresh: Float64Array;
  /** S T and the published initial range that stood at each close. */
  readonly scale: Float64Array;
  readonly range: Float64Array;
  next: number;
  count: number;
  /** The window that the newest bar completed; 0 when there is none. */
  move: number;
  scaleThen: number;
  rangeThen: number;
  /**
   * Whether there is such a window: from a close that was a price and stood in marks, with marks
   * in at least half of its bars.
   */
  known: boolean;
}

export function startDay({ dayBars }: Pace): Day {
  const column = (): Float64Array => new Float64Array(dayBars);
  return {
    high: column(),
    low: column(),
    close: column(),
    fresh: column(),
    scale: column(),
    range: column(),
    next: 0,
    count: 0,
    move: 0,
    scaleThen: 0,
    rangeThen: 0,
    known: false,
  };
}

/** Prices of the newest bar, and what stands at its close. */
export interface DayBar {
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly stale?: boolean;
}

/** Takes the newest bar in, and measures the window that it completes. */
export function foldDay(day: Day, { high, low, close, stale }: DayBar): void {
  const at = day.next;
  const base = day.close[at]!;
  const stood = day.count === day.close.length && base > 0 && day.fresh[at] === 1;
  day.scaleThen = day.scale[at]!;
  day.rangeThen = day.range[at]!;
  day.high[at] = high;
  day.low[at] = low;
  day.close[at] = close;
  day.fresh[at] = stale === true ? 0 : 1;
  day.known = stood && freshBars(day) >= WINDOW_SHARE_MIN * day.fresh.length;
  day.move = day.known ? worstMove(day, base) : 0;
}

/** Ends the newest bar: what stands from its close on. */
export function standFrom(day: Day, scale: number, range: number): void {
  day.scale[day.next] = scale;
  day.range[day.next] = range;
  day.next = day.next + 1 === day.close.length ? 0 : day.next + 1;
  day.count = Math.min(day.count + 1, day.close.length);
}

/** M over the scale of its close; 0 before a day is over, undefined where a gap spoilt it. */
export function ratioOf(day: Day, scaleThen: number): number | undefined {
  if (day.known) return scaleThen > 0 ? day.move / scaleThen : 0;
  return isSpoilt(day) ? undefined : 0;
}

/** Whether a day is over whose move a gap has hidden. */
export const isSpoilt = ({ known, count, close }: Day): boolean => !known && count === close.length;

function freshBars({ fresh }: Day): number {
  let count = 0;
  for (let i = 0; i < fresh.length; i++) count += fresh[i]!;
  return count;
}

function worstMove({ high, low }: Day, base: number): number {
  let highest = base;
  let lowest = base;
  for (let i = 0; i < high.length; i++) {
    if (high[i]! > highest) highest = high[i]!;
    if (low[i]! < lowest) lowest = low[i]!;
  }
  return Math.max(highest / base - 1, 1 - lowest / base);
}
