/** Implied vols over 300 orders of magnitude of price, at both bounds, and beyond them. */
import { describe, expect, it } from "vitest";
import cases from "../cases/options-implied.json" with { type: "json" };
import published from "../cases/options-published.json" with { type: "json" };
import type { Right } from "../instrument.ts";
import { optionValue } from "./black76.ts";
import { impliedVol, type PricedOption } from "./implied.ts";

/** Above this a price says next to nothing of its vol; then it must at least be reproduced. */
const ATTAINABLE_MAX = 1e-3;

const base: PricedOption = {
  price: 10,
  forward: 100,
  strike: 100,
  years: 1,
  rate: 0,
  right: "call",
};

function judge(option: PricedOption, vol: number, attainable: number): void {
  const found = impliedVol(option);
  if (attainable > ATTAINABLE_MAX) {
    const again = optionValue({ ...option, vol: found });
    expect(Math.abs(again - option.price)).toBeLessThanOrEqual(1e-13 * option.price);
  } else {
    expect(Math.abs(found / vol - 1)).toBeLessThanOrEqual(Math.max(1e-12, 8 * attainable));
  }
}

describe("impliedVol", () => {
  it.each(cases.cases)("finds vol $vol of F $forward K $strike T $years $right", (row) => {
    judge({ ...row, right: row.right as Right }, row.vol, row.attainable);
  });

  it.each(published.cases.filter(({ kind }) => kind === "implied"))("finds that of $id", (row) => {
    const option = { ...row, forward: row.forward!, price: row.price!, rate: 0 };
    judge({ ...option, right: row.right as Right }, row.expected.vol!, row.attainable ?? 1e-15);
  });

  it("returns from vol to price to vol on an ordinary chain, in and out of the money", () => {
    for (let strike = 40; strike <= 250; strike += 7) {
      for (const vol of [0.3, 0.62, 1.5]) {
        for (const right of ["call", "put"] as const) {
          const option = { ...base, strike, years: 0.25, rate: 0.03, right };
          const price = optionValue({ ...option, vol });
          const again = optionValue({ ...option, vol: impliedVol({ ...option, price }) });
          expect(Math.abs(again - price)).toBeLessThanOrEqual(1e-13 * price);
        }
      }
    }
  });

  it("rises with the price", () => {
    let before = 0;
    for (let price = 20.000001; price < 120; price += 0.37) {
      const found = impliedVol({ ...base, forward: 120, price });
      expect(found).toBeGreaterThan(before);
      before = found;
    }
  });

  it.each([
    //  what                             option
    ["an out-of-the-money price of 0", { price: 0, strike: 120 }],
    ["an at-the-money price of 0", { price: 0 }],
    ["exactly the intrinsic value", { price: 20, strike: 80 }],
    ["the intrinsic value, rounded", { price: 0.3 - 0.1, forward: 0.3, strike: 0.1 }],
    ["the intrinsic value at expiry", { price: 20, strike: 80, years: 0 }],
    ["the forward at strike 0", { price: 100, strike: 0 }],
    ["nothing at forward 0", { price: 0, forward: 0 }],
  ])("is 0 at %s", (_, option) => {
    expect(impliedVol({ ...base, ...option })).toBe(0);
  });

  it.each([
    ["the forward of a call", { price: 100 }],
    ["the discounted forward", { price: 100 * Math.exp(-0.07), rate: 0.07 }],
    ["the strike of a put", { price: 80, strike: 80, right: "put" as const }],
    ["the forward of a call deep in the money", { price: 100, strike: 1e-30 }],
    ["one place less than the forward", { price: 100 - 2 ** -46 }],
  ])("at its upper bound, %s, reproduces the price", (_, option) => {
    const vol = impliedVol({ ...base, ...option });
    const again = optionValue({ ...base, ...option, vol });
    expect(vol).toBeLessThan(40);
    expect(Math.abs(again / option.price - 1)).toBeLessThan(1e-15);
  });

  it.each([
    ["the smallest price", { price: 5e-324 }],
    ["the smallest price and forward", { price: 5e-324, forward: 5e-324 }],
    ["the smallest price of the largest forward", { price: 5e-324, forward: 1e308, strike: 1e308 }],
    ["a price whose vol is subnormal", { price: 0.01, forward: 1e308, strike: 1e308 }],
    ["the largest price", { price: 1e308, forward: 1e308, strike: 5e-324 }],
  ])("answers %s with a vol that float64 holds", (_, option) => {
    const vol = impliedVol({ ...base, ...option });
    expect(vol).toBeGreaterThanOrEqual(0);
    expect(vol).toBeLessThan(100);
  });

  it.each([
    ["below 0", { price: -1e-9 }],
    ["below the intrinsic value", { price: 19.999999, strike: 80 }],
    ["below it by three places", { price: 20 * (1 - 2 ** -50), strike: 80 }],
    ["above the forward", { price: 100.0001 }],
    ["above the discounted forward", { price: 99, rate: 0.07 }],
    ["above a put's strike", { price: 81, strike: 80, right: "put" as const }],
    ["with time value at expiry", { price: 20.01, strike: 80, years: 0 }],
    ["above 0 at forward 0", { price: 1e-9, forward: 0 }],
    ["that overflows when its discount is undone", { price: 1e300, years: 1e4, rate: 1 }],
    ["that is no number", { price: Number.NaN }],
    ["without end", { price: Number.POSITIVE_INFINITY }],
  ])("refuses a price %s", (_, option) => {
    expect(() => impliedVol({ ...base, ...option })).toThrow(
      expect.objectContaining({
        code: "price_out_of_bounds",
        detail: expect.objectContaining({ path: "price" }),
      }),
    );
  });

  it("refuses what is no option", () => {
    expect(() => impliedVol({ ...base, forward: -1 })).toThrow(/out_of_bounds: forward/);
    expect(() => impliedVol({ ...base, years: Number.NaN })).toThrow(/not_finite: years/);
  });
});
