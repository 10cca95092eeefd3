/** The time value against its two-term definition, its bounds and its derivative. */
import { describe, expect, it } from "vitest";
import { cdf } from "./normal.ts";
import { densityFound, shortfall, timeValue } from "./time-value.ts";

/** Φ(-z) - e^x Φ(-(h + t)), as in the paper: no digits are left where the two nearly agree. */
function byDefinition(x: number, s: number): number {
  return cdf(s / 2 - x / s) - Math.exp(x) * cdf(-s / 2 - x / s);
}

describe("timeValue", () => {
  it("is its two-term definition, to what rounding of the larger term leaves", () => {
    for (let s = 0.01; s < 30; s *= 1.13) {
      for (let h = 0; h < 12; h += 0.41) {
        const x = h * s;
        const large = cdf(s / 2 - h);
        const error = Math.abs(timeValue(x, 0, s, 0) - byDefinition(x, s));
        expect(error, `x ${x}, s ${s}`).toBeLessThanOrEqual(2e-15 * (2 + h * s + h * h) * large);
      }
    }
  });

  it("lies strictly between 0 and 1, rises with s and falls with x", () => {
    for (let s = 0.02; s < 9; s *= 1.2) {
      for (let x = 0; x < 6 * s; x += 0.3 * s) {
        const value = timeValue(x, 0, s, 0);
        expect(value).toBeGreaterThan(0);
        expect(value).toBeLessThan(1);
        expect(timeValue(x, 0, s * 1.001, 0)).toBeGreaterThan(value);
        expect(timeValue(x + 0.001 * s, 0, s, 0)).toBeLessThan(value);
      }
    }
  });

  it.each([
    //  x       s         value  density
    [0, Number.POSITIVE_INFINITY, 1, 0],
    [3, 1e9, 1, 0],
    [700, 1e9, 1, 0],
    [1e-12, 1e-14, 0, 0],
    [700, 1e-300, 0, 0],
    [5, 5e-324, 0, 0],
  ])("at x = %d, s = %d has left float64: %d", (x, s, value, density) => {
    expect(timeValue(x, 0, s, 0)).toBe(value);
    expect(densityFound[0]).toBe(density);
  });

  it("is s / √(2π) at the money for a vanishing s", () => {
    for (const s of [1e-4, 1e-8, 1e-100, 1e-300]) {
      expect(timeValue(0, 0, s, 0) / s / 0.3989422804014327).toBeCloseTo(1, 9);
    }
  });

  it("leaves the density that is its slope", () => {
    for (const [x, s] of [
      [0.1, 0.2],
      [0, 1],
      [2, 0.5],
      [5, 4],
    ] as const) {
      const d = 1e-5;
      const slope = (timeValue(x, 0, s + d, 0) - timeValue(x, 0, s - d, 0)) / (2 * d);
      timeValue(x, 0, s, 0);
      expect(densityFound[0]! / slope).toBeCloseTo(1, 7);
    }
  });

  it("takes tails into account: a tail of one ulp is as good as the next number", () => {
    for (const [x, s] of [
      [10, 0.3],
      [0.2, 0.006],
    ] as const) {
      const after = s * (1 + 2 ** -52);
      const next = timeValue(x, 0, after, 0) / timeValue(x, 0, s, 0) - 1;
      const tailed = timeValue(x, 0, s, after - s) / timeValue(x, 0, s, 0) - 1;
      expect(Math.abs(tailed - next)).toBeLessThan(3e-15);
      expect(next).toBeGreaterThan(5e-14);
      const further = timeValue(x, x * 2 ** -53, s, 0) / timeValue(x, 0, s, 0) - 1;
      expect(further).toBeLessThan(-5e-14);
    }
  });
});

describe("shortfall", () => {
  it("and the time value make 1", () => {
    for (let s = 0.05; s < 12; s *= 1.3) {
      for (let x = 0; x < 20; x += 0.7) {
        expect(Math.abs(shortfall(x, s) + timeValue(x, 0, s, 0) - 1)).toBeLessThan(4e-16);
      }
    }
  });

  it("keeps its digits where the time value has become 1", () => {
    expect(timeValue(0, 0, 20, 0)).toBe(1);
    expect(shortfall(0, 20) / (2 * cdf(-10))).toBeCloseTo(1, 14);
  });
});
