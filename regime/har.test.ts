/** Tests of HAR: features against their definition, the scale they make, and what is refused. */
import { describe, expect, it } from "vitest";
import { log } from "../core/math/log.ts";
import { foldHar, harCoefficients, harFeatures, harScale, startHar } from "./har.ts";
import { paceOf } from "./pace.ts";
import { exampleTerms as terms } from "./study/example-terms.test-kit.ts";
import { uniforms } from "./study/synthetic.test-kit.ts";

const HOUR_MS = 3_600_000;
const pace = paceOf(terms, 2 * HOUR_MS);

describe("the features", () => {
  it("are logs of mean daily variances of a day, a week and a month", () => {
    const uniform = uniforms(3);
    const har = startHar(pace);
    const all: number[] = [];
    for (let i = 0; i < 700; i++) {
      all.push(1e-4 * (0.5 + uniform()));
      foldHar(har, all[i]!);
      if (i < 12 * 30 - 1) expect(harFeatures(har, pace)).toBeUndefined();
    }
    const mean = (days: number): number =>
      log(all.slice(-12 * days).reduce((sum, x) => sum + x, 0) / days);
    const { day, week, month } = harFeatures(har, pace)!;
    expect(day).toBeCloseTo(mean(1), 12);
    expect(week).toBeCloseTo(mean(7), 12);
    expect(month).toBeCloseTo(log(all.slice(-365).reduce((sum, x) => sum + x, 0) * (12 / 365)), 12);
  });

  it.each([
    // calendar, bar in hours, blocks of a day, a week and a month
    ["around the clock", terms.calendar, 1 / 12, [12, 84, 365]],
    ["around the clock", terms.calendar, 24, [1, 7, 30]],
    [
      "of sessions",
      { kind: "sessions", openMs: 6.5 * HOUR_MS, daysPerYear: 252 } as const,
      6.5,
      [1, 5, 21],
    ],
  ])("are of market days %s", (_, calendar, hours, blocks) => {
    const { day, week, month } = paceOf({ ...terms, calendar }, hours * HOUR_MS).harBlocks;
    expect([day, week, month]).toEqual(blocks);
  });
});

describe("the scale", () => {
  const flat = { day: log(9e-4), week: log(9e-4), month: log(9e-4) };
  const of = { intercept: 0, day: 0.5, week: 0.3, month: 0.2, level: 4 };

  it("of a steady market is its vol where the coefficients add up to 1", () => {
    expect(harScale(of, flat)).toBeCloseTo(0.03, 12);
    expect(harScale({ ...of, intercept: log(4) }, flat)).toBeCloseTo(0.06, 12);
  });

  it("weighs logs, and stays within its bounds", () => {
    expect(harScale(of, { ...flat, day: log(36e-4) })).toBeCloseTo(0.03 * Math.SQRT2, 12);
    expect(harScale({ ...of, intercept: 50 }, flat)).toBeCloseTo(10, 9);
    expect(harScale({ ...of, intercept: -50 }, flat)).toBeCloseTo(1e-6, 12);
  });
});

describe("coefficients from outside", () => {
  const good = { intercept: -0.5, day: 0.4, week: 0.4, month: 0.1, level: 4.5 };

  it("are taken as they stand", () => {
    expect(harCoefficients(good)).toEqual(good);
  });

  it.each([
    ["one that is missing", { ...good, week: undefined }, /missing_field: coefficients.week/],
    ["one that is text", { ...good, day: "0.4" }, /wrong_type: coefficients.day/],
    ["one beyond reason", { ...good, month: 5.1 }, /out_of_bounds: coefficients.month/],
    ["one that is no number", { ...good, intercept: Number.NaN }, /coefficients.intercept/],
    ["a level of nothing", { ...good, level: 0 }, /out_of_bounds: coefficients.level/],
    ["one that there is not", { ...good, year: 1 }, /unknown_key: coefficients.year/],
  ])("are refused with %s", (_, bad, message) => {
    expect(() => harCoefficients(bad)).toThrow(message);
  });
});
