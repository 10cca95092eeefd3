/** Limits of what is priced, and the two figures made before pricing. */
import { describe, expect, it } from "vitest";
import {
  checkTerms,
  discountOf,
  finite,
  type OptionTerms,
  PRICE_MAX,
  RATE_MAX,
  stdDevOf,
  stdDevTail,
  YEARS_MAX,
} from "./option.ts";

const terms: OptionTerms = { forward: 100, strike: 90, years: 1, rate: 0.05, right: "call" };

describe("checkTerms", () => {
  it.each([
    ["forward", 0],
    ["forward", PRICE_MAX],
    ["strike", 0],
    ["strike", PRICE_MAX],
    ["years", 0],
    ["years", YEARS_MAX],
    ["rate", -RATE_MAX],
    ["rate", RATE_MAX],
  ])("accepts %s of %d, its bound", (field, value) => {
    expect(() => checkTerms({ ...terms, [field]: value })).not.toThrow();
  });

  it.each([
    ["forward", -1e-300, "out_of_bounds"],
    ["forward", 1.1e308, "out_of_bounds"],
    ["strike", -1, "out_of_bounds"],
    ["years", -1e-9, "out_of_bounds"],
    ["years", 10_001, "out_of_bounds"],
    ["rate", 100.1, "out_of_bounds"],
    ["rate", -100.1, "out_of_bounds"],
    ["strike", Number.NaN, "not_finite"],
    ["years", Number.POSITIVE_INFINITY, "not_finite"],
  ])("refuses %s of %d, naming it", (field, value, code) => {
    expect(() => checkTerms({ ...terms, [field]: value })).toThrow(
      expect.objectContaining({ code, detail: expect.objectContaining({ path: field }) }),
    );
  });
});

describe("finite", () => {
  it("passes a number and stops what is none", () => {
    expect(finite(-1e308, "gamma")).toBe(-1e308);
    for (const x of [Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => finite(x, "gamma")).toThrow(/not_finite: gamma/);
    }
  });
});

describe("stdDevOf", () => {
  it("is vol √years, and its tail what the two roundings lost", () => {
    for (const [vol, years] of [
      [0.62, 0.029],
      [3, 2 / 3],
      [1e-8, 1.7],
      [0.1, 1e-9],
    ] as const) {
      const stdDev = stdDevOf(vol, years);
      expect(Math.abs(stdDev / (vol * Math.sqrt(years)) - 1)).toBeLessThan(1e-15);
      // (s + tail)² = vol² years, by whole numbers: each double times 2^200 is one.
      const whole = (x: number) => BigInt(x * 2 ** 200);
      const square = (whole(stdDev) + whole(stdDevTail[0]!)) ** 2n * 2n ** 200n;
      const want = whole(vol) ** 2n * whole(years);
      expect(Math.abs(Number(((square - want) * 10n ** 40n) / want))).toBeLessThan(1e10);
    }
  });

  it("is 0 without vol or time", () => {
    expect(stdDevOf(0, 1)).toBe(0);
    expect(stdDevOf(0.5, 0)).toBe(0);
    expect(stdDevTail[0]).toBe(0);
  });
});

describe("discountOf", () => {
  it.each([
    [0, 1, 1],
    [0.05, 0, 1],
    [0.05, 2, 0.9048374180359595],
    [-0.02, 0.5, 1.010050167084168],
    [1, 745, 5e-324],
    [1, 746, 0],
  ])("of rate %d over %d years is %d", (rate, years, discount) => {
    expect(discountOf(rate, years)).toBe(discount);
  });

  it("keeps the rounding of rate x years, which a long time would blow up", () => {
    // 0.1 in float64 is 2^-56 x 0.4 above a tenth; the product with 6,000.3 is not a double.
    const exact = -0.1 * 6000.3;
    const tail = discountOf(0.1, 6000.3) / Math.exp(exact) - 1;
    expect(Math.abs(tail)).toBeGreaterThan(1e-15);
    expect(Math.abs(tail)).toBeLessThan(1e-13);
  });
});
