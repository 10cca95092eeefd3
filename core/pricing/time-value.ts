/**
 * Time value: what an option is worth beyond its intrinsic value, before discounting.
 *
 * It is the same for the call and the put of one strike, and equals the price of whichever is out
 * of the money; so it is the one quantity in which no large amount stands beside a small one. In
 * units of the lower of forward and strike it depends on two numbers only:
 *
 *      x = |ln(F/K)|,  s = vol √T          h = x / s,  t = s / 2,  z = h - t
 *
 *      timeValue = Φ(-z) - e^x Φ(-(h + t)) = φ(z) (M(h - t) - M(h + t))        from 0 to 1
 *      shortfall = 1 - timeValue           = φ(z) (M(t - h) + M(t + h))
 *      d timeValue / ds = φ(z)
 *
 * After P. Jäckel, "Let's Be Rational" (2015), whose normalised Black function this is, up to a
 * factor e^(x/2). Both arguments may carry a tail: at h = 36 an error of one last place in either
 * is one of a thousand in the price.
 */
import { quotientRest, sumTail } from "../math/exact.ts";
import { differenceReach, mills, millsDifference } from "./mills.ts";
import { densityOfSum } from "./normal.ts";

/** φ is below every double beyond it: the time value is 0 where z is above, 1 where -z is. */
const DEPTH_MAX = 39;

/** φ(z) of the last time value, at index 0: its change with s. Holds until the next one. */
export const densityFound = new Float64Array(1);

/** The time value at x ≥ 0 and s > 0 (also ∞), relative error below 2e-15 down to 1e-300. */
export function timeValue(x: number, xTail: number, s: number, sTail: number): number {
  const t = 0.5 * s;
  const h = x / s;
  const z = h - t;
  if (!(z < DEPTH_MAX && z > -DEPTH_MAX)) return vanished(z);
  const hTail = (quotientRest(x, s, h) + xTail - h * sTail) / s;
  const density = densityOfSum(z, sumTail(h, -t, z) + hTail - 0.5 * sTail);
  densityFound[0] = density;
  if (z > 0 || t <= differenceReach(h)) return density * spread(h, t);
  return 1 - density * (mills(-z) + mills(h + t));
}

function vanished(z: number): number {
  densityFound[0] = 0;
  return z > 0 ? 0 : 1;
}

/** timeValue / φ(z) = M(h - t) - M(h + t), for h ≥ t or t ≤ {@link differenceReach}(h). */
export function spread(h: number, t: number): number {
  return t <= differenceReach(h) ? millsDifference(h, t) : mills(h - t) - mills(h + t);
}

/** One less the time value, with its own relative accuracy: what a very high vol leaves. */
export function shortfall(x: number, s: number): number {
  const value = timeValue(x, 0, s, 0);
  const t = 0.5 * s;
  const h = x / s;
  return t > h ? densityFound[0]! * (mills(t - h) + mills(t + h)) : 1 - value;
}
