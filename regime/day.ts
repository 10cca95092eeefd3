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
  /** Daily scale S that stood at each close. */
  readonly scale: Float64Array;
  next: number;
  count: number;
}

export function startDay({ dayBars }: Pace): Day {
  const column = (): Float64Array => new Float64Array(dayBars);
  const [high, low, close, scale] = [column(), column(), column(), column()];
  return { high, low, close, scale, next: 0, count: 0 };
}

/** A bar as the day keeps it, with the scale that stands at its close. */
export interface DayBar {
  readonly high: number;
  readonly low: number;
  readonly close: number;
}

/**
 * Takes the newest bar in.
 *
 * @returns M / S of the window that ends with it, S being what stood at its start; undefined while
 * there is no whole day, or where its first close was no price
 */
export function foldDay(day: Day, bar: DayBar, scale: number): number | undefined {
  const { next } = day;
  const full = day.count === day.close.length;
  const base = day.close[next]!;
  const scaleThen = day.scale[next]!;
  day.high[next] = bar.high;
  day.low[next] = bar.low;
  day.close[next] = bar.close;
  day.scale[next] = scale;
  day.next = next + 1 === day.close.length ? 0 : next + 1;
  if (!full) day.count += 1;
  return full && base > 0 ? worstMove(day, base) / scaleThen : undefined;
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
