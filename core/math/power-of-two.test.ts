/** Powers of two are exact, and scaling by one rounds once. */
import { describe, expect, it } from "vitest";
import { EXPONENT_MIN, powerOfTwo, scale } from "./power-of-two.ts";

describe("powerOfTwo", () => {
  it("is exact from the smallest double to the largest power", () => {
    for (let n = EXPONENT_MIN; n <= 1023; n++) expect(powerOfTwo(n)).toBe(2 ** n);
  });
});

describe("scale", () => {
  it.each([
    //  m        n     m * 2^n
    [1.5, 0, 1.5],
    [1.75, -1022, 1.75 * 2 ** -1022],
    [1.75, -1073, 2 * 2 ** -1073],
    [1.25, -1073, 1 * 2 ** -1073],
    [1.5, -1075, 2 ** -1074],
    [1, -1075, 0],
    [1.9, -1200, 0],
    [1.9999999999999998, 1023, Number.MAX_VALUE],
    [0.9999999999999999, 1024, Number.MAX_VALUE],
    [1, 1024, Number.POSITIVE_INFINITY],
    [3, 1100, Number.POSITIVE_INFINITY],
  ])("%d times 2^%d is %d", (m, n, scaled) => {
    expect(scale(m, n)).toBe(scaled);
  });
});
