/**
 * How far apart two prices may stand before one of them is doubted.
 *
 *      apart(a, b)  = max(a / b, b / a) - 1
 *      threshold    = max(d0, 8 σ √max(dt, 1 s))        σ per √s, between a floor and a roof
 *
 * σ follows the accepted marks: an average of r²/dt whose memory is a time, with a rational decay,
 * for it need not be exact and must cost nothing. A move counts at most as its threshold, so that
 * one confirmed crash does not buy licence for the next.
 */
import type { GuardSettings } from "../../../config/guard.ts";

const YEAR_S = 365 * 86_400;

/** Relative distance of two positive numbers, the same both ways, ≥ 0. */
export const apart = (a: number, b: number): number => (a > b ? a / b : b / a) - 1;

/** Variance per second of an annual vol. */
const perSecond = (annual: number): number => (annual * annual) / YEAR_S;

type Sigma = GuardSettings["sigma"];

export const startVariance = ({ annualMin }: Sigma): number => perSecond(annualMin);

/** @param variance per second @param dtMs time between the two */
export function threshold(d0: number, variance: number, dtMs: number, sigma: Sigma): number {
  const seconds = Math.max(dtMs, sigma.dtMinMs) / 1_000;
  return Math.max(d0, sigma.times * Math.sqrt(variance * seconds));
}

/** The variance after a move of `r` (relative) in `dtMs`. */
export function nextVariance(variance: number, r: number, dtMs: number, sigma: Sigma): number {
  const dt = Math.max(dtMs, sigma.dtMinMs);
  const most = sigma.times * sigma.times * variance;
  const seen = Math.min((r * r * 1_000) / dt, most);
  const keep = sigma.memoryMs / (sigma.memoryMs + dt);
  const next = keep * variance + (1 - keep) * seen;
  return Math.min(Math.max(next, perSecond(sigma.annualMin)), perSecond(sigma.annualMax));
}
