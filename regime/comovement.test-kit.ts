/** Two markets with a known correlation, and pairs that fold them. */

import type { IndexBar } from "../core/mark.ts";
import { exp } from "../core/math/exp.ts";
import { type Comovement, comovementView, createComovement, foldPairs } from "./comovement.ts";
import type { ComovementTerms } from "./pair.ts";
import type { RegimeState } from "./state.ts";
import { exampleTerms as crypto } from "./study/example-terms.test-kit.ts";
import { normals, students } from "./study/synthetic.test-kit.ts";

export const HOUR_MS = 3_600_000;
export const BAR_MS = 2 * HOUR_MS;
export const DAY_MS = 24 * HOUR_MS;

export const terms: ComovementTerms = {
  lookbackDays: 180,
  minimumDays: 30,
  deviations: 1.645,
  clip: 4,
  sigmaDays: 10,
  stressDays: 30,
  stressLookbackDays: 730,
  shrink: { power: 0.25, min: 0.7 },
  creditMax: 0.8,
  step: 0.01,
  prior: { sameClass: 0.5, otherClass: -1 },
};
const calendar = { kind: "sessions", openMs: 6 * HOUR_MS, daysPerYear: 252 } as const;
export const shares = { ...crypto, assetClass: "equity", calendar } as const;

export const markOf = (underlying: string, price: number): IndexBar => ({
  underlying,
  open: price,
  high: price,
  low: price,
  last: price,
  count: 1,
});

export type Closes = readonly (readonly [number, number] | undefined)[];

/** Closes of two markets whose returns have correlation `rho(bar)`. */
export function closesOf(
  bars: number,
  rho: (bar: number) => number,
  seed = 1,
  df = 0,
): [number, number][] {
  const deviate = df > 0 ? students(seed, df) : normals(seed);
  const other = normals(seed + 1000);
  let [x, y] = [0, 0];
  return Array.from({ length: bars }, (_, i) => {
    const [z, w] = [deviate(), other()];
    x += 0.01 * z;
    y += 0.013 * (rho(i) * z + Math.sqrt(1 - rho(i) * rho(i)) * w);
    return [100 * exp(x), 7 * exp(y)];
  });
}

export const pairOf = (barMs = BAR_MS, second: typeof crypto = crypto): Comovement =>
  createComovement({
    terms,
    barMs,
    members: [
      { id: "A", terms: crypto },
      { id: "B", terms: second },
    ],
    pairs: [["A", "B"]],
  });

export const noRegimes = new Map<string, RegimeState>();

/** Folds closes as marks of bars on end, and gives the credit after each. */
export function creditsOf(c: Comovement, closes: Closes, names = ["A", "B"], from = 1): number[] {
  return closes.map((pair, i) => {
    const at = (from + i) * c.input.barMs;
    const marks = pair?.map((price, k) => markOf(names[k]!, price)) ?? [];
    foldPairs(c, { at, marks, regimes: noRegimes });
    return c.pairs[0]!.credit;
  });
}

export const viewAfter = (closes: Closes) => {
  const c = pairOf();
  creditsOf(c, closes);
  return comovementView(c)[0]!;
};
