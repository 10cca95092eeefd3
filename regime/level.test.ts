/** Tests of the level: the quantile of what happened, and its tracker. */
import { describe, expect, it } from "vitest";
import { foldDay, standFrom, startDay } from "./day.ts";
import { foldLevel, levelOf, startLevel } from "./level.ts";
import { paceOf } from "./pace.ts";
import { exampleTerms as terms } from "./study/example-terms.test-kit.ts";
import { normals, uniforms } from "./study/synthetic.test-kit.ts";

const pace = paceOf(terms, 7_200_000);

describe("the day", () => {
  it("measures each window when it is over, as the definition does", () => {
    const normal = normals(3);
    const day = startDay(pace);
    const bars: { high: number; low: number; close: number }[] = [];
    let close = 100;
    for (let j = 0; j < 200; j++) {
      close *= 1 + 0.01 * normal();
      bars.push({ high: close * 1.01, low: close * 0.985, close });
      foldDay(day, bars[j]!);
      const base = bars[j - pace.dayBars];
      expect(day.known).toBe(base !== undefined);
      if (base !== undefined) {
        const since = bars.slice(j - pace.dayBars + 1);
        const up = Math.max(...since.map(({ high }) => high)) / base.close - 1;
        const down = 1 - Math.min(...since.map(({ low }) => low)) / base.close;
        expect(day.move).toBe(Math.max(up, down, 0));
        expect([day.scaleThen, day.rangeThen]).toEqual([j - pace.dayBars, 1000 + j - pace.dayBars]);
      }
      standFrom(day, j, 1000 + j);
    }
  });

  it("knows no move from a price of nothing", () => {
    const day = startDay(paceOf(terms, 86_400_000));
    for (const close of [100, -37, 20]) {
      foldDay(day, { high: close, low: close, close });
      standFrom(day, 1, 1);
    }
    expect(day.known).toBe(false);
  });
});

describe("the level", () => {
  const ratios = (count: number, seed = 1): number[] => {
    const uniform = uniforms(seed);
    return Array.from({ length: count }, () => 6 * uniform());
  };
  const fold = (values: readonly number[]) => {
    const level = startLevel(pace, terms.prior.level);
    for (const value of values)
      for (let i = 0; i < pace.sampleBars; i++) foldLevel(level, pace, terms, value);
    return level;
  };

  it("is the prior until two years are known, then their quantile", () => {
    const before = fold(ratios(pace.sampleCountMin - 1));
    const after = fold(ratios(pace.sampleCountMin));
    expect(levelOf(before, "fhs")).toBe(4.6);
    const sorted = ratios(pace.sampleCountMin).sort((a, b) => a - b);
    const place = 0.995 * (sorted.length - 1);
    const low = sorted[Math.floor(place)]!;
    const high = sorted[Math.ceil(place)]!;
    expect(levelOf(after, "fhs")).toBeCloseTo(low + (place % 1) * (high - low), 12);
  });

  it("keeps one window in eight hours, and only those that are known", () => {
    const level = startLevel(pace, 4.6);
    for (let i = 0; i < 40; i++) foldLevel(level, pace, terms, i % 8 === 3 ? 0 : 1 + i);
    expect([...level.ratios.ring.subarray(0, level.ratios.count)]).toEqual([8, 16, 24, 32, 40]);
  });

  it("keeps the next window that is known where one is due that is not", () => {
    const level = startLevel(pace, 4.6);
    const known = (bar: number): boolean => bar !== 8 && (bar < 15 || bar > 30);
    for (let bar = 1; bar <= 40; bar++) foldLevel(level, pace, terms, known(bar) ? bar : undefined);
    expect([...level.ratios.ring.subarray(0, level.ratios.count)]).toEqual([
      4, 9, 12, 31, 32, 36, 40,
    ]);
  });

  it("learns nothing from a move that is no number", () => {
    const level = fold([3, Number.POSITIVE_INFINITY, Number.NaN, 0, 5]);
    expect([...level.ratios.ring.subarray(0, level.ratios.count)]).toEqual([3, 5]);
  });

  it("is tracked to where the share of exceedances is right", () => {
    const values = ratios(60_000, 7);
    const tracked = fold(values).tracked;
    expect(tracked / 6).toBeGreaterThan(0.97);
    expect(tracked / 6).toBeLessThan(1.02);
  });

  it.each([
    // ratio, bound
    [100, 8],
    [0.001, 2.5],
  ])("stays within its bounds when every move is %d scales", (ratio, bound) => {
    const level = fold(new Array(60_000).fill(ratio));
    expect([level.simulated, level.tracked]).toEqual([bound, bound]);
  });
});
