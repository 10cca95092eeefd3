/** Tests of the batch statistics against cases that can be worked out by hand. */
import { describe, expect, it } from "vitest";
import {
  explained,
  leastSquares,
  predicted,
  quantileOf,
  quantileRegression,
} from "./statistics.ts";

/** A grid of inputs, and what 2 + 3x - y makes of it. */
const rows = Array.from({ length: 100 }, (_, i) => [i % 10, Math.floor(i / 10)]);
const exact = rows.map(([x, y]) => 2 + 3 * x! - y!);

describe("least squares", () => {
  it("finds the coefficients of what is linear, the intercept last", () => {
    const [x, y, intercept] = leastSquares(rows, exact) as [number, number, number];
    expect(x).toBeCloseTo(3, 10);
    expect(y).toBeCloseTo(-1, 10);
    expect(intercept).toBeCloseTo(2, 10);
    expect(explained([x, y, intercept], rows, exact)).toBeCloseTo(1, 10);
  });

  it("leaves errors that say nothing of the inputs", () => {
    const noisy = exact.map((value, i) => value + [5, -3, 8, -6, 1][(i * 7) % 5]!);
    const found = leastSquares(rows, noisy);
    const errors = noisy.map((value, i) => value - predicted(found, rows[i]!));
    const dot = (k: number): number => errors.reduce((sum, e, i) => sum + e * rows[i]![k]!, 0);
    expect(dot(0)).toBeCloseTo(0, 6);
    expect(dot(1)).toBeCloseTo(0, 6);
    expect(errors.reduce((sum, e) => sum + e, 0)).toBeCloseTo(0, 6);
  });
});

describe("a quantile regression", () => {
  it.each([0.5, 0.9])("has the share %d of its targets below it", (p) => {
    const spread = exact.map((value, i) => value + ((i * 37) % 100) / 10);
    const found = quantileRegression(rows, spread, p);
    const below = spread.filter((value, i) => value < predicted(found, rows[i]!) + 1e-6).length;
    expect(Math.abs(below / 100 - p)).toBeLessThanOrEqual(0.03);
    expect(found[0]).toBeCloseTo(3, 0);
  });
});

describe("a quantile", () => {
  it.each([
    [0, 1],
    [0.5, 3],
    [0.9, 4.6],
    [1, 5],
  ])("of 1 to 5 at %d is %d", (p, expected) => {
    expect(quantileOf([5, 3, 1, 2, 4], p)).toBeCloseTo(expected, 12);
  });
});
