/** ln(high / low) near one, far apart, and at both ends of float64. */
import { describe, expect, it } from "vitest";
import { logRatio, logRatioTail } from "./moneyness.ts";

/** ln3 * 2^110, from its 33 digits. */
const LN3_AT_110_BITS = (109861228866810969139524523692253n * 2n ** 110n) / 10n ** 32n;

describe("logRatio", () => {
  it("is 0 for equal prices, whatever they are", () => {
    for (const price of [5e-324, 1e-300, 0.1, 1, 65_666.19, 1e300, Number.MAX_VALUE]) {
      expect(logRatio(price, price)).toBe(0);
      expect(logRatioTail[0]).toBe(0);
    }
  });

  it("is 2 atanh((high - low) / (high + low)) near the money, to the last place", () => {
    for (let n = 1; n <= 45; n++) {
      const low = 65_666.19;
      const high = low + 2 ** (-36 + n / 4);
      const z = (high - low) / (high + low);
      const want = 2 * (z + z ** 3 / 3 + z ** 5 / 5);
      expect(Math.abs(logRatio(high, low) - want)).toBeLessThanOrEqual(2 ** -51 * want);
    }
  });

  it("sees one ulp between two prices", () => {
    expect(logRatio(1 + 2 ** -52, 1) / 2 ** -52).toBeCloseTo(1, 15);
    expect(logRatio(1, 1 - 2 ** -53) / 2 ** -53).toBeCloseTo(1, 15);
  });

  it.each([
    //  high          low           ln
    [1, 5e-324, 744.4400719213812],
    [Number.MAX_VALUE, 1, 709.782712893384],
    [Number.MAX_VALUE, 5e-324, 1454.2227848147652],
    [1e308, 1e307, Math.LN10],
    [1e-307, 1e-308, Math.LN10],
    [2 ** -1073, 2 ** -1074, Math.LN2],
    [1e300, 1e30, 621.6979751083924],
    [1e300, 1e150, 345.38776394910684],
    [1e-150, 1e-300, 345.38776394910684],
  ])("of %d and %d is %d", (high, low, ln) => {
    expect(Math.abs(logRatio(high, low) - ln)).toBeLessThanOrEqual(2 ** -52 * ln);
  });

  it("carries the remainder of the quotient: 1/3 in float64 is 2^-54 of itself short", () => {
    const head = logRatio(1, 1 / 3);
    const found =
      BigInt(head * 2 ** 60) * 2n ** 50n + BigInt(Math.trunc(logRatioTail[0]! * 2 ** 110));
    const error = Number(found - LN3_AT_110_BITS) / 2 ** 110;
    expect(error / 2 ** -54).toBeCloseTo(1, 4);
  });

  it("scales with powers of two without a change", () => {
    for (const n of [-900, -400, 400, 900]) {
      expect(logRatio(1.7 * 2 ** n, 1.1 * 2 ** n)).toBe(logRatio(1.7, 1.1));
    }
  });
});
