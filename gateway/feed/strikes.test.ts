/** Strike ladders for coins of every price. */
import { describe, expect, it } from "vitest";
import { chainSettings } from "./settings.ts";
import { halfWidth, ladder, strikeName } from "./strikes.ts";

const day = 1 / 365;

describe("ladder", () => {
  it.each([
    // forward, years
    [65_000, day],
    [65_000, 0.75],
    [3_500, 30 * day],
    [4.58, 7 * day],
    [0.00042, day],
    [987_654_321, 0.25],
  ])("is distinct, round and around %d for %d years", (forward, years) => {
    const strikes = ladder(forward, years, chainSettings);
    const half = halfWidth(years, chainSettings);
    expect(strikes.length).toBeGreaterThanOrEqual(19);
    expect(strikes.length).toBeLessThanOrEqual(21);
    for (const [i, strike] of strikes.entries()) {
      if (i > 0) expect(strike).toBeGreaterThan(strikes[i - 1]!);
      // At most two or three significant digits more than the spacing needs.
      expect(String(Number(strike.toPrecision(5)))).toBe(String(strike));
    }
    expect(Math.abs(Math.log(strikes[0]! / forward) + half)).toBeLessThan(half / 5);
    expect(Math.abs(Math.log(strikes.at(-1)! / forward) - half)).toBeLessThan(half / 5);
  });

  it("grows with the root of time", () => {
    expect(halfWidth(4, chainSettings)).toBeCloseTo(2 * halfWidth(1, chainSettings), 12);
  });

  it("shrinks no further in the last half day", () => {
    expect(halfWidth(0, chainSettings)).toBe(halfWidth(day / 2, chainSettings));
  });

  it.each([0, -1, Number.NaN, 1e13, 1e-7])("refuses a forward of %d", (forward) => {
    expect(() => ladder(forward, day, chainSettings)).toThrow(/out_of_bounds: forward/);
  });
});

describe("strikeName", () => {
  it.each([
    [70_000, "70000"],
    [0.625, "0d625"],
    [4.6, "4d6"],
    [0.00042, "0d00042"],
    [1e-7, "0d0000001"],
  ])("writes %d as %s", (strike, name) => {
    expect(strikeName(strike)).toBe(name);
  });
});
