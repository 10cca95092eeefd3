/**
 * The normal distribution: its density φ and its distribution function Φ, relative error below
 * 1e-15 out to where Φ leaves float64, near -38.5. No published table is used: Φ is φ times the
 * Mills ratio, and φ takes the square of its argument with the part that rounding cuts off.
 */
import { expOfSum } from "../math/exp.ts";
import { mills, millsDifference } from "./mills.ts";

/** 1 / √(2π) */
const DENSITY_AT_ZERO = 0.3989422804014327;
/** Added and taken away again, it leaves a multiple of 2^-20: one below 39 has an exact square. */
const CUTTER = 6442450944;
/** Up to here Φ is measured from 1/2. */
const NEAR = 0.5;
/** Where φ is certainly 0 in float64. */
const ARGUMENT_MAX = 39;

/** φ(x) = e^(-x²/2) / √(2π); 0 at ±∞, NaN of NaN. */
export function pdf(x: number): number {
  return densityOfSum(x, 0);
}

/** φ(x + tail), for a tail below 1e-6 in size. */
export function densityOfSum(x: number, tail: number): number {
  if (!(x < ARGUMENT_MAX && x > -ARGUMENT_MAX)) return Number.isNaN(x) ? x : 0;
  const upper = x + CUTTER - CUTTER;
  const rest = x - upper + tail;
  return DENSITY_AT_ZERO * expOfSum(-0.5 * upper * upper, -0.5 * rest * (upper + x));
}

/** Φ(x), the share of the normal distribution below x; 0 and 1 at ∓∞, NaN of NaN. */
export function cdf(x: number): number {
  if (x < NEAR && x > -NEAR) return 0.5 + 0.5 * pdf(x) * aroundZero(x);
  if (x > 0) return 1 - pdf(x) * mills(x);
  return pdf(x) * mills(-x);
}

/** M(-x) - M(x): with it nothing jumps at 0, where Φ is exactly 1/2. */
function aroundZero(x: number): number {
  return x < 0 ? -millsDifference(0, -x) : millsDifference(0, x);
}
