/** Tests of the fit: it finds a law that is known, on the past alone, and says when it cannot. */
import { describe, expect, it } from "vitest";
import { createRegime, foldBar, harFeatures, harScale } from "../regime/index.ts";
import { syntheticBars } from "../regime/study/synthetic.test-kit.ts";
import { fitHar, fitMethods, harRows } from "./har-fit.ts";
import { regimeTerms } from "./regime.ts";

const BAR_MS = 7_200_000;
const DAY_MS = 86_400_000;
const terms = regimeTerms("crypto");
const bars = syntheticBars({
  seed: 12,
  bars: 12 * 700,
  barMs: BAR_MS,
  steps: 6,
  // Vol that wanders: what it was says what it will be.
  dailyVol: (at) => 0.04 * (1 + 0.6 * Math.sin(at / (25 * DAY_MS))),
});
const rows = harRows(bars, terms, BAR_MS);

describe("the rows of a history", () => {
  it("are one a day, with what the regime itself evaluates", () => {
    const regime = createRegime(terms, BAR_MS);
    for (const bar of bars) foldBar(regime, bar);
    expect(rows.at(-1)!.features).toEqual(harFeatures(regime.challenger.har, regime.pace));
    expect(rows.at(-1)).toMatchObject({ nextMove: undefined, nextVariance: undefined });
    expect(rows.length).toBeGreaterThan(660);
  });

  it("do not look ahead but for the next day", () => {
    const cut = harRows(bars.slice(0, 12 * 400), terms, BAR_MS);
    expect(cut.slice(0, -1)).toEqual(rows.slice(0, cut.length - 1));
  });

  it("know the next day's move and variance", () => {
    const at = rows.length - 11;
    const first = bars.length - 12 * 10;
    const day = bars.slice(first - 12, first);
    const base = bars[first - 13]!.close;
    const up = Math.max(...day.map(({ high }) => high)) / base - 1;
    const down = 1 - Math.min(...day.map(({ low }) => low)) / base;
    expect(rows[at - 1]!.nextMove).toBeCloseTo(Math.max(up, down, 0), 12);
    expect(rows[at - 1]!.nextVariance).toBe(rows[at]!.features.day);
  });
});

describe.each(fitMethods)("a fit of %s", (method) => {
  it("follows a vol that wanders, and covers what it promises", () => {
    const { coefficients, days, explained } = fitHar(rows, 0.95, method);
    const { day, week, month, level } = coefficients;
    expect(days).toBe(rows.length - 1);
    expect(explained).toBeGreaterThan(method === "har" ? 0.5 : -1);
    expect(day + week + month).toBeGreaterThan(0.6);
    expect(day + week + month).toBeLessThan(1.4);
    const over = rows.filter(
      ({ nextMove = 0, features, factor }) =>
        nextMove > level * harScale(coefficients, features) * factor,
    );
    expect(over.length / days).toBeCloseTo(0.05, 2);
  });

  it("of too short a history is refused", () => {
    expect(() => fitHar(rows.slice(0, 250), 0.995, method)).not.toThrow();
    expect(() => fitHar(rows.slice(0, 249), 0.995, method)).toThrow(/out_of_bounds.*250 days/);
  });
});
