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
import { type Bar, flatBar } from "../bar.ts";
import { WINDOW_SHARE_MIN } from "../day.ts";
import type { RegimeTerms } from "../terms.ts";
import { type Gap, gapsOf } from "./gaps.ts";
import { mainPhaseOf } from "./main-phase.ts";
import { type ScreenTally, screened } from "./screen.ts";

const DAY_MS = 86_400_000;
/** Bars of a study at most, with those filled in. */
export const STUDY_BARS_MAX = 5_000_000;
/** Shorter bars are seconds taken for milliseconds. */
export const BAR_MS_MIN = 60_000;
/** Share of the steps that must be of one length, or the file has no bar length. */
export const STEP_SHARE_MIN = 1 / 3;

export interface Frame {
  /** The class's terms with the market day that the file shows. */
  readonly terms: RegimeTerms;
  readonly barMs: number;
  readonly dayBars: number;
  /** Bars from 00:00 UTC to the closes of the main phase; 0 in a market with sessions. */
  readonly mainPhase: number;
  readonly bars: readonly Bar[];
  /** 1 where the bar stands in the file, shape [bars]. */
  readonly listed: Uint8Array;
  /**
   * Worst move of the day after each close, shape [bars]; -1 where it is not known: too near the
   * end, after a close that was no price, or with fewer than half of its bars in the file, for what
   * is missing would count as a day that was covered.
   */
  readonly moves: Float64Array;
  readonly gaps: readonly Gap[];
  readonly tally: FrameTally;
}

/** What was held, and what was left out because it began within half a bar of the one before. */
export interface FrameTally extends ScreenTally {
  readonly overlapping: number;
}

/** @throws RiskError `malformed_file` without a bar length, `limit_exceeded` for too many bars */
export function frameOf(given: readonly Bar[], terms: RegimeTerms): Frame {
  const barMs = barLength(given);
  const continuous = terms.calendar.kind === "continuous";
  const listed = continuous ? given.filter(apart(barMs)) : given;
  const dayBars = continuous ? Math.max(1, nearest(DAY_MS / barMs)) : barsADay(listed);
  const calendar = continuous ? terms.calendar : { ...terms.calendar, openMs: dayBars * barMs };
  const { bars, outcomes, tally } = screened(listed);
  const gaps = gapsOf(listed, barMs, continuous);
  refuseTooMany(listed, gaps);
  const filled = continuous ? withGapsFilled(bars, barMs) : bars;
  const inFile = listedOf(filled, listed);
  const closes = listed.map(({ openMs }) => openMs + barMs);
  return {
    terms: { ...terms, calendar },
    barMs,
    dayBars,
    mainPhase: continuous ? mainPhaseOf(closes, barMs, dayBars) : 0,
    bars: filled,
    listed: inFile,
    moves: worstMoves(continuous ? withGapsFilled(outcomes, barMs) : outcomes, inFile, dayBars),
    gaps,
    tally: { ...tally, overlapping: given.length - listed.length },
  };
}

/** End of a bar, ms since the epoch. */
export function closeMs({ bars, barMs }: Frame, index: number): number {
  return bars[index]!.openMs + barMs;
}

function barLength(bars: readonly Bar[]): number {
  const steps = bars.slice(1).map((bar, i) => bar.openMs - bars[i]!.openMs);
  const barMs = commonest(steps);
  if (barMs < BAR_MS_MIN)
    throw new RiskError("malformed_file", {
      path: "bars",
      expected: "bars of a minute at least, their times in milliseconds",
      found: `${barMs} ms`,
    });
  const share = steps.filter((step) => step === barMs).length / steps.length;
  if (share >= STEP_SHARE_MIN) return barMs;
  throw new RiskError("malformed_file", {
    path: "bars",
    expected: `bars of one length: at least ${percent(STEP_SHARE_MIN)} of the steps alike`,
    found: `${percent(share)} of ${barMs} ms, the commonest`,
  });
}

const percent = (share: number): string => `${nearest(100 * share)} %`;

/** Keeps a bar that begins at least half a bar after the one that was kept before it. */
function apart(barMs: number): (bar: Bar) => boolean {
  let last = Number.NEGATIVE_INFINITY;
  return ({ openMs }) => {
    const kept = openMs - last >= barMs / 2;
    if (kept) last = openMs;
    return kept;
  };
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

function refuseTooMany(listed: readonly Bar[], gaps: readonly Gap[]): void {
  const bars = gaps.reduce((sum, { missing }) => sum + missing, listed.length);
  if (bars <= STUDY_BARS_MAX) return;
  throw new RiskError("limit_exceeded", {
    path: "bars",
    expected: `at most ${STUDY_BARS_MAX}, with those that gaps are filled with`,
    found: `${bars}`,
  });
}

function withGapsFilled(listed: readonly Bar[], barMs: number): Bar[] {
  const bars: Bar[] = [];
  for (const bar of listed) {
    const before = bars.at(-1);
    const missing = before === undefined ? 0 : nearest((bar.openMs - before.openMs) / barMs) - 1;
    for (let i = 1; i <= missing; i++)
      bars.push(flatBar(before!.openMs + i * barMs, before!.close));
    bars.push(bar);
  }
  return bars;
}

function listedOf(filled: readonly Bar[], listed: readonly Bar[]): Uint8Array {
  const times = new Set(listed.map(({ openMs }) => openMs));
  return Uint8Array.from(filled, ({ openMs }) => (times.has(openMs) ? 1 : 0));
}

function worstMoves(bars: readonly Bar[], listed: Uint8Array, dayBars: number): Float64Array {
  const moves = new Float64Array(bars.length).fill(-1);
  let present = 0;
  for (let i = bars.length - 1; i >= 0; i--) {
    const known = i + dayBars < bars.length && bars[i]!.close > 0;
    if (known && present >= WINDOW_SHARE_MIN * dayBars) moves[i] = worstMove(bars, i, dayBars);
    present += listed[i]! - (listed[i + dayBars] ?? 0);
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
