/**
 * The last market day, bar by bar: what the move was since each close of it.
 *
 *      M = max(highest / c - 1, 1 - lowest / c, 0)        over the day that follows a close c
 *
 * A move is known when its day is over, and only then may it teach the level (no look-ahead).
 */
import type { Pace } from "./pace.ts";

export interface Day {
  /** Rings of shape [dayBars]; `next` is the oldest once full. */
  readonly high: Float64Array;
  readonly low: Float64Array;
  readonly close: Float64Array;
  /** S T and the published initial range that stood at each close. */
  readonly scale: Float64Array;
  readonly range: Float64Array;
  next: number;
  count: number;
  /** The window that the newest bar completed; 0 when there is none. */
  move: number;
  scaleThen: number;
  rangeThen: number;
  /** Whether there is such a window, from a close that was a price. */
  known: boolean;
}

export function startDay({ dayBars }: Pace): Day {
  const column = (): Float64Array => new Float64Array(dayBars);
  return {
    high: column(),
    low: column(),
    close: column(),
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
}

/** Takes the newest bar in, and measures the window that it completes. */
export function foldDay(day: Day, { high, low, close }: DayBar): void {
  const at = day.next;
  const base = day.close[at]!;
  day.known = day.count === day.close.length && base > 0;
  day.scaleThen = day.scale[at]!;
  day.rangeThen = day.range[at]!;
  day.high[at] = high;
  day.low[at] = low;
  day.close[at] = close;
  day.move = day.known ? worstMove(day, base) : 0;
}

/** Ends the newest bar: what stands from its close on. */
export function standFrom(day: Day, scale: number, range: number): void {
  day.scale[day.next] = scale;
  day.range[day.next] = range;
  day.next = day.next + 1 === day.close.length ? 0 : day.next + 1;
  day.count = Math.min(day.count + 1, day.close.length);
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
