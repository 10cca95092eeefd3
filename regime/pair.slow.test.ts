/** Tests of a pair: its law, its limits, and what no print may do to a credit. */
import { describe, expect, it } from "vitest";
import { log } from "../core/math/log.ts";
import {
  BAR_MS,
  type Closes,
  closesOf,
  creditsOf,
  markOf,
  pairOf,
  shares,
  terms,
  viewAfter,
} from "./comovement.test-kit.ts";
import { comovementView, foldPairs } from "./comovement.ts";
import { creditOf, lowerBound } from "./pair.ts";
import { createRegime } from "./state.ts";
import { freeze } from "./steer.ts";
import { exampleTerms as crypto } from "./study/example-terms.test-kit.ts";
import { normals } from "./study/synthetic.test-kit.ts";

describe("a correlation", () => {
  /** The definition, over whole columns of closes. */
  function batch(closes: readonly (readonly [number, number])[]): number {
    const z = (k: 0 | 1): number[] => {
      let variance = 0.49 / 365;
      const keep = 0.5 ** (1 / 120);
      return closes.slice(12).flatMap((now, i) => {
        const raw = log(now[k] / closes[i]![k]) / Math.sqrt(variance);
        const clipped = Math.max(-4, Math.min(4, raw));
        variance *= keep + (1 - keep) * clipped * clipped;
        return [clipped];
      });
    };
    const [a, b] = [z(0).slice(-2160), z(1).slice(-2160)];
    const dot = (x: number[], y: number[]) => x.reduce((sum, v, i) => sum + v * y[i]!, 0);
    return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
  }

  it.each([1, 2, 3])("equals its definition over all closes at once, seed %i", (seed) => {
    const closes = closesOf(3000, () => 0.7, seed, 4);
    // The last bar is still open.
    expect(viewAfter(closes).rho).toBeCloseTo(batch(closes.slice(0, -1)), 10);
  });

  it.each([-0.5, 0, 0.5, 0.9])("finds the true one, %d", (rho) => {
    const found = [1, 2, 3, 4].map((seed) => viewAfter(closesOf(2400, () => rho, seed)).rho);
    const mean = found.reduce((sum, x) => sum + x / 4, 0);
    expect(Math.abs(mean - rho)).toBeLessThan(0.12 * (1 - rho * rho) + 0.01);
  });

  it("does not depend on which member comes first, nor on units", () => {
    const closes = closesOf(2000, () => 0.6, 5);
    const swapped = closes.map(([a, b]) => [b, a] as const);
    const scaled = closes.map(([a, b]) => [1024 * a, b / 64] as const);
    expect(viewAfter(swapped)).toMatchObject({
      rho: viewAfter(closes).rho,
      credit: viewAfter(closes).credit,
    });
    expect(viewAfter(scaled)).toEqual(viewAfter(closes));
    const thousand = viewAfter(closes.map(([a, b]) => [1000 * a, b] as const));
    expect(thousand.rho).toBeCloseTo(viewAfter(closes).rho, 12);
  });

  it.each<[string, Closes, number]>([
    ["one market twice", closesOf(1500, () => 1), 1],
    ["a market and its inverse", closesOf(1500, () => -1), -1],
    ["a market and one that stands still", closesOf(1500, () => 0).map(([a]) => [a, 5]), 0],
  ])("of %s is within its bounds", (_, closes, expected) => {
    const { rho, rhoBound, credit } = viewAfter(closes);
    // The sigmas of the two differ until they have forgotten the prior.
    expect(rho).toBeCloseTo(expected, 2);
    expect(Math.abs(rho)).toBeLessThanOrEqual(1);
    expect(rhoBound).toBeLessThanOrEqual(rho);
    expect(credit).toBeGreaterThanOrEqual(0);
    expect(credit).toBeLessThanOrEqual(terms.creditMax);
  });

  it("stays bounded and finite whatever closes come", () => {
    const wild: Closes = closesOf(1500, () => 0.5, 9, 3).map(([a, b], i) => {
      const bad = [Number.NaN, 0, -5, Number.POSITIVE_INFINITY, 1e-300, 1e300][i % 6]!;
      return i % 7 === 0 ? [bad, b] : i % 11 === 0 ? undefined : [a, b];
    });
    const c = pairOf();
    for (const credit of creditsOf(c, wild)) expect(credit >= 0 && credit <= 0.8).toBe(true);
    const { rho, rhoBound, rhoStressed } = comovementView(c)[0]!;
    for (const x of [rho, rhoBound, rhoStressed]) expect(Math.abs(x)).toBeLessThanOrEqual(1);
  });
});

describe("the lower bound", () => {
  it.each([
    // rho, days, tanh(atanh rho - 1.645 / √(days - 3))
    [0.9, 180, 0.8741],
    [0.5, 180, 0.4017],
    [0, 33, -0.2917],
    [1, 180, 1],
  ])("of %d over %i days is %d", (rho, days, expected) => {
    expect(lowerBound(rho, days, 1.645)).toBeCloseTo(expected, 3);
  });

  it("lies above the truth in about 5 % of samples", () => {
    let above = 0;
    for (let seed = 1; seed <= 2000; seed++) {
      const [x, y] = [normals(seed), normals(seed + 5000)];
      let [ab, aa, bb] = [0, 0, 0];
      for (let i = 0; i < 180; i++) {
        const a = x();
        const b = 0.6 * a + 0.8 * y();
        ab += a * b;
        aa += a * a;
        bb += b * b;
      }
      if (lowerBound(ab / Math.sqrt(aa * bb), 180, 1.645) > 0.6) above += 1;
    }
    expect(above / 2000).toBeGreaterThan(0.03);
    expect(above / 2000).toBeLessThan(0.07);
  });
});

describe("a credit", () => {
  it.each([
    // correlation, what is saved
    [-0.01, 0],
    [0, 1 - Math.SQRT1_2],
    [0.5, 0.5],
    [0.9, 1 - Math.sqrt(0.05)],
    [1, 0.8],
  ])("of a correlation of %d is %d", (rho, expected) => {
    expect(creditOf(rho, 0.8)).toBeCloseTo(expected, 12);
  });

  it("is its prior until a month is known: half for one class, none between two", () => {
    const sessions = { ...shares, calendar: crypto.calendar };
    expect(pairOf().pairs[0]!.credit).toBe(0.5);
    expect(pairOf(BAR_MS, sessions as unknown as typeof crypto).pairs[0]!.credit).toBe(0);
    expect(viewAfter(closesOf(12 * 30, () => -1)).credit).toBe(0.5);
  });

  it("is that of the lower bound and of the worst month, whichever is less", () => {
    const apart = viewAfter(closesOf(12 * 400, (i) => (i > 2400 && i < 2760 ? 0 : 0.9), 3));
    expect(apart.rhoStressed).toBeLessThan(0.3);
    expect(apart.rhoBound).toBeGreaterThan(0.75);
    // The publisher's dead band lets 2 % of the share stand.
    expect(apart.credit).toBeLessThanOrEqual(creditOf(apart.rhoStressed, 0.8) + 0.02);
    const steady = viewAfter(closesOf(12 * 400, () => 0.9, 3));
    expect(steady.credit).toBeGreaterThan(0.6);
    expect(steady.credit).toBeLessThanOrEqual(creditOf(steady.rhoBound, 0.8) + 0.02);
  });

  it("falls fast and rises slowly, within the limits of a range", () => {
    const closes = closesOf(12 * 300, (i) => (i < 2400 ? 0.95 : -0.5), 8);
    const credits = creditsOf(pairOf(), closes);
    const kept = credits.map((credit) => 1 - credit);
    for (let i = 12; i < kept.length; i++) {
      const low = Math.min(...kept.slice(i - 12, i));
      expect(kept[i]!).toBeLessThanOrEqual(1.5 * low + 0.011);
      expect(kept[i]!).toBeGreaterThanOrEqual(kept[i - 12]! * 0.92 - 0.011);
    }
    expect(Math.max(...credits)).toBeGreaterThan(0.6);
    expect(credits.at(-1)).toBe(0);
  });

  it("shrinks while a member's range stands above its median, by 30 % at most", () => {
    const regimeAt = (times: number) => {
      const regime = createRegime(crypto, BAR_MS, "A");
      regime.range.value = times * crypto.prior.range;
      return new Map([["A", regime]]);
    };
    const closes = closesOf(12 * 60, () => 0.8, 2);
    const credits: number[] = [];
    const shrinks = [0.5, 1, 2, 4, 9].map((times) => {
      const c = pairOf();
      const regimes = regimeAt(times);
      for (const [i, [a, b]] of closes.entries())
        foldPairs(c, { at: i * BAR_MS, marks: [markOf("A", a), markOf("B", b)], regimes });
      credits.push(c.pairs[0]!.credit);
      return comovementView(c)[0]!.shrink;
    });
    expect(credits[4]!).toBeLessThan(0.9 * credits[1]!);
    expect(shrinks[0]).toBe(1);
    expect(shrinks[2]).toBeCloseTo(2 ** -0.25, 12);
    expect(shrinks).toEqual([...shrinks].sort((a, b) => b - a));
    expect(shrinks.slice(3)).toEqual([4 ** -0.25, 0.7].map((x) => expect.closeTo(x, 12)));
  });

  it("is that of the less severe of the last two closes: it falls after notice", () => {
    const c = pairOf();
    const closes = closesOf(12 * 300, (i) => (i < 2400 ? 0.95 : -0.5), 8);
    const shares = [c.pairs[0]!.share.value];
    for (const [i, pair] of closes.entries()) {
      creditsOf(c, [pair], ["A", "B"], i + 1);
      const { share, credit } = c.pairs[0]!;
      const least = Math.min(share.value, shares.at(-1)!);
      expect(credit).toBe(Math.floor((1 - least) * 100 + 1e-9) / 100);
      // The first turn of a bar closes the one before.
      shares.push(share.value);
    }
    expect(Math.max(...shares) / Math.min(...shares)).toBeGreaterThan(2);
  });

  it("does not rise in a silence, and rises after it as if the bar had not been", () => {
    const closes: Closes = closesOf(12 * 60, () => 0.97, 5);
    const risen = (all: Closes): number[] => {
      const c = pairOf();
      return all.map((pair, i) => {
        creditsOf(c, [pair], ["A", "B"], i + 1);
        return 1 - c.pairs[0]!.share.value;
      });
    };
    const clean = risen(closes);
    const at = clean.findIndex((credit, i) => i > 12 * 31 && credit > clean[i - 1]!) + 1;
    const hit = risen(closes.with(at, undefined));
    // A bar is closed by the first Turn of the next.
    expect(hit[at + 1]!).toBe(hit[at]!);
    expect(hit[at + 2]!).toBeGreaterThan(hit[at + 1]!);
    for (let i = at + 1; i <= at + 12; i++) expect(hit[i]!).toBeLessThan(clean[i]!);
  });

  it("learns nothing from the way that prices went while nobody looked", () => {
    const closes = closesOf(12 * 120, () => 0.9, 6);
    const after = (a: number, b: number): Closes => [
      ...closes.slice(0, 900),
      ...Array.from({ length: 36 }, () => undefined),
      ...closes.slice(900).map(([x, y]) => [a * x, b * y] as const),
    ];
    const quiet = viewAfter(after(1, 1));
    const jumped = viewAfter(after(2, 0.25));
    expect(jumped.rho).toBe(quiet.rho);
    expect(jumped.rhoStressed).toBe(quiet.rhoStressed);
  });

  it("stands still while a member is frozen, and the figures behind it go on", () => {
    const closes = closesOf(12 * 200, (i) => (i < 1800 ? 0.9 : -0.9), 2);
    const frozen = createRegime(crypto, BAR_MS, "B");
    freeze(frozen.steer, 0.2, true);
    const c = pairOf();
    const before = creditsOf(c, closes.slice(0, 1800)).at(-1)!;
    for (const [i, [a, b]] of closes.slice(1800).entries()) {
      const marks = [markOf("A", a), markOf("B", b)];
      const regimes = new Map([["B", frozen]]);
      const told = foldPairs(c, { at: (1801 + i) * BAR_MS, marks, regimes });
      // The bar that was open closes under the freeze too.
      expect(told).toBeUndefined();
    }
    const { credit, rho, limiter } = comovementView(c)[0]!;
    expect([credit, limiter]).toEqual([before, "frozen"]);
    expect(rho).toBeLessThan(0.8);
  });

  it.each([0.2, 0.6, 0.9])("is never raised by one bad print, at a correlation of %d", (rho) => {
    for (let seed = 1; seed <= 6; seed++) {
      const closes = closesOf(12 * 260, () => rho, seed);
      const clean = creditsOf(pairOf(), closes);
      for (const [day, factor] of [
        [120, 0.8],
        [205, 1.2],
        [221, 0.01],
        [233, 100],
      ] as const) {
        const at = 12 * day + seed;
        const [a, b] = closes[at]!;
        const hit = creditsOf(pairOf(), closes.with(at, [a * factor, b]));
        // Within the day that the print is part of, and ever after but for a step of rounding.
        for (let i = at; i <= at + 13; i++) expect(hit[i]!).toBeLessThanOrEqual(clean[i]!);
        const most = Math.max(...hit.map((credit, i) => credit - clean[i]!));
        expect(most).toBeLessThanOrEqual(terms.step + 1e-9);
      }
    }
  });
});
