/** The Mills ratio and its differences against 80 digits, integrals and themselves. */
import { describe, expect, it } from "vitest";
import cases from "../cases/options-functions.json" with { type: "json" };
import { differenceReach, mills, millsDifference } from "./mills.ts";

/** 2 ∫ e^(-hu - u²/2) sinh(tu) du from 0 to 20, by Simpson's rule in 20,000 steps. */
function byDefinition(h: number, t: number): number {
  const step = 20 / 20_000;
  let sum = 0;
  for (let i = 1; i < 20_000; i++) {
    const u = i * step;
    sum += (i % 2 === 0 ? 2 : 4) * Math.exp(-h * u - (u * u) / 2) * Math.sinh(t * u);
  }
  return (2 * sum * step) / 3;
}

describe("mills", () => {
  it.each(cases.mills as [number, number][])("mills(%d) is %d to the last place", (z, value) => {
    expect(Math.abs(mills(z) - value)).toBeLessThanOrEqual(2 ** -52 * value);
  });

  it("lies between 1/(z + 1/z) and 1/z, and falls", () => {
    for (let z = 0.05; z < 60; z += 0.05) {
      expect(mills(z)).toBeLessThan(1 / z);
      expect(mills(z)).toBeGreaterThan(z / (z * z + 1));
      expect(mills(z)).toBeLessThan(mills(z - 0.01));
    }
  });

  it("vanishes at infinity and passes NaN on", () => {
    expect(mills(Number.POSITIVE_INFINITY)).toBe(0);
    expect(mills(1e308)).toBe(1 / 1e308);
    expect(mills(Number.NaN)).toBeNaN();
  });
});

describe("millsDifference", () => {
  it.each([
    //  h     t
    [0, 0.5],
    [0.03125, 0.75],
    [1, 0.001],
    [2.7, 0.9],
    [7.97, 0.2],
    [11.99, 1.9],
    [12.01, 3],
    [15, 0.2],
    [15, 0.001],
  ])("is the integral that defines it at h = %d, t = %d", (h, t) => {
    const want = byDefinition(h, t);
    expect(Math.abs(millsDifference(h, t) - want)).toBeLessThan(1e-9 * want);
  });

  it("is what subtraction gives, to the digits that subtraction leaves", () => {
    for (let h = 1; h < 40; h += 0.37) {
      const t = Math.min(0.9 * h, differenceReach(h));
      const ratios = mills(h - t) - mills(h + t);
      expect(Math.abs(millsDifference(h, t) - ratios)).toBeLessThan(1e-15 * mills(h - t));
    }
  });

  it.each([0, 0.4, 3, 11.97, 12.5, 36])("tends to -2t M'(h) at h = %d", (h) => {
    const slope = millsDifference(h, 1e-9) / 2e-9;
    expect(Math.abs(slope - (1 - h * mills(h)))).toBeLessThan(2e-13);
    expect(millsDifference(h, 1e-300) / 2e-300 / slope).toBeCloseTo(1, 14);
  });

  it("has no step where its table ends", () => {
    for (const t of [1e-6, 0.01, 0.1, 1, 1.9]) {
      const inside = millsDifference(12 - 2 ** -48, t);
      expect(Math.abs(millsDifference(12, t) / inside - 1)).toBeLessThan(1e-14);
    }
  });

  it("reaches to where subtraction loses at most two bits", () => {
    for (let h = 1.1; h < 45; h += 0.3) {
      const t = Math.min(h, differenceReach(h));
      expect(mills(h + t) / mills(h - t)).toBeLessThan(0.75);
    }
  });
});
