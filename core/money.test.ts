/** Money keeps every digit on the way in and goes the promised way on the way out. */
import { describe, expect, it } from "vitest";
import { RiskError } from "./errors.ts";
import { amountText, formatExact, parseAmount, parseExact, roundDown, roundUp } from "./money.ts";

describe("an exact amount", () => {
  it.each([
    ["0", 0n, "0"],
    ["-0", 0n, "0"],
    ["1", 1_000_000_000_000n, "1"],
    ["-1.5", -1_500_000_000_000n, "-1.5"],
    ["0.000000000001", 1n, "0.000000000001"],
    ["-0.000000000001", -1n, "-0.000000000001"],
    ["007.10", 7_100_000_000_000n, "7.1"],
    ["999999999999999.999999999999", 10n ** 27n - 1n, "999999999999999.999999999999"],
  ])("%s is %s at 1e-12 and prints as %s", (text, exact, printed) => {
    expect(parseExact(text)).toBe(exact);
    expect(formatExact(exact)).toBe(printed);
  });

  it.each([
    ["", "wrong_type"],
    ["abc", "wrong_type"],
    [" 1", "wrong_type"],
    ["1 ", "wrong_type"],
    ["1\n", "wrong_type"],
    ["+1", "wrong_type"],
    ["1.", "wrong_type"],
    [".5", "wrong_type"],
    ["1e5", "wrong_type"],
    ["0x10", "wrong_type"],
    ["1,000", "wrong_type"],
    ["Infinity", "wrong_type"],
    ["NaN", "wrong_type"],
    ["٣", "wrong_type"],
    ["--1", "wrong_type"],
    ["1000000000000000", "out_of_bounds"],
    ["0.0000000000001", "out_of_bounds"],
  ])("refuses %j with %s", (text, code) => {
    expect(() => parseExact(text, "a.b")).toThrow(
      expect.objectContaining({ code, detail: expect.objectContaining({ path: "a.b" }) }),
    );
  });

  it("comes back from its text, for any size", () => {
    for (const amount of amounts(2_000)) expect(parseExact(formatExact(amount))).toBe(amount);
  });
});

describe("a JSON number as an amount", () => {
  it.each([
    [0, 0n, "0"],
    [-0, 0n, "0"],
    [1.25, 1_250_000_000_000n, "1.25"],
    [0.1 + 0.2, 300_000_000_000n, "0.30000000000000004"],
    [1e-12, 1n, "0.000000000001"],
    [1.5e-12, 2n, "0.0000000000015"],
    [-123456789012345.67, -123456789012345670000000000n, "-123456789012345.67"],
  ])("%d is %s in the ledger and %s in a book", (value, exact, text) => {
    expect(parseAmount(value)).toBe(exact);
    expect(amountText(value)).toBe(text);
  });

  it("keeps its bits in a book, down to the smallest double", () => {
    for (const value of [
      5e-324,
      2.2e-308,
      1e-13,
      1 / 3,
      0.1 + 0.2,
      999999999999999.9,
      ...doubles(2_000),
    ]) {
      expect(Number(amountText(value))).toBe(value);
    }
  });

  it.each([
    [1e308, "out_of_bounds"],
    [1e15, "out_of_bounds"],
    [-1e15, "out_of_bounds"],
    [1e-13, "out_of_bounds"],
    [Number.NaN, "not_finite"],
    [Number.POSITIVE_INFINITY, "not_finite"],
    [null, "wrong_type"],
    [true, "wrong_type"],
    [[1], "wrong_type"],
    [10n, "wrong_type"],
  ])("%s is refused by the ledger with %s", (value, code) => {
    expect(() => parseAmount(value)).toThrow(expect.objectContaining({ code }));
  });
});

describe("rounding at the door", () => {
  it.each([
    //  figure      step    up           down
    [0, 0.01, "0.00", "0.00"],
    [-0, 0.01, "0.00", "0.00"],
    [0.3, 0.01, "0.30", "0.30"],
    [0.1 + 0.2, 0.01, "0.31", "0.30"],
    [100000.1, 0.01, "100000.10", "100000.10"],
    [-0.001, 0.01, "0.00", "-0.01"],
    [1.005, 0.01, "1.01", "1.00"],
    [-1.005, 0.01, "-1.00", "-1.01"],
    [5e-324, 0.01, "0.01", "0.00"],
    [0.062843131, 1e-8, "0.06284314", "0.06284313"],
    [17, 5, "20", "15"],
    [0.7, 0.25, "0.75", "0.50"],
    [1e21, 0.01, "1000000000000000000000.00", "1000000000000000000000.00"],
  ])("%d to %d goes up to %s and down to %s", (figure, step, up, down) => {
    expect(roundUp(figure, step)).toBe(up);
    expect(roundDown(figure, step)).toBe(down);
  });

  it("takes the double nearest a multiple for it, and its neighbours for more or less", () => {
    for (const cents of [1, 29, 30, 101, 123457, 10_000_010, 99_999_999_999]) {
      const text = (cents / 100).toFixed(2);
      const figure = Number(text);
      const above = beside(figure, 1);
      const below = beside(figure, -1);
      expect([roundUp(figure, 0.01), roundDown(figure, 0.01)]).toEqual([text, text]);
      expect([roundUp(above, 0.01), roundDown(above, 0.01)]).toEqual([plus(text), text]);
      expect([roundUp(below, 0.01), roundDown(below, 0.01)]).toEqual([text, minus(text)]);
    }
  });

  it("stays on the promised side, less than a step away, for any figure", () => {
    for (const step of [1e-8, 0.01, 0.05, 0.25, 1, 10]) {
      for (const figure of doubles(500)) {
        const up = roundUp(figure, step);
        const down = roundDown(figure, step);
        expect(Number(up)).toBeGreaterThanOrEqual(figure);
        expect(Number(down)).toBeLessThanOrEqual(figure);
        // Compared in units of 1e-20: float64 cannot see a difference of a step at 1e14.
        const gap = wide(up) - wide(down);
        expect(gap === 0n || gap === wide(step.toFixed(8))).toBe(true);
      }
    }
  });

  it("mirrors: up of a figure is minus down of its negative", () => {
    for (const figure of doubles(500)) {
      const down = roundDown(-figure, 0.01);
      expect(Number(roundUp(figure, 0.01))).toBe(0 - Number(down));
    }
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])(
    "never prints %d",
    (figure) => {
      expect(() => roundUp(figure, 0.01)).toThrow(RiskError);
      expect(() => roundDown(figure, 0.01)).toThrow(RiskError);
    },
  );

  it.each([0, -0.01, Number.NaN, Number.POSITIVE_INFINITY])("refuses a step of %d", (step) => {
    expect(() => roundUp(1, step)).toThrow(expect.objectContaining({ code: "out_of_bounds" }));
  });
});

/** A decimal string at 1e-20. */
function wide(text: string): bigint {
  const [whole = "0", fraction = ""] = text.replace("-", "").split(".");
  const size = BigInt(whole + fraction.padEnd(20, "0"));
  return text.startsWith("-") ? -size : size;
}

const plus = (text: string) => ((Math.round(Number(text) * 100) + 1) / 100).toFixed(2);
const minus = (text: string) => ((Math.round(Number(text) * 100) - 1) / 100).toFixed(2);

/** The double `steps` units in the last place away from a positive one. */
function beside(figure: number, steps: number): number {
  const bits = new BigInt64Array(new Float64Array([figure]).buffer);
  bits[0] = bits[0]! + BigInt(steps);
  return new Float64Array(bits.buffer)[0]!;
}

/** Seeded doubles of either sign below 1e15, of all magnitudes from 1e-6 up. */
function doubles(count: number): number[] {
  const chance = seeded(20_240_617);
  return Array.from({ length: count }, () => {
    const size = 10 ** (chance() * 20 - 6);
    return (chance() < 0.5 ? -1 : 1) * size * (0.1 + 0.9 * chance());
  });
}

function amounts(count: number): bigint[] {
  const chance = seeded(7);
  return Array.from({ length: count }, () => {
    const digits = 1 + Math.floor(chance() * 26);
    const text = Array.from({ length: digits }, () => Math.floor(chance() * 10)).join("");
    return BigInt(text) * (chance() < 0.5 ? -1n : 1n);
  });
}

/** A small linear congruential generator: the same draws everywhere. */
function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
