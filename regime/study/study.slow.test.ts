/**
 * Tests of the study as a whole, on synthetic markets and, where they are at hand, on real ones.
 */
import { existsSync, readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import type { Bar } from "../bar.ts";
import { studyDocument } from "./document.ts";
import { exampleTerms as terms } from "./example-terms.test-kit.ts";
import { frameOf } from "./frame.ts";
import type { StudyRow } from "./judge.ts";
import { parsePrices } from "./price-file.ts";
import { seriesLines, seriesOf } from "./series.ts";
import { type Study, study } from "./study.ts";
import { syntheticBars } from "./synthetic.test-kit.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const rowOf = ({ rows }: Study, name: string): StudyRow => rows.find((row) => row.name === name)!;
const linesOf = (bars: readonly Bar[]): string[] => {
  const frame = frameOf(bars, terms);
  return [...seriesLines(seriesOf(frame, terms), frame)];
};

const market = syntheticBars({
  seed: 77,
  bars: 12 * 500,
  barMs: 2 * HOUR_MS,
  steps: 6,
  df: 4,
  dailyVol: (at) => (at % (200 * DAY_MS) < 150 * DAY_MS ? 0.03 : 0.06),
});

const dailyBars = (bars: number): Bar[] =>
  syntheticBars({ seed: 6, bars, barMs: DAY_MS, steps: 4, dailyVol: () => 0.03 }).map((bar) => ({
    ...bar,
    openMs: bar.openMs + Date.UTC(2012, 0, 1),
  }));

describe("a study", () => {
  it("judges the own rows beside the references, by name", () => {
    const names = study({ bars: market, terms }).rows.map(({ name }) => name);
    expect(names).toEqual([
      "slidewire",
      "slidewire-no-kurtosis",
      "slidewire-emergency",
      "slidewire-maintenance",
      "static-15",
      "static-20",
      "static-hindsight",
      "ewma-94-fhs",
      "ewma-97-fhs",
    ]);
  });

  it("says every figure by name, and none of them is a NaN", () => {
    const document = studyDocument(study({ bars: market, terms }));
    expect(JSON.stringify(document)).not.toContain("null");
    expect(document).toMatchObject({ barMs: 2 * HOUR_MS, barsPerDay: 12, bars: 6000, filled: 0 });
  });

  it("never looks ahead: a file cut at any row has the first part of the whole series", () => {
    const whole = linesOf(market);
    for (const cut of [2, 1000, 4321])
      expect(linesOf(market.slice(0, cut))).toEqual(whole.slice(0, cut + 1));
  });

  it("gives the same bytes for prices x 1024", () => {
    const times = market.map(({ openMs, open, high, low, close }) => ({
      openMs,
      open: 1024 * open,
      high: 1024 * high,
      low: 1024 * low,
      close: 1024 * close,
    }));
    expect(linesOf(times)).toEqual(linesOf(market));
  });

  it("writes a line for each row of the file, though gaps are folded", () => {
    const gappy = market.filter((_, i) => i % 50 !== 7 && (i < 900 || i > 960));
    expect(linesOf(gappy).length).toBe(gappy.length + 1);
  });

  it("sets several terms side by side, the first as the regime's own row", () => {
    const calm = { ...terms, scale: { ...terms.scale, damping: 0.2 } };
    const several = [
      { name: "house", terms },
      { name: "calm", terms: calm },
    ];
    const found = study({ bars: market, terms, several });
    const own = rowOf(found, "slidewire");
    expect(rowOf(found, "slidewire:house")).toEqual({ ...own, name: "slidewire:house" });
    expect(rowOf(found, "slidewire:calm").peakToTrough).toBeLessThan(own.peakToTrough);
    expect(studyDocument(found).terms.map(({ row }) => row)).toEqual([
      "slidewire:house",
      "slidewire:calm",
    ]);
    const alone = study({ bars: market, terms: calm });
    expect(rowOf(found, "slidewire:calm")).toEqual({ ...alone.rows[0], name: "slidewire:calm" });
  });

  it("takes each part of the design away in turn", () => {
    const { ablation, rows } = study({ bars: market, terms });
    const own = rows[0]!;
    const row = (name: string): StudyRow => ablation.find((one) => one.name === name)!;
    expect(ablation.map(({ name }) => name)).toEqual([
      "slidewire-no-kurtosis",
      "slidewire-undamped",
      "slidewire-no-limiter",
      "slidewire-no-winsor",
      "slidewire-emergency",
    ]);
    expect(row("slidewire-undamped").peakToTrough).toBeGreaterThan(own.peakToTrough);
    expect(row("slidewire-no-limiter").changesPerDay).toBeGreaterThan(own.changesPerDay);
    expect(row("slidewire-no-limiter").rise24h).toBeGreaterThan(own.rise24h);
  });

  it("is judged at a second coverage as well, with a wider range", () => {
    const soon = { ...terms, level: { ...terms.level, minimumYears: 0.5 } };
    const { second, rows } = study({ bars: market, terms: soon });
    expect(second.coverage).toBe(0.999);
    expect(second.rows[0]!.expected).toBeCloseTo(rows[0]!.expected / 5, 9);
    expect(second.rows[0]!.meanRange).toBeGreaterThan(rows[0]!.meanRange);
  });

  it("tells how far it has come, to the end and never back", () => {
    const shares: number[] = [];
    study({ bars: market, terms, onProgress: (share) => shares.push(share) });
    expect(shares.length).toBeGreaterThan(7);
    expect(shares).toEqual([...shares].sort((a, b) => a - b));
    expect(shares.at(-1)).toBeCloseTo(1, 12);
  });

  it.each([
    ["before there is a history", 10 * DAY_MS],
    ["after the end", 1e6 * DAY_MS],
  ])("refuses a test that starts %s", (_, testFromMs) => {
    expect(() => study({ bars: market, terms, testFromMs })).toThrow(/out_of_bounds: testFrom/);
  });

  it.each([
    // days of the file, first day judged
    [2400, 1096],
    [1500, 366],
    [430, 366],
    [300, 100],
    [50, 35],
  ])("of %i days is judged from day %i on, unless told otherwise", (days, first) => {
    const { judged, frame } = study({ bars: dailyBars(days), terms });
    expect((judged.firstMs - frame.bars[0]!.openMs) / DAY_MS).toBe(first);
  });

  it("judges three calendar years each, or thirds of a shorter test", () => {
    const long = syntheticBars({
      seed: 5,
      bars: 365 * 11,
      barMs: DAY_MS,
      steps: 4,
      dailyVol: () => 0.03,
    });
    const { rows, test } = study({ bars: long, terms });
    expect(test.periodEndsMs.slice(0, -1)).toEqual([Date.UTC(1976, 0), Date.UTC(1979, 0)]);
    expect(rows[0]!.periods.map(({ windows }) => windows)).toEqual([1095, 1096, 728]);
    expect(study({ bars: market, terms }).rows[0]!.periods.length).toBe(3);
  });
});

const BTC = "../shared/data/btcusd_bitstamp_2h_2012_2025.csv.gz";
const read = (path: string): readonly Bar[] =>
  parsePrices(gunzipSync(readFileSync(path)).toString()).bars;

describe.skipIf(!existsSync(BTC))("on two-hour BTC (skipped where the file is not at hand)", () => {
  const judged = existsSync(BTC)
    ? study({ bars: read(BTC), terms, testFromMs: Date.UTC(2017, 0) })
    : undefined;

  it.each([
    // reference row, exceedances, mean range, tick loss, as published with the definitions
    ["static-15", 66, 0.15, 12.94],
    ["static-20", 14, 0.2, 10.04],
    ["static-hindsight", 16, 0.1944, 10.01],
    ["ewma-94-fhs", 12, 0.2238, 11.14],
    ["ewma-97-fhs", 15, 0.2104, 10.37],
  ])("%s has its published %i exceedances", (name, x, meanRange, tickLoss) => {
    const row = rowOf(judged!, name);
    expect(row.windows).toBe(3159);
    expect(row.x).toBe(x);
    expect(row.meanRange).toBeCloseTo(meanRange, 4);
    expect(row.tickLoss).toBeCloseTo(tickLoss, 1);
  });

  it("the regime meets its bars", () => {
    const row = rowOf(judged!, "slidewire");
    expect(row.pofP).toBeGreaterThan(0.05);
    expect(row.ccP).toBeGreaterThan(0.05);
    expect(row.phases.medianPof).toBeGreaterThan(0.2);
    expect(row.phases.minPof).toBeGreaterThan(0.01);
    for (const period of row.periods) expect(period.pofP).toBeGreaterThan(0.05);
    expect(row.tickLoss).toBeLessThanOrEqual(9.3);
    expect(row.meanRange).toBeLessThanOrEqual(0.193);
    expect(row.peakToTrough).toBeLessThanOrEqual(4.8);
    expect(row.rise24h).toBeLessThanOrEqual(0.54);
    expect(row.rise5d).toBeLessThanOrEqual(1.3);
    expect(row.rise30d).toBeLessThanOrEqual(1.77);
    expect(row.changesPerDay).toBeLessThanOrEqual(2);
  });

  it("the kurtosis term costs at most 5 % of tick loss", () => {
    const without = rowOf(judged!, "slidewire-no-kurtosis").tickLoss;
    expect(without).toBeLessThanOrEqual(9.1);
    expect(rowOf(judged!, "slidewire").tickLoss / without).toBeLessThan(1.05);
  });

  it("walks through March 2020 as a reader would expect", () => {
    const at = (iso: string): number => {
      const index = judged!.series.closeMs.indexOf(Date.parse(iso));
      return judged!.series.initial[index]!;
    };
    const before = at("2020-03-12T02:00Z");
    expect(at("2020-03-12T18:00Z") / before).toBeGreaterThan(1.15);
    expect(at("2020-03-13T02:00Z") / before).toBeGreaterThan(1.45);
    expect(at("2020-03-14T02:00Z")).toBeGreaterThan(0.35);
  });
});
