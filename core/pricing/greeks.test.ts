/** Sensitivities against 110 digits, published values, finite differences, and at every kink. */
import { describe, expect, it } from "vitest";
import grid from "../cases/options-black76.json" with { type: "json" };
import published from "../cases/options-published.json" with { type: "json" };
import stress from "../cases/options-stress.json" with { type: "json" };
import type { Right } from "../instrument.ts";
import { optionValue } from "./black76.ts";
import { optionGreeks } from "./greeks.ts";
import type { OptionInput } from "./option.ts";

const SECONDS_PER_YEAR = 365 * 86_400;
const names = ["price", "delta", "gamma", "vega", "theta", "rho"] as const;
type Row = OptionInput & Record<(typeof names)[number], number> & { bar: number };

const rows: Row[] = [
  ...stress.cases.map((row) => ({ ...row, right: row.right as Right, bar: 3e-15 })),
  // The grid's years are exact fractions; in the tails all figures feel their rounding 300-fold.
  ...grid.cases.map((row) => ({
    ...row,
    years: row.secondsToExpiry / SECONDS_PER_YEAR,
    right: row.right as Right,
    bar: 1e-13,
  })),
];

const typical: OptionInput = {
  forward: 66_010.2,
  strike: 70_000,
  years: 0.03,
  vol: 0.62,
  rate: 0.03,
  right: "call",
};

describe("optionGreeks", () => {
  it.each(rows)("of F $forward K $strike T $years vol $vol $right have $bar each", (row) => {
    const found = optionGreeks(row);
    for (const name of names) {
      // Theta is decay less the discount's part; what the two share cannot be had back.
      const shared = name === "theta" ? Math.abs(row.rate * row.price) : 0;
      const bar = row.bar * (Math.abs(row[name]) + 2 * shared);
      expect(Math.abs(found[name] - row[name]), name).toBeLessThanOrEqual(Math.max(bar, 1e-300));
    }
  });

  it.each(published.cases.filter(({ expected }) => !("price" in expected) && !("vol" in expected)))(
    "give published $id",
    ({ spot, dividendYield, rate, right, ...row }) => {
      const growth = Math.exp((rate! - dividendYield!) * row.years);
      const found = optionGreeks({
        forward: spot! * growth,
        strike: row.strike,
        years: row.years,
        vol: row.vol!,
        rate: rate!,
        right: right as Right,
      });
      const delta = found.delta * growth;
      const bySpot = {
        delta,
        gamma: found.gamma * growth * growth,
        elasticity: (delta * spot!) / found.price,
      };
      const name = Object.keys(row.expected)[0] as keyof typeof bySpot;
      expect(Math.abs(bySpot[name] - row.expected[name]!)).toBeLessThanOrEqual(row.tolerance!);
      expect(bySpot[name] / row.precise![name]!).toBeCloseTo(1, 12);
    },
  );

  it.each(["call", "put"] as const)("of a %s are the slopes of its price", (right) => {
    const option = { ...typical, right };
    const found = optionGreeks(option);
    const slope = (field: "forward" | "years" | "vol" | "rate", step: number) =>
      (optionValue({ ...option, [field]: option[field] + step }) -
        optionValue({ ...option, [field]: option[field] - step })) /
      (2 * step);
    expect(found.price).toBe(optionValue(option));
    expect(found.delta / slope("forward", 1)).toBeCloseTo(1, 6);
    expect(found.vega / slope("vol", 1e-5)).toBeCloseTo(1, 6);
    expect(found.theta / -slope("years", 1e-7)).toBeCloseTo(1, 6);
    expect(found.rho / slope("rate", 1e-4)).toBeCloseTo(1, 6);
    const up = optionGreeks({ ...option, forward: option.forward + 1 }).delta;
    const down = optionGreeks({ ...option, forward: option.forward - 1 }).delta;
    expect(found.gamma / ((up - down) / 2)).toBeCloseTo(1, 6);
  });

  it("of call and put differ by the discount in delta and not at all in gamma and vega", () => {
    const call = optionGreeks(typical);
    const put = optionGreeks({ ...typical, right: "put" });
    expect(call.delta - put.delta).toBeCloseTo(Math.exp(-0.03 * 0.03), 15);
    expect([put.gamma, put.vega]).toEqual([call.gamma, call.vega]);
  });

  const d = Math.exp(-0.1);
  it.each([
    //  what                    F    K    vol  years  call delta, put delta
    ["no vol, above the strike", 104, 85, 0, 1, d, 0],
    ["no vol, below the strike", 85, 104, 0, 1, 0, -d],
    ["no vol, at the strike", 100, 100, 0, 1, d / 2, -d / 2],
    ["no time, above the strike", 104, 85, 0.5, 0, 1, 0],
    ["no time, at the strike", 100, 100, 0.5, 0, 0.5, -0.5],
    ["strike 0", 104, 0, 0.5, 1, d, 0],
    ["forward 0", 0, 85, 0.5, 1, 0, -d],
    ["forward and strike 0", 0, 0, 0.5, 1, d, 0],
  ])("with %s are those of a kink", (_, forward, strike, vol, years, callDelta, putDelta) => {
    for (const right of ["call", "put"] as const) {
      const found = optionGreeks({ forward, strike, vol, years, rate: 0.1, right });
      expect(found.delta).toBeCloseTo(right === "call" ? callDelta : putDelta, 15);
      expect([found.gamma, found.vega]).toEqual([0, 0]);
      expect(found.theta).toBeCloseTo(0.1 * found.price, 12);
      expect(found.rho).toBeCloseTo(-years * found.price, 12);
    }
  });

  it("never show the sign of a zero", () => {
    for (const right of ["call", "put"] as const) {
      for (const years of [0, 1]) {
        const found = optionGreeks({ ...typical, vol: 0, rate: 0, years, right, forward: 0 });
        for (const name of names) expect(Object.is(found[name], -0), name).toBe(false);
      }
    }
  });

  it("have the same bits on every Node: their sum as whole numbers is known", () => {
    const figures = new Float64Array(rows.flatMap((row) => Object.values(optionGreeks(row))));
    const bits = new BigUint64Array(figures.buffer);
    const sum = bits.reduce((all, each, i) => (all * 31n + each + BigInt(i)) % 2n ** 64n, 0n);
    expect(sum.toString(16)).toBe("5a47ac7af153b6e0");
  });

  it("refuse a gamma that float64 cannot hold", () => {
    const spike = { ...typical, forward: 1e-160, strike: 1e-160, vol: 1e-150, rate: 0 };
    expect(() => optionGreeks(spike)).toThrow(/not_finite: gamma/);
  });
});
