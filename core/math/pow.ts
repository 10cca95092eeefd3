/**
 * x^y of our own for x ≥ 0, the same bits on every engine: `Math.pow` differs between versions of
 * Node in the last bit of every sixth value.
 *
 *      x^y = e^(y ln x)
 *
 * An error in y ln x becomes a relative error of the result, and y ln x may be 700; so ln x comes
 * with its tail, and the product with y keeps what it rounds away.
 */
import { productTail } from "./exact.ts";
import { EXP_ARGUMENT_MAX, EXP_ARGUMENT_MIN, expOfSum } from "./exp.ts";
import { logTail, logWithTail } from "./log.ts";

/**
 * x^y, within 0.53 ulp where the result is normal and within 1 ulp where it is subnormal.
 *
 * x^0 = 1 and 1^y = 1, both for every number on the other side (also ∞); 0^y is 0 for y > 0 and ∞
 * for y < 0; ∞^y the reverse. NaN for x < 0, and when either is NaN.
 */
export function pow(x: number, y: number): number {
  if (!(x > 0 && x < Number.POSITIVE_INFINITY)) return ofLimit(x, y);
  if (y === 0 || x === 1) return Number.isNaN(y) ? y : 1;
  const ln = logWithTail(x);
  const product = y * ln;
  if (!(product >= EXP_ARGUMENT_MIN && product <= EXP_ARGUMENT_MAX)) return beyond(product);
  return expOfSum(product, productTail(y, ln, product) + y * logTail[0]!);
}

function ofLimit(x: number, y: number): number {
  if (!(x >= 0) || Number.isNaN(y)) return Number.NaN;
  if (y === 0) return 1;
  const grows = x === 0 ? y < 0 : y > 0;
  return grows ? Number.POSITIVE_INFINITY : 0;
}

function beyond(product: number): number {
  if (product > EXP_ARGUMENT_MAX) return Number.POSITIVE_INFINITY;
  return product < EXP_ARGUMENT_MIN ? 0 : Number.NaN;
}
