/** ln x against values of 80 digits, against the engine's own, and at its limits. */
import { describe, expect, it } from "vitest";
import cases from "../cases/options-functions.json" with { type: "json" };
import { log, logTail, logWithTail } from "./log.ts";

/** ln2 * 2^110, from its 40 digits 0.6931471805599453094172321214581765680755. */
const LN2_AT_110_BITS = (6931471805599453094172321214581765680755n * 2n ** 110n) / 10n ** 40n;

describe("log", () => {
  it.each(cases.log as [number, number][])("log(%d) is %d to the last bit", (x, value) => {
    expect(log(x)).toBe(value);
  });

  it("stays within 2 ulp of the engine's, from the smallest double to the largest", () => {
    for (let i = 0; i <= 20_000; i++) {
      const x = 2 ** (-1074 + (i * 2097.9) / 20_000);
      expect(Math.abs(log(x) - Math.log(x))).toBeLessThanOrEqual(2 ** -51 * Math.abs(log(x)));
    }
  });

  it("never falls as x grows across the seams of its table", () => {
    for (let i = 180; i <= 366; i++) {
      const seam = i / 256;
      expect(log(seam * (1 - 2 ** -52))).toBeLessThanOrEqual(log(seam));
      expect(log(seam)).toBeLessThanOrEqual(log(seam * (1 + 2 ** -52)));
    }
  });

  it.each([
    [0, Number.NEGATIVE_INFINITY],
    [-0, Number.NEGATIVE_INFINITY],
    [1, 0],
    [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY],
    [-5e-324, Number.NaN],
    [Number.NEGATIVE_INFINITY, Number.NaN],
    [Number.NaN, Number.NaN],
  ])("of %d is %d", (x, value) => {
    expect(log(x)).toBe(value);
  });
});

describe("logWithTail", () => {
  it.each([1, 2, -3, 56, 1023, -1022, -1060])("knows ln 2^%i to 66 bits", (n) => {
    const head = logWithTail(2 ** n);
    const found = BigInt(head * 2 ** 60) * 2n ** 50n + BigInt(Math.trunc(logTail[0]! * 2 ** 110));
    const error = Number(found - BigInt(n) * LN2_AT_110_BITS) / 2 ** 110;
    expect(Math.abs(error)).toBeLessThan(Math.abs(head) * 2 ** -66);
  });

  it("carries what the series says about a step of one ulp from 1", () => {
    const step = 2 ** -52;
    expect(logWithTail(1 + step)).toBe(step - step ** 2 / 2);
    expect(Math.abs(logTail[0]! - step ** 3 / 3)).toBeLessThan(step * 2 ** -105);
  });

  it("adds up over a product that is exact", () => {
    for (const [a, b] of [
      [3, 5],
      [1.0625, 7],
      [0.0078125, 12345],
    ] as const) {
      const parts = [a, b, a * b].map((x) => [logWithTail(x), logTail[0]!] as const);
      const heads = parts[0]![0] + parts[1]![0] - parts[2]![0];
      const tails = parts[0]![1] + parts[1]![1] - parts[2]![1];
      expect(Math.abs(heads + tails)).toBeLessThan(Math.abs(parts[2]![0]) * 2 ** -52);
    }
  });
});
