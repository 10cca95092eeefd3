/**
 * The score: how often the published range was exceeded, counted as it happens.
 *
 * One window a day, so that windows do not overlap and the counts may be tested as independent.
 */

import { type Day, isSpoilt } from "./day.ts";
import type { Pace } from "./pace.ts";
import { conditionalCoverage } from "./statistics/christoffersen.ts";
import { kupiec } from "./statistics/kupiec.ts";
import { TRAFFIC_LIGHT_DAYS, type TrafficLight, trafficLight } from "./statistics/traffic-light.ts";

export interface Score {
  bars: number;
  /** Windows judged so far, and whether the last one was exceeded (0 or 1). */
  windows: number;
  last: number;
  /** Pairs of windows on end: first exceeded or not, then second. */
  readonly pairs: { n00: number; n01: number; n10: number; n11: number };
  exceedances: number;
  /** The newest windows, 1 where exceeded, ring of shape [250]. */
  readonly recent: Float64Array;
}

export function startScore(): Score {
  return {
    bars: 0,
    windows: 0,
    last: 0,
    pairs: { n00: 0, n01: 0, n10: 0, n11: 0 },
    exceedances: 0,
    recent: new Float64Array(TRAFFIC_LIGHT_DAYS),
  };
}

/** One bar passed; once a day, or with the next that is known, the window that ends is judged. */
export function foldScore(score: Score, { dayBars }: Pace, day: Day): void {
  score.bars += 1;
  if (score.bars < dayBars) return;
  if (isSpoilt(day)) return;
  score.bars = 0;
  if (!day.known) return;
  const exceeded = day.move > day.rangeThen ? 1 : 0;
  if (score.windows > 0) countPair(score.pairs, score.last, exceeded);
  score.recent[score.windows % score.recent.length] = exceeded;
  score.windows += 1;
  score.exceedances += exceeded;
  score.last = exceeded;
}

function countPair(pairs: Score["pairs"], first: number, second: number): void {
  if (first === 0) pairs[second === 0 ? "n00" : "n01"] += 1;
  else pairs[second === 0 ? "n10" : "n11"] += 1;
}

/** What the stream shows of the score. */
export interface ScoreView {
  readonly windows: number;
  readonly exceedances: number;
  /** Windows x (1 - coverage). */
  readonly expected: number;
  /** Kupiec's and Christoffersen's p-values; undefined before there is a window. */
  readonly pofP: number | undefined;
  readonly ccP: number | undefined;
  /** Over the newest 250 windows; undefined until there are so many. */
  readonly zone: TrafficLight | undefined;
}

export function scoreView(score: Score, coverage: number): ScoreView {
  const { windows, exceedances, pairs: transitions, recent } = score;
  const share = 1 - coverage;
  const counted = { exceedances, windows, share, transitions };
  const full = windows >= recent.length;
  return {
    windows,
    exceedances,
    expected: windows * share,
    pofP: windows > 0 ? kupiec(exceedances, windows, share).p : undefined,
    ccP: windows > 1 ? conditionalCoverage(counted).p : undefined,
    zone: full ? trafficLight(total(recent), recent.length, share) : undefined,
  };
}

const total = (column: Float64Array): number => column.reduce((sum, x) => sum + x, 0);
