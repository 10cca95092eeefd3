/**
 * Kupiec's test (1995) of the share of exceedances: were there as many as promised?
 *
 *      LR = -2 ln[ (1-a)^(n-x) a^x / ((1-p)^(n-x) p^x) ],  p = x/n        chi-square, 1 degree
 *
 * Its power is low: of 3,158 windows at 0.5 % it accepts any count from 9 to 24.
 */
import { log } from "../../core/math/log.ts";
import { chiSquareTail } from "./chi-square.ts";

export interface LikelihoodRatio {
  readonly statistic: number;
  /** Chance of a statistic at least as large were the claim true. */
  readonly p: number;
}

/** Whether `x` exceedances of `n` windows (at least 1) fit the promised share, in (0, 1). */
export function kupiec(x: number, n: number, share: number): LikelihoodRatio {
  const seen = x / n;
  const claimed = times(n - x, 1 - share) + times(x, share);
  const best = times(n - x, 1 - seen) + times(x, seen);
  const statistic = Math.max(0, -2 * (claimed - best));
  return { statistic, p: chiSquareTail(statistic, 1) };
}

/** count x ln(share), 0 ln 0 being 0. */
export function times(count: number, share: number): number {
  return count === 0 ? 0 : count * log(share);
}
