/**
 * The Mills ratio M(z) = (1 - Φ(z)) / φ(z), and differences of it without cancellation.
 *
 * Why it and not Φ: F φ(d1) = K φ(d2), so Black's formula out of the money is one exponential times
 * M(h - t) - M(h + t). For an ordinary option the two are nearly equal, and their difference in
 * float64 would lose what it is made of. Here it is summed from positive Taylor coefficients:
 *
 *      about the node z nearest to h, h = z + ε,  |ε| ≤ 1/32
 *      M(h - t) - M(h + t) = 2t Σ a_n q_n,   q_n = ((t - ε)^n - (-t - ε)^n) / 2t
 *      q_1 = 1,  q_2 = -2ε,  q_{n+1} = -2ε q_n + (t² - ε²) q_{n-1}       (summed by Clenshaw)
 *
 * Beyond the table the ratios a_n / a_{n-1} come from Laplace's continued fraction, run backwards.
 */
import { millsTaylor, NODE_MAX, NODES_PER_UNIT, POWER_MAX, STRIDE } from "./mills-table.ts";

/** Powers needed for 2^-56 at half a step from a node. */
const POWERS_AT_NODE = 10;
/** Levels of the fraction below the last ratio that counts, at z > 12. */
const FRACTION_LEVELS = 10;

/** M(z) for z ≥ 0, within 1 ulp; √(π/2) at 0, 1/z far out, 0 at ∞. */
export function mills(z: number): number {
  if (!(z < NODE_MAX)) return z < Number.POSITIVE_INFINITY ? millsFar(z) : 1 / z;
  const j = (z * NODES_PER_UNIT + 0.5) | 0;
  const row = j * STRIDE;
  const back = j / NODES_PER_UNIT - z;
  let sum = 0;
  for (let n = POWERS_AT_NODE; n >= 0; n--) sum = sum * back + millsTaylor[row + n]!;
  return sum;
}

/**
 * M(h - t) - M(h + t) for h ≥ 0 and 0 < t ≤ {@link differenceReach}(h), within 2 ulp.
 */
export function millsDifference(h: number, t: number): number {
  if (!(h < NODE_MAX)) return differenceFar(h, t);
  const j = (h * NODES_PER_UNIT + 0.5) | 0;
  const row = j * STRIDE;
  const back = j / NODES_PER_UNIT - h;
  const p = 2 * back;
  const w = (t - back) * (t + back);
  const pp = p * p + 2 * w;
  const ww = w * w;
  let even = 0;
  let evenBefore = 0;
  let odd = 0;
  let oddBefore = 0;
  for (let n = row + evenPowers(t); n > row; n -= 2) {
    const nextEven = millsTaylor[n]! - ww * evenBefore + pp * even;
    evenBefore = even;
    even = nextEven;
    const nextOdd = millsTaylor[n - 1]! - ww * oddBefore + pp * odd;
    oddBefore = odd;
    odd = nextOdd;
  }
  return 2 * t * (odd - w * oddBefore + p * even);
}

/**
 * The largest t for which {@link millsDifference} holds at h. Beyond it the two ratios differ by a
 * quarter or more, and subtracting them is safe.
 */
export function differenceReach(h: number): number {
  return h < NODE_MAX ? 0.75 + 0.1 * h : 0.25 * h;
}

function millsFar(z: number): number {
  let ratio = ratioEstimate(z, FRACTION_LEVELS);
  for (let n = FRACTION_LEVELS; n > 0; n--) ratio = 1 / (z + n * ratio);
  return ratio;
}

/** Powers that count at t, for the worst h and ε: an even number. */
function evenPowers(t: number): number {
  return t < 0.73 ? 2 * ((5.9 + 11 * t) | 0) : POWER_MAX;
}

/** 2 t a_1 (1 + r_2 r_3 t² (1 + r_4 r_5 t² (…))) with r_n = a_n / a_{n-1}. */
function differenceFar(h: number, t: number): number {
  const w = t * t;
  const last = oddPowers(t / h);
  let ratio = ratioEstimate(h, last + FRACTION_LEVELS);
  for (let n = last + FRACTION_LEVELS; n > last + 1; n--) ratio = 1 / (h + n * ratio);
  let sum = 1;
  for (let n = last; n > 1; n -= 2) {
    const odd = 1 / (h + (n + 1) * ratio);
    ratio = 1 / (h + n * odd);
    sum = 1 + w * odd * ratio * sum;
  }
  const first = 1 / (h + 2 * ratio);
  return (2 * t * sum * first) / (h + first);
}

/** The last odd power that counts when t/h is `share`, at most a quarter: share^(n - 1) < 2^-56. */
function oddPowers(share: number): number {
  if (share < 1 / 1024) return 7;
  return share < 1 / 64 ? 11 : 29;
}

/** r_n as if r_{n+1} were the same: the root of (n + 1) r² + h r = 1. */
function ratioEstimate(h: number, n: number): number {
  return 2 / (h + Math.sqrt(h * h + 4 * (n + 1)));
}
