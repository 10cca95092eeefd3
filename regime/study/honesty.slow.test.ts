/**
 * Tests that a study tells the truth: it never looks ahead, it is the live regime, and its p-values
 * are those that anyone gets from the series file and the price file with a few lines.
 */
import { existsSync, readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import type { Bar } from "../bar.ts";
import { foldIndex, foldTime } from "../live.ts";
import { evidence } from "../outcome.ts";
import { createRegime } from "../state.ts";
import { exampleTerms as terms } from "./example-terms.test-kit.ts";
import { frameOf } from "./frame.ts";
import { judge } from "./judge.ts";
import { parsePrices } from "./price-file.ts";
import { seriesColumns, seriesLines, seriesOf } from "./series.ts";
import { syntheticBars } from "./synthetic.test-kit.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const HEADER = "open_time_ms,open,high,low,close,volume";

const market = (barMs: number, bars: number): Bar[] =>
  syntheticBars({
    seed: 31,
    bars,
    barMs,
    steps: 6,
    df: 3,
    dailyVol: (at) => (at % (90 * DAY_MS) < 60 * DAY_MS ? 0.03 : 0.07),
  });
const csv = (bars: readonly Bar[]): string =>
  [
    HEADER,
    ...bars.map(
      ({ openMs, open, high, low, close, stale }) =>
        `${openMs},${open},${high},${low},${close},${stale === true ? 0 : 1}`,
    ),
  ].join("\n");
const seriesOfText = (text: string): string[] => {
  const frame = frameOf(parsePrices(text).bars, terms);
  return [...seriesLines(seriesOf(frame, terms), frame)];
};

/** Gaps, a price 100 times off, a frozen stretch, rows that come twice and late. */
function dirtied(bars: readonly Bar[]): string {
  const rows = bars
    .map((bar, i) => (i % 613 === 600 ? { ...bar, high: 100 * bar.high } : bar))
    .map((bar, i) => {
      const { close } = bars[2000]!;
      const frozen = { ...bar, open: close, high: close, low: close, close };
      return i > 2000 && i < 2060 ? frozen : bar;
    })
    .filter((_, i) => i % 97 !== 11 && (i < 900 || i > 990));
  const lines = csv(rows).split("\n");
  for (const at of [150, 700, 1500]) lines.splice(at, 0, lines[at]!, lines[at - 3]!);
  return lines.join("\n");
}

const shared = (file: string): string => `../shared/data/${file}`;
const read = (path: string): string => gunzipSync(readFileSync(path)).toString();
const BTC = shared("btcusd_bitstamp_2h_2012_2025.csv.gz");
const SPX = shared("spx_1d_1950_2020.csv.gz");

describe("a study never looks ahead", () => {
  it.each([
    ["a clean market", csv(market(2 * HOUR_MS, 4000))],
    [
      "one with gaps, bad prints, a frozen feed and rows out of order",
      dirtied(market(2 * HOUR_MS, 4000)),
    ],
    ["five-minute bars", csv(market(300_000, 9000))],
  ])("in %s: cut at five dates, the series is the first part of the whole", (_, text) => {
    expectCuts(text);
  });

  it.skipIf(!existsSync(BTC)).each([
    ["two-hour BTC", BTC],
    ["the daily S&P 500", SPX],
  ])("in %s (skipped where the file is not at hand)", (_, path) => {
    expectCuts(read(path));
  });
});

function expectCuts(text: string): void {
  const rows = text.trimEnd().split("\n");
  const whole = seriesOfText(text);
  for (const share of [0.07, 0.21, 0.48, 0.77, 0.96]) {
    const part = seriesOfText(rows.slice(0, 1 + Math.floor(share * rows.length)).join("\n"));
    expect(part.length).toBeGreaterThan(100);
    expect(part.join("\n") === whole.slice(0, part.length).join("\n")).toBe(true);
  }
}

describe("prices x 1024", () => {
  it.skipIf(!existsSync(BTC))(
    "of BTC give the same bytes (skipped where it is not at hand)",
    () => {
      const bars = parsePrices(read(BTC)).bars;
      const times = bars.map((bar) => ({
        ...bar,
        open: 1024 * bar.open,
        high: 1024 * bar.high,
        low: 1024 * bar.low,
        close: 1024 * bar.close,
      }));
      expect(seriesOfText(csv(times)).join("\n") === seriesOfText(csv(bars)).join("\n")).toBe(true);
    },
  );
});

describe("study and live regime", () => {
  it.each([
    ["two-hour", 2 * HOUR_MS, 4000],
    ["five-minute", 300_000, 9000],
  ])("publish the same from the same %s bars, gaps and all", (_, barMs, count) => {
    const bars = market(barMs, count)
      .map((bar) => ({ ...bar, openMs: bar.openMs + 3650 * DAY_MS }))
      .filter((_bar, i) => i % 211 !== 40 && (i < 700 || i > 780));
    const frame = frameOf(bars, terms);
    const series = seriesOf(frame, terms);
    const live = createRegime(terms, barMs);
    expect(frame.bars.length).toBeGreaterThan(bars.length);
    for (let i = 0; i < frame.bars.length; i++) {
      if (frame.listed[i] === 0) continue;
      markThrough(live, frame.bars[i]!, barMs);
      foldTime(live, frame.bars[i]!.openMs + barMs);
      const shown = { ...evidence(live), ...live.published, closeMs: live.openMs };
      const other = seriesColumns.filter(([column]) => shown[column] !== series[column][i]);
      if (other.length > 0) expect([i, other]).toEqual([i, []]);
    }
  });
});

/** The bar as a feed would mark it: open, low, high, close, in Turns of their own. */
function markThrough(live: ReturnType<typeof createRegime>, bar: Bar, barMs: number): void {
  const { openMs, open, high, low, close } = bar;
  for (const [k, price] of [open, low, high, close].entries()) {
    const marks = { underlying: "X", open: price, high: price, low: price, last: price, count: 1 };
    foldIndex(live, openMs + Math.floor((k * barMs) / 4), marks);
  }
}

/** Chance above x for one degree: twice the normal tail, by Simpson's rule. */
function tailOfOne(x: number): number {
  const [from, steps] = [Math.sqrt(Math.max(0, x)), 20_000];
  const h = (from + 12 - from) / steps;
  let sum = 0;
  for (let i = 0; i <= steps; i++) {
    const weight = i === 0 || i === steps ? 1 : i % 2 === 1 ? 4 : 2;
    sum += weight * Math.exp(-((from + i * h) ** 2) / 2);
  }
  return (2 * sum * h) / 3 / Math.sqrt(2 * Math.PI);
}

/** n ln s, nothing of nothing being nothing. */
const nLog = (n: number, s: number): number => (n === 0 ? 0 : n * Math.log(s));

/** Kupiec's and Christoffersen's p from the text of both files, two-hour bars, from a date on. */
function recomputed(prices: string, series: string, fromMs: number) {
  const rows = prices
    .trimEnd()
    .split("\n")
    .slice(1)
    .map((row) => row.split(",").map(Number));
  const lines = series.trimEnd().split("\n");
  const at = lines[0]!.split(",").indexOf("initial");
  const over: boolean[] = [];
  for (let i = 0; i + 12 < rows.length; i++) {
    const closeMs = rows[i]![0]! + 2 * HOUR_MS;
    if (closeMs % DAY_MS !== 0 || closeMs < fromMs) continue;
    const day = rows.slice(i + 1, i + 13);
    const close = rows[i]![4]!;
    const up = Math.max(...day.map((row) => row[2]!)) / close - 1;
    const down = 1 - Math.min(...day.map((row) => row[3]!)) / close;
    over.push(Math.max(up, down, 0) > Number(lines[i + 1]!.split(",")[at]));
  }
  const [n, x] = [over.length, over.filter(Boolean).length];
  const pairs = (a: boolean, b: boolean): number =>
    over.filter((one, i) => i > 0 && over[i - 1] === a && one === b).length;
  const [n00, n01, n10, n11] = [
    pairs(false, false),
    pairs(false, true),
    pairs(true, false),
    pairs(true, true),
  ] as const;
  const pof = 2 * (nLog(x, x / n) + nLog(n - x, 1 - x / n) - nLog(x, 0.005) - nLog(n - x, 0.995));
  const [q, q0, q1] = [(n01 + n11) / (n - 1), n01 / (n00 + n01), n11 / Math.max(1, n10 + n11)];
  const chained = nLog(n00, 1 - q0) + nLog(n01, q0) + nLog(n10, 1 - q1) + nLog(n11, q1);
  const ind = 2 * (chained - nLog(n00 + n10, 1 - q) - nLog(n01 + n11, q));
  return { n, x, pofP: tailOfOne(pof), indP: tailOfOne(ind), ccP: Math.exp(-(pof + ind) / 2) };
}

function expectRecomputed(text: string, fromMs: number): void {
  const frame = frameOf(parsePrices(text).bars, terms);
  const series = seriesOf(frame, terms);
  const test = { fromMs, coverage: 0.995, periodEndsMs: [] };
  const row = judge("slidewire", series.initial, frame, test);
  const lines = [...seriesLines(series, frame)].join("\n");
  const { n, x, pofP, indP, ccP } = recomputed(text, lines, fromMs);
  expect([row.windows, row.x]).toEqual([n, x]);
  expect(row.pofP).toBeCloseTo(pofP, 8);
  expect(row.indP).toBeCloseTo(indP, 8);
  expect(row.ccP).toBeCloseTo(ccP, 8);
}

describe("Kupiec and Christoffersen, from the series and the prices by other means", () => {
  it("agree on a synthetic market", () => {
    expectRecomputed(csv(market(2 * HOUR_MS, 8000)), 60 * DAY_MS);
  });

  it.skipIf(!existsSync(BTC))("agree on BTC (skipped where it is not at hand)", () => {
    expectRecomputed(read(BTC), Date.UTC(2017, 0));
  });
});
