/**
 * Christoffersen's tests (1998): do exceedances come alone, and as often as promised?
 *
 *      LR_ind = -2 ln[ (1-q)^(n00+n10) q^(n01+n11)
 *                      / ((1-q0)^n00 q0^n01 (1-q1)^n10 q1^n11) ]          chi-square, 1 degree
 *      q0 = n01/(n00+n01), q1 = n11/(n10+n11), q = (n01+n11)/all
 *
 * n01 counts the windows that were exceeded after one that was not. Conditional coverage adds
 * Kupiec's statistic: chi-square, 2 degrees.
 */
import { chiSquareTail } from "./chi-square.ts";
import { kupiec, type LikelihoodRatio, times } from "./kupiec.ts";

/** Pairs of windows on end. */
export interface Transitions {
  readonly n00: number;
  readonly n01: number;
  readonly n10: number;
  readonly n11: number;
}

/** The pairs of a series of windows in order, each exceeded or not. */
export function transitionsOf(exceeded: readonly boolean[]): Transitions {
  const pairs = { n00: 0, n01: 0, n10: 0, n11: 0 };
  for (let i = 1; i < exceeded.length; i++) {
    if (exceeded[i - 1]) pairs[exceeded[i] ? "n11" : "n10"] += 1;
    else pairs[exceeded[i] ? "n01" : "n00"] += 1;
  }
  return pairs;
}

/** Whether an exceedance says anything of the next window. */
export function independence({ n00, n01, n10, n11 }: Transitions): LikelihoodRatio {
  const share = (part: number, rest: number): number => part / Math.max(1, part + rest);
  const q = share(n01 + n11, n00 + n10);
  const q0 = share(n01, n00);
  const q1 = share(n11, n10);
  const alone = times(n00 + n10, 1 - q) + times(n01 + n11, q);
  const chained = times(n00, 1 - q0) + times(n01, q0) + times(n10, 1 - q1) + times(n11, q1);
  const statistic = Math.max(0, -2 * (alone - chained));
  return { statistic, p: chiSquareTail(statistic, 1) };
}

/** What was counted, and the share that was promised. */
export interface Counted {
  readonly exceedances: number;
  readonly windows: number;
  readonly share: number;
  readonly transitions: Transitions;
}

/** Both claims at once: as often as promised, and alone. */
export function conditionalCoverage(counted: Counted): LikelihoodRatio {
  const { exceedances, windows, share, transitions } = counted;
  const statistic =
    kupiec(exceedances, windows, share).statistic + independence(transitions).statistic;
  return { statistic, p: chiSquareTail(statistic, 2) };
}
