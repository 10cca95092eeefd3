/**
 * The frame of a study: a file's bars on an even clock, and the worst move after each close.
 *
 * A continuous market has a bar for every stretch of time, so missing ones are filled in as
 * stale; a market with sessions has only the bars it has. The bar length and the bars of a market
 * day are those that occur most often in the file, never an assumption of ours.
 *
 *      M_i = max(highest of the next day / c_i - 1, 1 - lowest / c_i, 0)
 */
import { RiskError } from "../../core/errors.ts";
import { type Bar, flatBar, stretched } from "../bar.ts";
import type { RegimeTerms } from "../terms.ts";

const DAY_MS = 86_400_000;
/** Bars of a study at most, with those filled in. */
export const STUDY_BARS_MAX = 5_000_000;

export interface Frame {
  /** The class's terms with the market day that the file shows. */
  readonly terms: RegimeTerms;
  readonly barMs: number;
  readonly dayBars: number;
  readonly bars: readonly Bar[];
  /** 1 where the bar stands in the file, shape [bars]. */
  readonly listed: Uint8Array;
  /**
   * Worst move of the day after each close, shape [bars]; -1 where it is not known: too near the
   * end, after a close that was no price, or without one bar of the file.
   */
  readonly moves: Float64Array;
}

export function frameOf(listed: readonly Bar[], terms: RegimeTerms): Frame {
  const barMs = commonest(listed.slice(1).map((bar, i) => bar.openMs - listed[i]!.openMs));
  const continuous = terms.calendar.kind === "continuous";
  const dayBars = continuous ? Math.max(1, nearest(DAY_MS / barMs)) : barsADay(listed);
  const calendar = continuous ? terms.calendar : { ...terms.calendar, openMs: dayBars * barMs };
  const filled = continuous ? withGapsFilled(listed, barMs) : listed.map(stretched);
  const inFile = listedOf(filled, listed);
  return {
    terms: { ...terms, calendar },
    barMs,
    dayBars,
    bars: filled,
    listed: inFile,
    moves: worstMoves(filled, inFile, dayBars),
  };
}

/** End of a bar, ms since the epoch. */
export function closeMs({ bars, barMs }: Frame, index: number): number {
  return bars[index]!.openMs + barMs;
}

function barsADay(bars: readonly Bar[]): number {
  const counts = new Map<number, number>();
  for (const { openMs } of bars) {
    const day = Math.floor(openMs / DAY_MS);
    counts.set(day, (counts.get(day) ?? 0) + 1);
  }
  return commonest([...counts.values()]);
}

/** The value that occurs most often; the smallest of several. */
function commonest(values: readonly number[]): number {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  const ranked = [...counts].sort(([a, m], [b, n]) => n - m || a - b);
  return ranked[0]![0];
}

function withGapsFilled(listed: readonly Bar[], barMs: number): Bar[] {
  const bars: Bar[] = [];
  for (const bar of listed) {
    const before = bars.at(-1);
    const missing = before === undefined ? 0 : nearest((bar.openMs - before.openMs) / barMs) - 1;
    if (bars.length + missing > STUDY_BARS_MAX)
      throw new RiskError("limit_exceeded", { path: "bars", expected: `${STUDY_BARS_MAX}` });
    for (let i = 1; i <= missing; i++)
      bars.push(flatBar(before!.openMs + i * barMs, before!.close));
    bars.push(stretched(bar));
  }
  return bars;
}

function listedOf(filled: readonly Bar[], listed: readonly Bar[]): Uint8Array {
  const times = new Set(listed.map(({ openMs }) => openMs));
  return Uint8Array.from(filled, ({ openMs }) => (times.has(openMs) ? 1 : 0));
}

function worstMoves(bars: readonly Bar[], listed: Uint8Array, dayBars: number): Float64Array {
  const moves = new Float64Array(bars.length).fill(-1);
  let nextListed = bars.length;
  for (let i = bars.length - 1; i >= 0; i--) {
    const { close } = bars[i]!;
    if (i + dayBars < bars.length && close > 0 && nextListed <= i + dayBars)
      moves[i] = worstMove(bars, i, dayBars);
    if (listed[i] === 1) nextListed = i;
  }
  return moves;
}

function worstMove(bars: readonly Bar[], from: number, dayBars: number): number {
  const { close } = bars[from]!;
  let highest = close;
  let lowest = close;
  for (let j = from + 1; j <= from + dayBars; j++) {
    highest = Math.max(highest, bars[j]!.high);
    lowest = Math.min(lowest, bars[j]!.low);
  }
  return Math.max(highest / close - 1, 1 - lowest / close);
}

const nearest = (x: number): number => Math.floor(x + 0.5);
