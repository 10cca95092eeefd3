/** x^y against values of 80 digits, against whole powers in whole numbers, and at its limits. */
import { describe, expect, it } from "vitest";
import cases from "../cases/options-functions.json" with { type: "json" };
import { pow } from "./pow.ts";

const infinity = Number.POSITIVE_INFINITY;

describe("pow", () => {
  it.each(cases.pow as [number, number, number][])("pow(%d, %d) is %d", (x, y, value) => {
    const ulp = 2 ** (Math.floor(Math.log2(Math.max(value, 2 ** -1022))) - 52);
    expect(Math.abs(pow(x, y) - value)).toBeLessThanOrEqual(ulp);
  });

  it("gives a whole power exactly wherever float64 holds it", () => {
    for (let x = 2; x <= 50; x++) {
      for (let y = 0; BigInt(x) ** BigInt(y) <= 2n ** 53n; y++) {
        expect(pow(x, y), `${x}^${y}`).toBe(Number(BigInt(x) ** BigInt(y)));
      }
    }
  });

  it("takes a square root to the last place, as Math.sqrt is required to", () => {
    for (let i = 1; i <= 2000; i++) {
      const x = i / 7;
      expect(Math.abs(pow(x, 0.5) - Math.sqrt(x))).toBeLessThanOrEqual(2 ** -52 * Math.sqrt(x));
    }
  });

  it("rises with the power for x above 1 and falls below", () => {
    for (let y = -20; y < 20; y += 0.37) {
      expect(pow(1.3, y + 0.37)).toBeGreaterThan(pow(1.3, y));
      expect(pow(0.7, y + 0.37)).toBeLessThan(pow(0.7, y));
    }
  });

  it.each([
    //  x         y          x^y
    [0, 0, 1],
    [5, 0, 1],
    [infinity, 0, 1],
    [1, infinity, 1],
    [1, -infinity, 1],
    [1, 1e308, 1],
    [0, 2, 0],
    [0, -2, infinity],
    [0, infinity, 0],
    [infinity, 0.5, infinity],
    [infinity, -0.5, 0],
    [2, infinity, infinity],
    [2, -infinity, 0],
    [0.5, infinity, 0],
    [0.5, -infinity, infinity],
    [2, 1024, infinity],
    [2, -1076, 0],
    [1e300, 1e300, infinity],
    [Number.MAX_VALUE, 1, Number.MAX_VALUE],
    [-8, 2, Number.NaN],
    [Number.NaN, 0, Number.NaN],
    [1, Number.NaN, Number.NaN],
    [2, Number.NaN, Number.NaN],
  ])("of %d and %d is %d", (x, y, value) => {
    expect(pow(x, y)).toBe(value);
  });
});
