/** Tests of L-kurtosis against its definition and against known laws, and of the factor T. */
import { describe, expect, it } from "vitest";
import type { Block } from "./block.ts";
import { orderWindow, push } from "./order-window.ts";
import { paceOf } from "./pace.ts";
import { exampleTerms as terms } from "./study/example-terms.test-kit.ts";
import { normals, students } from "./study/synthetic.test-kit.ts";
import { foldTails, kurtosisFactor, lKurtosis, startTails, tauKnown } from "./tails.ts";

const pace = paceOf(terms, 7_200_000);

const lKurtosisOf = (values: readonly number[]): number => {
  const window = orderWindow(values.length);
  for (const value of values) push(window, value);
  return lKurtosis(window);
};

/** Hosking's definition: mean over all samples of four, of their order statistics. */
function lKurtosisByDraws(xs: readonly number[]): number {
  const moment = (size: number, weights: readonly number[]): number => {
    let [sum, count] = [0, 0];
    const pick = (from: number, chosen: number[]): void => {
      if (chosen.length === size) {
        const sorted = [...chosen].sort((a, b) => a - b);
        sum += sorted.reduce((total, x, i) => total + weights[i]! * x, 0);
        count += 1;
        return;
      }
      for (let i = from; i < xs.length; i++) pick(i + 1, [...chosen, xs[i]!]);
    };
    pick(0, []);
    return sum / count / size;
  };
  return moment(4, [-1, 3, -3, 1]) / moment(2, [-1, 1]);
}

function momentKurtosis(xs: readonly number[]): number {
  const mean = xs.reduce((sum, x) => sum + x / xs.length, 0);
  const moment = (p: number): number => xs.reduce((sum, x) => sum + (x - mean) ** p / xs.length, 0);
  return moment(4) / moment(2) ** 2 - 3;
}

const median = (xs: readonly number[]): number =>
  [...xs].sort((a, b) => a - b)[Math.floor(xs.length / 2)]!;

describe("L-kurtosis", () => {
  it.each([1, 2, 3])("equals the mean over all samples of four, seed %i", (seed) => {
    const deviate = students(seed, 3);
    const xs = Array.from({ length: 14 }, deviate);
    expect(lKurtosisOf(xs)).toBeCloseTo(lKurtosisByDraws(xs), 12);
  });

  it.each([
    // law, its deviates, median of tau at n = 360
    ["normal", (seed: number) => normals(seed), 0],
    ["t6", (seed: number) => students(seed, 6), 0.056],
    ["t4", (seed: number) => students(seed, 4), 0.091],
    ["t3", (seed: number) => students(seed, 3), 0.134],
  ])("of 360 %s deviates has its known median", (_, law, expected) => {
    const taus = Array.from({ length: 400 }, (_unused, seed) => {
      const deviate = law(seed + 1);
      return lKurtosisOf(Array.from({ length: 360 }, deviate)) - 0.1226;
    });
    expect(Math.abs(median(taus) - expected)).toBeLessThan(0.01);
  });

  it("tells t4 from a normal by four standard errors, where the moments do by a third", () => {
    const draws = (law: (seed: number) => () => number, of: (xs: number[]) => number): number[] =>
      Array.from({ length: 400 }, (_, seed) => of(Array.from({ length: 360 }, law(seed + 1))));
    const t4 = (seed: number) => students(seed, 4);
    const spread = (xs: number[]): number => {
      const mean = xs.reduce((sum, x) => sum + x / xs.length, 0);
      return xs.reduce((sum, x) => sum + (x - mean) ** 2 / (xs.length - 1), 0);
    };
    const separation = (of: (xs: number[]) => number): number => {
      const [gauss, heavy] = [draws(normals, of), draws(t4, of)];
      return (median(heavy) - median(gauss)) / Math.sqrt((spread(gauss) + spread(heavy)) / 2);
    };
    expect(separation(lKurtosisOf)).toBeGreaterThan(3.7);
    expect(separation(lKurtosisOf)).toBeLessThan(4.4);
    expect(separation(momentKurtosis)).toBeLessThan(0.7);
  });

  it("is moved by one 15-sigma print by half the gap to t4", () => {
    const shifts = Array.from({ length: 400 }, (_, seed) => {
      const xs = Array.from({ length: 360 }, normals(seed + 1));
      return lKurtosisOf(xs.with(180, 15)) - lKurtosisOf(xs);
    });
    expect(Math.abs(median(shifts) - 0.052)).toBeLessThan(0.005);
  });

  it("of equal values is the normal's, not a NaN", () => {
    expect(lKurtosisOf([2, 2, 2, 2, 2])).toBe(0.1226);
  });
});

describe("the factor T", () => {
  it.each([
    // tau, T
    [-0.05, 0.9],
    [0, 0.9],
    [0.08, 0.95],
    [0.16, 1],
    [0.21, 1.125],
    [0.26, 1.25],
    [0.5, 1.25],
  ])("of tau %d is %d", (tau, factor) => {
    expect(kurtosisFactor(tau, pace, terms.kurtosis)).toBeCloseTo(factor, 12);
  });

  /** Folds returns of a known law and daily vol into the tails, and gives T after each. */
  function factors(deviate: () => number, blocks: number): number[] {
    const tails = startTails(pace);
    const seen: number[] = [];
    let price = 100;
    for (let i = 0; i < blocks; i++) {
      price *= Math.exp(0.01 * deviate());
      const block: Block = {
        open: price,
        high: price,
        low: price,
        close: price,
        bars: 1,
        fresh: 1,
      };
      foldTails(tails, pace, terms.kurtosis, block);
      seen.push(tails.factor);
    }
    return seen;
  }

  it("is 1 until a month has been seen", () => {
    expect(factors(normals(1), 360)).toEqual(new Array(360).fill(1));
  });

  it("is above a normal market's by 4 % for t4 and 7 % for t3 after 60 days", () => {
    const after = (law: (seed: number) => () => number): number =>
      median(Array.from({ length: 60 }, (_, i) => factors(law(i + 1), 720).at(-1)!));
    const normal = after(normals);
    expect(after((seed) => students(seed, 4)) / normal).toBeGreaterThanOrEqual(1.04);
    expect(after((seed) => students(seed, 3)) / normal).toBeGreaterThanOrEqual(1.07);
  });

  it("moves by at most 5 % a day, and below 1 only after seven calm days", () => {
    const seen = factors(normals(2), 900);
    for (let i = 12; i < seen.length; i++)
      expect(Math.abs(seen[i]! / seen[i - 12]! - 1)).toBeLessThan(0.0512);
    expect(seen.findIndex((factor) => factor < 1)).toBe(360 + 7 * 12 - 1);
  });

  it("does not move in a silence, and takes the return after it as one", () => {
    const tails = startTails(pace);
    const block = { open: 1, high: 1, low: 1, close: 100, bars: 1, fresh: 1 };
    foldTails(tails, pace, terms.kurtosis, block);
    for (let i = 0; i < 3; i++) foldTails(tails, pace, terms.kurtosis, { ...block, fresh: 0 });
    const sigma = Math.sqrt(tails.variance);
    foldTails(tails, pace, terms.kurtosis, { ...block, close: 104 });
    expect(tails.window.ring[0]).toBeCloseTo(Math.log(1.04) / 2 / sigma, 12);
    expect(tauKnown(tails)).toBe(false);
  });
});
