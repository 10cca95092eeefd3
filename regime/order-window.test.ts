/** Tests of the ordered window, against a sort of the newest values. */
import { describe, expect, it } from "vitest";
import { orderWindow, push, quantile } from "./order-window.ts";
import { normals, uniforms } from "./study/synthetic.test-kit.ts";

const filled = (capacity: number, values: readonly number[]) => {
  const window = orderWindow(capacity);
  for (const value of values) push(window, value);
  return window;
};

/** The definition: sort, then walk to the place. */
function quantileBySort(values: readonly number[], p: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const place = p * (sorted.length - 1);
  const lower = Math.floor(place);
  const upper = Math.min(lower + 1, sorted.length - 1);
  return sorted[lower]! + (place - lower) * (sorted[upper]! - sorted[lower]!);
}

describe("an ordered window", () => {
  it.each([
    // capacity, values, p, quantile
    [4, [1, 2, 3, 4], 0, 1],
    [4, [4, 3, 2, 1], 1, 4],
    [4, [4, 3, 2, 1], 0.5, 2.5],
    [4, [9, 1, 2, 3, 4], 1, 4],
    [5, [1, 2, 3], 0.25, 1.5],
    [3, [7], 0.995, 7],
    [3, [2, 2, 2, 2], 0.5, 2],
  ])("of %i that saw %j has its quantile %d at %d", (capacity, values, p, expected) => {
    expect(quantile(filled(capacity, values), p)).toBe(expected);
  });

  it("has no quantile before the first value", () => {
    expect(quantile(orderWindow(3), 0.5)).toBeUndefined();
  });

  it.each([1, 2, 7, 100])("of %i equals a sort of the newest, with ties", (capacity) => {
    const normal = normals(11);
    const uniform = uniforms(12);
    const values: number[] = [];
    const window = orderWindow(capacity);
    for (let i = 0; i < 500; i++) {
      const value = uniform() < 0.3 ? Math.floor(3 * normal()) : normal();
      values.push(value);
      push(window, value);
      const newest = values.slice(-capacity);
      for (const p of [0, 0.3, 0.5, 0.995, 1])
        expect(quantile(window, p)).toBe(quantileBySort(newest, p));
    }
  });
});
