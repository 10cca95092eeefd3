/** e^x against values of 80 digits, against the engine's own, and at its limits. */
import { describe, expect, it } from "vitest";
import cases from "../cases/options-functions.json" with { type: "json" };
import { EXP_ARGUMENT_MAX, EXP_ARGUMENT_MIN, exp, expOfSum } from "./exp.ts";

/** Distance to `value` in units of its last place. */
function ulps(found: number, value: number): number {
  const size = Math.max(Math.abs(value), 2 ** -1022);
  return Math.abs(found - value) / 2 ** (Math.floor(Math.log2(size)) - 52);
}

describe("exp", () => {
  it.each(cases.exp as [number, number][])("exp(%d) is %d to the last place", (x, value) => {
    expect(ulps(exp(x), value)).toBeLessThanOrEqual(1);
  });

  it("rounds almost every case to the nearest double", () => {
    const missed = (cases.exp as [number, number][]).filter(([x, value]) => exp(x) !== value);
    expect(missed.length).toBeLessThanOrEqual(cases.exp.length * 0.05);
  });

  it("stays within 2 ulp of the engine's over the whole range", () => {
    for (let i = 0; i <= 20_000; i++) {
      const x = -745 + (i * 1454.7) / 20_000;
      expect(ulps(exp(x), Math.exp(x)), `exp(${x})`).toBeLessThanOrEqual(2);
    }
  });

  it("never falls as x grows across the seams of its table", () => {
    const step = Math.LN2 / 256;
    for (let k = -400; k <= 400; k++) {
      const seam = k * step;
      const near = [seam * (1 - 2 ** -50), seam, seam * (1 + 2 ** -50)].sort((a, b) => a - b);
      expect(exp(near[0]!)).toBeLessThanOrEqual(exp(near[1]!));
      expect(exp(near[1]!)).toBeLessThanOrEqual(exp(near[2]!));
    }
  });

  it.each([
    ["zero", 0, 1],
    ["minus zero", -0, 1],
    ["infinity", Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY],
    ["minus infinity", Number.NEGATIVE_INFINITY, 0],
    ["NaN", Number.NaN, Number.NaN],
    ["the last finite result", EXP_ARGUMENT_MAX, 1.7976931348622732e308],
    ["the first infinite one", 709.7827128933841, Number.POSITIVE_INFINITY],
    ["the last result above zero", -745.1332191019411, 5e-324],
    ["the first that is zero", EXP_ARGUMENT_MIN, 0],
    ["the first below its argument's least", -745.1332191019413, 0],
  ])("of %s (%d) is %d", (_, x, value) => {
    expect(exp(x)).toBe(value);
  });
});

describe("expOfSum", () => {
  it.each([-700, -30.25, -1, 0.5, 9, 600])("takes the tail of %d into account", (x) => {
    const tail = 2 ** -20;
    expect(ulps(expOfSum(x, tail), exp(x) * (1 + tail + tail ** 2 / 2))).toBeLessThanOrEqual(2);
  });
});
