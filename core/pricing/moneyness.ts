/**
 * How far a strike is from its forward: the logarithm of their ratio, head and tail.
 *
 * Deep out of the money a price depends on the square of this logarithm, and an error of half a
 * last place would be multiplied by a thousand. So the quotient keeps its remainder, and the
 * logarithm its tail. Near the money the same keeps |ln(F/K)| relative down to one ulp between the
 * two.
 */
import { quotientRest, sumTail } from "../math/exact.ts";
import { logOfNormal, logTail, logWithTail } from "../math/log.ts";
import { powerOfTwo } from "../math/power-of-two.ts";

/** Inside these, 2^-460 and 2^500, no step below can leave float64's range. */
const DIRECT_MIN = 3.358952002923851e-139;
const DIRECT_MAX = 3.273390607896142e150;
/** ln(high / low) above which the two logarithms may be subtracted: 600 of at most 745 remain. */
const APART = 600;
/** Where {@link logRatioFar} puts the lower of the two: the upper is then at most 2^428. */
const LOW_EXPONENT = -440;
const POWERS_PER_LOG = 1 / logWithTail(2);

/** What {@link logRatio} found beyond its result, at index 0; holds until the next call. */
export const logRatioTail = new Float64Array(1);

/** ln(high / low) ≥ 0 for high ≥ low > 0, head and tail together to 2^-66 of their size. */
export function logRatio(high: number, low: number): number {
  if (low < DIRECT_MIN || high > DIRECT_MAX) return logRatioFar(high, low);
  const quotient = high / low;
  const rest = quotientRest(high, low, quotient) / high;
  const head = logOfNormal(quotient, 0);
  const tail = logTail[0]! + rest;
  const sum = head + tail;
  logRatioTail[0] = head - sum + tail;
  return sum;
}

/** Logarithms far apart are subtracted; others are brought to the middle of the range, together. */
function logRatioFar(high: number, low: number): number {
  const logLow = logWithTail(low);
  const lowTail = logTail[0]!;
  const logHigh = logWithTail(high);
  const head = logHigh - logLow;
  if (head < APART) {
    const shift = Math.floor(-logLow * POWERS_PER_LOG) + LOW_EXPONENT;
    return logRatio(shifted(high, shift), shifted(low, shift));
  }
  const tail = sumTail(logHigh, -logLow, head) + (logTail[0]! - lowTail);
  const sum = head + tail;
  logRatioTail[0] = head - sum + tail;
  return sum;
}

/** x * 2^n where the exponent alone may exceed float64's. */
function shifted(x: number, n: number): number {
  const half = n >> 1;
  return x * powerOfTwo(half) * powerOfTwo(n - half);
}
