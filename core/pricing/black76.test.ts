/** Prices against 110 digits, published tables, the plain formula, parity and every limit. */
import { describe, expect, it } from "vitest";
import grid from "../cases/options-black76.json" with { type: "json" };
import published from "../cases/options-published.json" with { type: "json" };
import stress from "../cases/options-stress.json" with { type: "json" };
import type { Right } from "../instrument.ts";
import { black, optionValue } from "./black76.ts";
import { cdf } from "./normal.ts";
import { PRICE_MAX, VOL_MAX } from "./option.ts";

const infinity = Number.POSITIVE_INFINITY;
const SECONDS_PER_YEAR = 365 * 86_400;

/** F Φ(d1) - K Φ(d2), or the put's: right in absolute terms only. */
function byFormula(forward: number, strike: number, s: number, call: boolean): number {
  const d1 = Math.log(forward / strike) / s + s / 2;
  return call
    ? forward * cdf(d1) - strike * cdf(d1 - s)
    : strike * cdf(s - d1) - forward * cdf(-d1);
}

describe("optionValue", () => {
  it.each(stress.cases)("of F $forward K $strike vol $vol ($region) has 2e-15", (row) => {
    const found = optionValue({ ...row, right: row.right as Right });
    expect(Math.abs(found - row.price)).toBeLessThanOrEqual(2e-15 * row.price);
  });

  // The grid's years are exact fractions; in the tails the price feels their rounding 300-fold.
  it.each(grid.cases)("of grid case $id has 1e-13", (row) => {
    const years = row.secondsToExpiry / SECONDS_PER_YEAR;
    const found = optionValue({ ...row, years, right: row.right as Right });
    expect(Math.abs(found - row.price)).toBeLessThanOrEqual(1e-13 * row.price);
    expect(Math.abs(found - row.price)).toBeLessThanOrEqual(1e-15 * row.forward);
  });

  it.each(published.cases.filter(({ kind }) => kind === "forward" || kind === "edge"))(
    "of published $id is as printed",
    (row) => {
      const { forward, strike, years, vol, right, expected, precise, tolerance } = row;
      const found = optionValue({
        forward: forward!,
        strike,
        years,
        vol: vol!,
        rate: 0,
        right: right as Right,
      });
      expect(Math.abs(found - expected.price!)).toBeLessThanOrEqual(tolerance!);
      const exact = precise?.price ?? found;
      expect(Math.abs(found - exact)).toBeLessThanOrEqual(2e-15 * exact);
    },
  );

  it.each(published.cases.filter(({ kind, expected }) => kind === "spot" && "price" in expected))(
    "of published $id, a spot option with yield, is as printed",
    (row) => {
      const growth = Math.exp((row.rate! - row.dividendYield!) * row.years);
      const found = optionValue({
        forward: row.spot! * growth,
        strike: row.strike,
        years: row.years,
        vol: row.vol!,
        rate: row.rate!,
        right: row.right as Right,
      });
      expect(Math.abs(found - row.expected.price!)).toBeLessThanOrEqual(row.tolerance!);
      expect(Math.abs(found / row.precise!.price! - 1)).toBeLessThan(1e-13);
    },
  );

  it.each([
    ["vol", -0.1, "out_of_bounds"],
    ["vol", 2 * VOL_MAX, "out_of_bounds"],
    ["vol", Number.NaN, "not_finite"],
    ["forward", infinity, "not_finite"],
    ["years", -1, "out_of_bounds"],
  ])("refuses %s of %d, naming it", (field, value, code) => {
    const option = { forward: 1, strike: 1, years: 1, vol: 1, rate: 0, right: "put" as Right };
    expect(() => optionValue({ ...option, [field]: value })).toThrow(
      expect.objectContaining({ code, detail: expect.objectContaining({ path: field }) }),
    );
  });

  it("refuses a discount that leaves float64 instead of answering ∞ or 0 x ∞", () => {
    const far = { strike: 1, years: 1e4, vol: 0, rate: -90, right: "call" as Right };
    expect(() => optionValue({ ...far, forward: 2 })).toThrow(/not_finite: price/);
    expect(() => optionValue({ ...far, forward: 0.5 })).toThrow(/not_finite: price/);
  });
});

describe("black", () => {
  it("is the plain formula within 1e-14 of the larger price, on 20,000 options", () => {
    let seed = 76;
    const chance = () => {
      seed = (seed * 48271) % 2147483647;
      return seed / 2147483647;
    };
    for (let i = 0; i < 20_000; i++) {
      const forward = 100 * (0.2 + chance());
      const strike = 100 * (0.2 + chance());
      const s = 0.01 + 3 * chance() ** 2;
      const error =
        black(forward, strike, s, i % 2 === 0) - byFormula(forward, strike, s, i % 2 === 0);
      expect(Math.abs(error)).toBeLessThan(1e-14 * Math.max(forward, strike));
    }
  });

  it("keeps put-call parity, and the symmetry of a call with the put of swapped prices", () => {
    for (const [forward, strike, s] of [
      [100, 137, 0.4],
      [65_666.19, 64_000, 0.03],
      [1, 40, 2.5],
      [250, 3, 7],
    ] as const) {
      const call = black(forward, strike, s, true);
      const put = black(forward, strike, s, false);
      expect(Math.abs(call - put - (forward - strike))).toBeLessThan(3e-16 * (forward + strike));
      expect(black(strike, forward, s, false)).toBe(call);
      expect(black(forward * 1024, strike * 1024, s, true)).toBe(call * 1024);
    }
  });

  it("stays between intrinsic value and upper bound and never falls with vol, at every vol", () => {
    for (const [forward, strike] of [
      [104, 85],
      [57.6, 15.7],
      [85, 104],
      [7, 7],
      [1e-3, 1e5],
    ] as const) {
      for (const call of [true, false]) {
        let before = Math.max(0, call ? forward - strike : strike - forward);
        for (let s = 1e-9; s < 200; s *= 1.07) {
          const price = black(forward, strike, s, call);
          expect(price).toBeGreaterThanOrEqual(before * (1 - 4e-16));
          expect(price).toBeLessThanOrEqual(call ? forward : strike);
          before = price;
        }
        expect(before).toBe(call ? forward : strike);
      }
    }
  });

  it.each([
    //  what                       F     K    s         call  put
    ["no vol, in the money", 104, 85, 0, 19, 0],
    ["no vol, out of the money", 85, 104, 0, 0, 19],
    ["no vol, at the money", 100, 100, 0, 0, 0],
    ["a vanishing vol", 104, 85, 1e-300, 19, 0],
    ["a huge vol", 104, 85, 1e300, 104, 85],
    ["endless vol", 104, 85, infinity, 104, 85],
    ["800 % over 4.5 years", 104, 85, 8 * Math.sqrt(4.5), 104, 85],
    ["strike 0", 104, 0, 0.5, 104, 0],
    ["forward 0", 0, 85, 0.5, 0, 85],
    ["forward and strike 0", 0, 0, 0.5, 0, 0],
    ["strike 0 and endless vol", 104, 0, infinity, 104, 0],
    ["the largest prices", PRICE_MAX, PRICE_MAX, infinity, PRICE_MAX, PRICE_MAX],
    ["the smallest against the largest", 5e-324, PRICE_MAX, 0.5, 0, PRICE_MAX],
  ])("with %s is a chosen limit", (_, forward, strike, s, call, put) => {
    expect(black(forward, strike, s, true)).toBe(call);
    expect(black(forward, strike, s, false)).toBe(put);
  });

  it.each([
    ["forward", -1, 85, 0.5],
    ["strike", 104, -1e-9, 0.5],
    ["stdDev", 104, 85, -0.5],
    ["forward", Number.NaN, 85, 0.5],
    ["strike", 104, Number.NaN, 0.5],
    ["stdDev", 104, 85, Number.NaN],
    ["forward", infinity, 85, 0.5],
    ["strike", 104, infinity, 0.5],
  ])("refuses a %s that is no price: F %d, K %d, s %d", (path, forward, strike, s) => {
    for (const call of [true, false]) {
      expect(() => black(forward, strike, s, call)).toThrow(
        expect.objectContaining({ detail: expect.objectContaining({ path }) }),
      );
    }
  });
});
