/**
 * What float64 rounds away: the exact remainder of one product or one sum.
 *
 * A figure that must be better than one rounding is carried as head + tail, two doubles that do not
 * overlap. JavaScript has no fused multiply-add, so a product is taken apart into halves of 26 bits
 * (Veltkamp 1968, Dekker 1971); the sum is Knuth's, which asks nothing of the order of its terms.
 */

/** 2^27 + 1: times this, less the same again, leaves the upper 26 bits. */
const SPLITTER = 134217729;

/** The largest factor that can be taken apart without overflow: 2^996. */
export const FACTOR_MAX = 6.696928794914171e299;

/**
 * `a * b - product` exactly, where `product` is the rounded `a * b`.
 *
 * Both factors at most {@link FACTOR_MAX} in size, the product above 1e-290 or zero; outside that
 * the remainder is itself rounded, or NaN.
 */
export function productTail(a: number, b: number, product: number): number {
  const ca = SPLITTER * a;
  const ah = ca - (ca - a);
  const al = a - ah;
  const cb = SPLITTER * b;
  const bh = cb - (cb - b);
  const bl = b - bh;
  return ah * bh - product + ah * bl + al * bh + al * bl;
}

/** `a + b - sum` exactly, where `sum` is the rounded `a + b`. */
export function sumTail(a: number, b: number, sum: number): number {
  const shadow = sum - a;
  return a - (sum - shadow) + (b - shadow);
}

/** `a - quotient * b` exactly, where `quotient` is the rounded `a / b`. */
export function quotientRest(a: number, b: number, quotient: number): number {
  const product = quotient * b;
  return a - product - productTail(quotient, b, product);
}
