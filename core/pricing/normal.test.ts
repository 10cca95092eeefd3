/** Φ and φ against 80 digits, a series and their symmetries. */
import { describe, expect, it } from "vitest";
import cases from "../cases/options-functions.json" with { type: "json" };
import { cdf, pdf } from "./normal.ts";

const infinity = Number.POSITIVE_INFINITY;

/** Φ(x) = 1/2 + φ(x) (x + x³/3 + x⁵/15 + …): slow and plain, for small |x|. */
function cdfBySeries(x: number): number {
  let term = x;
  let sum = x;
  for (let k = 3; Math.abs(term) > 1e-20; k += 2) {
    term *= (x * x) / k;
    sum += term;
  }
  return 0.5 + (sum * Math.exp((-x * x) / 2)) / Math.sqrt(2 * Math.PI);
}

describe("cdf", () => {
  it.each(cases.cdf as [number, number][])("cdf(%d) is %d within 1e-15 of itself", (x, value) => {
    expect(Math.abs(cdf(x) - value)).toBeLessThanOrEqual(Math.max(1e-15 * value, 5e-324));
  });

  it("equals its series between -5 and 5, within 1e-14", () => {
    for (let x = -5; x <= 5; x += 0.01) {
      expect(Math.abs(cdf(x) - cdfBySeries(x))).toBeLessThan(1e-14);
    }
  });

  it("and its mirror image make 1, and it never falls", () => {
    for (let x = 0; x < 40; x += 0.013) {
      expect(Math.abs(cdf(x) + cdf(-x) - 1)).toBeLessThanOrEqual(2 ** -53);
      expect(cdf(x + 0.013)).toBeGreaterThanOrEqual(cdf(x));
      expect(cdf(-x - 0.013)).toBeLessThanOrEqual(cdf(-x));
    }
  });

  it.each([
    [0, 0.5],
    [-0, 0.5],
    [infinity, 1],
    [-infinity, 0],
    [-38.6, 0],
    [9, 1],
    [Number.NaN, Number.NaN],
  ])("of %d is %d", (x, value) => {
    expect(cdf(x)).toBe(value);
  });
});

describe("pdf", () => {
  it.each(cases.pdf as [number, number][])("pdf(%d) is %d within 5e-16 of itself", (x, value) => {
    expect(Math.abs(pdf(x) - value)).toBeLessThanOrEqual(Math.max(5e-16 * value, 5e-324));
  });

  it("is even, and nothing at infinity", () => {
    for (let x = 0; x < 40; x += 0.7) expect(pdf(-x)).toBe(pdf(x));
    expect(pdf(infinity)).toBe(0);
    expect(pdf(-infinity)).toBe(0);
    expect(pdf(Number.NaN)).toBeNaN();
  });
});
