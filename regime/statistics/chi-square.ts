/**
 * The upper tail of the chi-square distribution, for the two cases that the coverage tests need.
 *
 *      1 degree     P(Z² > x) = 2 Φ(-√x)
 *      2 degrees    P = e^(-x/2)
 *
 * Both are exact, so no series and no table is needed.
 */
import { exp } from "../../core/math/exp.ts";
import { cdf } from "../../core/pricing/normal.ts";

/** Share of the distribution above `x`, in [0, 1]; 1 at and below 0, where rounding may lead. */
export function chiSquareTail(x: number, degrees: 1 | 2): number {
  if (x <= 0) return 1;
  return degrees === 1 ? 2 * cdf(-Math.sqrt(x)) : exp(-0.5 * x);
}
