/**
 * What the regime costs: a mark, a bar of five minutes, the pairs beside it, a study.
 *
 *      node --trace-gc loadtest/bench/regime.bench.ts        (no collections between "marks" lines)
 *
 * Limits: a mark 1 µs and no allocation, an update of five minutes 100 µs per underlying, a study
 * of 60,000 bars of two hours 10 s. Synthetic t4 market, fixed seed; four years of windows are full
 * before anything is timed. An update is the bar and everything behind it: variance, tails, level,
 * publisher, both scales. Medians and 99 % quantiles of single calls; marks in batches of 1,000.
 */
import { comovementTerms } from "../../config/comovement.ts";
import { regimeTerms } from "../../config/regime.ts";
import type { IndexBar } from "../../core/mark.ts";
import {
  createComovement,
  createRegime,
  foldBar,
  foldIndex,
  foldPairs,
  type RegimeState,
  study,
  withCoefficients,
} from "../../regime/index.ts";
import { syntheticBars } from "../../regime/study/synthetic.test-kit.ts";

const HOUR_MS = 3_600_000;
const BAR_MS = 300_000;
const STUDY_BARS = 60_000;
const MARKS = 1000;
const BATCHES = 500;
const UPDATES = 4000;

const terms = regimeTerms("crypto");
const dailyVol = () => 0.035;
const coefficients = { intercept: -0.5, day: 0.4, week: 0.4, month: 0.1, level: 4.5 };

function warmRegime(): RegimeState {
  const bars = syntheticBars({ seed: 5, bars: 430_000, barMs: BAR_MS, steps: 1, df: 4, dailyVol });
  const regime = withCoefficients(createRegime(terms, BAR_MS, "BTC"), coefficients);
  for (const bar of bars) foldBar(regime, bar);
  return regime;
}

/** Median and 99 % quantile, µs. */
function quantiles(times: number[]): { readonly median: number; readonly p99: number } {
  const sorted = times.sort((a, b) => a - b);
  const at = (p: number): number => sorted[Math.floor(p * sorted.length)]! / 1000;
  return { median: round(at(0.5)), p99: round(at(0.99)) };
}

const round = (x: number): number => Number(x.toPrecision(3));

function timed(run: () => void): number {
  const start = process.hrtime.bigint();
  run();
  return Number(process.hrtime.bigint() - start);
}

const markOf = (price: number, underlying = "BTC"): IndexBar => {
  return { underlying, open: price, high: price, low: price, last: price, count: 1 };
};

/** Marks inside one bar: time and bytes each. */
function marks(regime: RegimeState) {
  const prices = Array.from({ length: MARKS }, (_, i) => markOf(100 + (i % 97) / 97));
  const times = Array.from({ length: MARKS }, (_, i) => regime.openMs + 10 * i + 0.5);
  const batch = () => {
    regime.lastMs = regime.openMs;
    for (let i = 0; i < MARKS; i++) foldIndex(regime, times[i]!, prices[i]!);
  };
  for (let i = 0; i < BATCHES; i++) batch();
  const bytes = Array.from({ length: 10 }, () => {
    const before = process.memoryUsage().heapUsed;
    for (let i = 0; i < 20; i++) batch();
    return (process.memoryUsage().heapUsed - before) / (20 * MARKS);
  });
  process.stdout.write("marks begin\n");
  const spent = Array.from({ length: BATCHES }, () => timed(batch) / MARKS);
  process.stdout.write("marks end\n");
  return { us: quantiles(spent), bytes: round(Math.min(...bytes.filter((b) => b >= 0))) };
}

/** A mark that closes a bar of five minutes, and the bar itself. */
function updates(regime: RegimeState) {
  let price = 100;
  const spent = Array.from({ length: UPDATES }, (_, i) => {
    price *= 1 + 0.002 * Math.sin(i * 1.7);
    const at = regime.openMs + BAR_MS;
    return timed(() => foldIndex(regime, at, markOf(price)));
  });
  return quantiles(spent);
}

/** One pair with half a year of returns: a mark, and a bar. */
function pairs() {
  const members = ["BTC", "ETH"].map((id) => ({ id, terms }));
  const input = { terms: comovementTerms, barMs: BAR_MS, members };
  const c = createComovement({ ...input, pairs: [["BTC", "ETH"]] });
  const regimes = new Map<string, RegimeState>();
  const fold = (at: number, i: number) => {
    const prices = [100 + Math.sin(i / 900), 5 + Math.sin(i / 900 + 0.5)];
    foldPairs(c, { at, marks: prices.map((p, k) => markOf(p, members[k]!.id)), regimes });
  };
  for (let i = 1; i < 200 * 288; i++) fold(i * BAR_MS, i);
  const bars = Array.from({ length: UPDATES }, (_, i) => {
    return timed(() => fold((200 * 288 + i) * BAR_MS, i));
  });
  return quantiles(bars);
}

function studySeconds(): number {
  const bars = syntheticBars({
    seed: 6,
    bars: STUDY_BARS,
    barMs: 2 * HOUR_MS,
    steps: 4,
    df: 4,
    dailyVol,
  });
  return round(timed(() => study({ bars, terms })) / 1e9);
}

const regime = warmRegime();
const figures = {
  bench: "regime",
  node: process.version,
  mark: marks(regime),
  updateUs: updates(regime),
  pairBarUs: pairs(),
  studySeconds: studySeconds(),
};
process.stdout.write(`${JSON.stringify(figures)}\n`);
const { mark, updateUs, studySeconds: seconds } = figures;
if (mark.us.median > 1 || mark.bytes > 1 || updateUs.median > 100 || seconds > 10)
  process.exitCode = 3;
