/**
 * How a range has done: exceedances and their tests, what it cost, how much it moved.
 *
 *      I = [M > R]            tick loss = mean of (1-a)(M-R) where I, else a (R-M)
 *
 * The tick loss is a proper score: no range has a lower expectation than the true quantile, so a
 * model cannot win by being wide. All of it is measured on the main phase; the other phases, whose
 * windows overlap its, must not tell another story.
 */

import { chiSquareTail } from "../statistics/chi-square.ts";
import { independence, transitionsOf } from "../statistics/christoffersen.ts";
import { kupiec } from "../statistics/kupiec.ts";
import { closeMs, type Frame } from "./frame.ts";
import { type Lights, lightsOf } from "./lights.ts";
import { largestRise, peakToTrough, peakToTroughWithin } from "./motion.ts";
import { isMainClose, phaseOf } from "./phases.ts";

/** The closes that are judged. */
export interface Test {
  readonly fromMs: number;
  readonly coverage: number;
  /** Ends of the sub-periods, ascending, ms. */
  readonly periodEndsMs: readonly number[];
}

export interface PeriodScore {
  /** First and last judged close, ms. */
  readonly from: number;
  readonly to: number;
  readonly windows: number;
  readonly x: number;
  readonly expected: number;
  readonly coverage: number;
  readonly pofP: number;
  readonly meanRange: number;
  readonly tickLoss: number;
}

/** One row of the report. Ranges, severities, rises and coverage are fractions. */
export interface StudyRow {
  readonly name: string;
  readonly windows: number;
  readonly x: number;
  readonly expected: number;
  readonly coverage: number;
  readonly pofP: number;
  readonly indP: number;
  readonly ccP: number;
  readonly meanRange: number;
  /** In 1e-4. */
  readonly tickLoss: number;
  /** Mean and largest M - R of the exceedances; 0 when there are none. */
  readonly severityMean: number;
  readonly severityMax: number;
  readonly peakToTrough: number;
  /** The largest within 365 days. */
  readonly peakToTroughYear: number;
  readonly rise24h: number;
  readonly rise1d: number;
  readonly rise5d: number;
  readonly rise30d: number;
  /** Bars whose range differs from the one before, per day. */
  readonly changesPerDay: number;
  /** Over the start hours; null where a day is one bar, and there is one start only. */
  readonly phases: {
    readonly meanX: number | null;
    readonly medianPof: number | null;
    readonly minPof: number | null;
  };
  /** Over windows of 250 days on end; absent where there are not so many. */
  readonly trafficLight?: Lights;
  readonly periods: readonly PeriodScore[];
}

const TICK_LOSS_UNIT = 1e-4;

/** Judges the range that stood at each close of the frame. */
export function judge(name: string, range: Float64Array, frame: Frame, test: Test): StudyRow {
  const phases = judgedByPhase(frame, test);
  const main = phases[0]!;
  const exceeded = main.map((i) => frame.moves[i]! > range[i]!);
  const pof = pofOf(main, range, frame, test);
  const ind = independence(transitionsOf(exceeded));
  const lights = lightsOf(exceeded, 1 - test.coverage);
  return {
    name,
    ...pof.score,
    indP: ind.p,
    ccP: chiSquareTail(pof.statistic + ind.statistic, 2),
    ...cost(main, range, frame, test),
    ...motion(main, range, frame),
    phases: phaseScores(phases, range, frame, test),
    ...(lights === undefined ? {} : { trafficLight: lights }),
    periods: periodScores(main, range, frame, test),
  };
}

/** Indexes of the closes that stand in the file and whose move is known, in every phase. */
function judgedByPhase(frame: Frame, { fromMs }: Test): number[][] {
  const phases: number[][] = Array.from({ length: frame.dayBars }, () => []);
  for (let i = 0; i < frame.bars.length; i++) {
    if (frame.moves[i]! < 0 || frame.listed[i] === 0 || closeMs(frame, i) < fromMs) continue;
    phases[phaseOf(frame, i)]!.push(i);
  }
  return phases;
}

/** Indexes of the closes that are judged on the main phase. */
export function judgedCloses(frame: Frame, test: Test): readonly number[] {
  return judgedByPhase(frame, test)[0]!;
}

/** Main closes of the file after which too little is known to judge them, the last day apart. */
export function unjudgedCloses(frame: Frame, { fromMs }: Test): number {
  let count = 0;
  for (let i = 0; i + frame.dayBars < frame.bars.length; i++) {
    const unknown = frame.moves[i]! < 0 && frame.listed[i] === 1 && closeMs(frame, i) >= fromMs;
    if (unknown && isMainClose(frame, i)) count += 1;
  }
  return count;
}

function pofOf(closes: readonly number[], range: Float64Array, frame: Frame, test: Test) {
  const share = 1 - test.coverage;
  const windows = closes.length;
  const x = closes.filter((i) => frame.moves[i]! > range[i]!).length;
  const { p: pofP, statistic } = kupiec(x, Math.max(1, windows), share);
  const coverage = 1 - x / Math.max(1, windows);
  return { statistic, score: { windows, x, expected: windows * share, coverage, pofP } };
}

function cost(closes: readonly number[], range: Float64Array, frame: Frame, test: Test) {
  const share = 1 - test.coverage;
  let ranges = 0;
  let loss = 0;
  const over: number[] = [];
  for (const i of closes) {
    const gap = frame.moves[i]! - range[i]!;
    ranges += range[i]!;
    loss += gap > 0 ? test.coverage * gap : -share * gap;
    if (gap > 0) over.push(gap);
  }
  const windows = Math.max(1, closes.length);
  return {
    meanRange: ranges / windows,
    tickLoss: loss / windows / TICK_LOSS_UNIT,
    severityMean: over.reduce((sum, gap) => sum + gap, 0) / Math.max(1, over.length),
    severityMax: over.reduce((most, gap) => Math.max(most, gap), 0),
  };
}

function motion(closes: readonly number[], range: Float64Array, { dayBars, terms }: Frame) {
  const first = closes[0] ?? 0;
  const last = closes.at(-1) ?? 0;
  const daily = Float64Array.from(closes, (i) => range[i]!);
  const every = range.subarray(first, last + 1);
  let changes = 0;
  for (let i = 1; i < every.length; i++) if (every[i] !== every[i - 1]) changes += 1;
  const yearDays = terms.calendar.daysPerYear;
  return {
    peakToTrough: peakToTrough(daily),
    peakToTroughYear: peakToTroughWithin(daily, yearDays),
    rise24h: largestRise(every, dayBars),
    rise1d: largestRise(daily, 1),
    rise5d: largestRise(daily, 5),
    rise30d: largestRise(daily, 30),
    changesPerDay: (changes / Math.max(1, every.length - 1)) * dayBars,
  };
}

function phaseScores(
  phases: readonly (readonly number[])[],
  range: Float64Array,
  frame: Frame,
  test: Test,
): StudyRow["phases"] {
  if (phases.length === 1) return { meanX: null, medianPof: null, minPof: null };
  const scores = phases.map((closes) => pofOf(closes, range, frame, test).score);
  const ps = scores.map(({ pofP }) => pofP).sort((a, b) => a - b);
  const middle = (ps.length - 1) / 2;
  return {
    meanX: scores.reduce((sum, { x }) => sum + x, 0) / scores.length,
    medianPof: (ps[Math.floor(middle)]! + ps[Math.ceil(middle)]!) / 2,
    minPof: ps[0]!,
  };
}

function periodScores(main: readonly number[], range: Float64Array, frame: Frame, test: Test) {
  const periods: PeriodScore[] = [];
  let fromMs = test.fromMs;
  for (const endMs of test.periodEndsMs) {
    const closes = main.filter((i) => closeMs(frame, i) >= fromMs && closeMs(frame, i) < endMs);
    fromMs = endMs;
    if (closes.length === 0) continue;
    const { meanRange, tickLoss } = cost(closes, range, frame, test);
    periods.push({
      from: closeMs(frame, closes[0]!),
      to: closeMs(frame, closes.at(-1)!),
      ...pofOf(closes, range, frame, test).score,
      meanRange,
      tickLoss,
    });
  }
  return periods;
}
