/**
 * Every power of two that float64 holds, and how to scale by one without rounding twice.
 *
 * A table and not bit tricks: a product with a power of two is one rounding (none when the result
 * is normal), reads the same on either byte order, and costs a load.
 */

/** ln2 in two parts; the first is a multiple of 2^-42, so that times an exponent it is exact. */
export const LN2_HEAD = 0.6931471805598903;
export const LN2_TAIL = 5.497923018708371e-14;

/** The exponent of the smallest double, 2^-1074. */
export const EXPONENT_MIN = -1074;

/** 2^n for n from -1074 to 1023, at index n - {@link EXPONENT_MIN}. */
export const powersOfTwo = new Float64Array(1023 - EXPONENT_MIN + 1);
powersOfTwo[0] = Number.MIN_VALUE;
for (let i = 1; i < powersOfTwo.length; i++) powersOfTwo[i] = powersOfTwo[i - 1]! * 2;

/** 2^n, for a whole n from -1074 to 1023. */
export function powerOfTwo(n: number): number {
  return powersOfTwo[n - EXPONENT_MIN]!;
}

/**
 * `m * 2^n`, rounded once, for m from 0.5 to 4 and any whole n from -1200 to 1100: infinite when
 * too large, zero when below half the smallest double.
 */
export function scale(m: number, n: number): number {
  if (n > 1022) return m * 2 * powerOfTwo(1022) * powerOfTwo(n - 1023);
  if (n >= EXPONENT_MIN) return m * powerOfTwo(n);
  return m * powerOfTwo(n - EXPONENT_MIN) * Number.MIN_VALUE;
}
