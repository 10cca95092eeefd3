/**
 * e^x of our own, the same bits on every engine: `Math.exp` differs between versions of Node.
 *
 *      x = k ln2/128 + r,  |r| ≤ ln2/256      k = 128 n + j
 *      e^x = 2^n * 2^(j/128) * (1 + r + r²/2 + … + r⁵/120)
 *
 * Tang, "Table-driven implementation of the exponential function", ACM TOMS 15 (1989). The table
 * of 2^(j/128) is not copied from anywhere: it is made at load from seven whole-number square
 * roots of 2. Each entry is a head and a tail, so the result is within 0.52 ulp before scaling.
 */
import { EXPONENT_MIN, LN2_HEAD, LN2_TAIL, powersOfTwo, scale } from "./power-of-two.ts";

const STEP_BITS = 7;
const STEPS = 1 << STEP_BITS;
const STEPS_PER_LN2 = 184.6649652337873;
/** ln2/128 in two parts; the first has 34 bits, so that times k it is exact. */
const STEP_HEAD = 0.005415212347998022;
const STEP_TAIL = 1.2655086083325438e-13;
/** 1.5 * 2^52: what is added to it loses its fraction, rounded to nearest even. */
const ROUNDER = 6755399441055744;

/** Up to here in size e^x needs no care for the ends of float64's range. */
const LARGE = 700;
const POWERS_PER_ONE = STEPS_PER_LN2 / STEPS;

/** The largest x with a finite e^x. */
export const EXP_ARGUMENT_MAX = 709.782712893384;
/** Below this e^x is less than half the smallest double, and is 0. */
export const EXP_ARGUMENT_MIN = -745.1332191019412;

const head = new Float64Array(STEPS);
const tail = new Float64Array(STEPS);
fillPowers();

/**
 * e^x, within 0.52 ulp where the result is normal and within 1 ulp where it is subnormal.
 *
 * e^∞ = ∞, e^-∞ = 0, e^0 = 1, e^NaN = NaN; ∞ above {@link EXP_ARGUMENT_MAX}.
 */
export function exp(x: number): number {
  return expOfSum(x, 0);
}

/** e^(x + low), for a `low` below 2^-12 in size: the tail of x. */
export function expOfSum(x: number, low: number): number {
  if (!(x > -LARGE && x < LARGE)) return expOfLarge(x, low);
  const k = x * STEPS_PER_LN2 + ROUNDER - ROUNDER;
  const r = x - k * STEP_HEAD - k * STEP_TAIL + low;
  const r2 = r * r;
  const rise = r + r2 * (1 / 2 + r * (1 / 6) + r2 * (1 / 24 + r * (1 / 120)));
  const j = k & (STEPS - 1);
  const h = head[j]!;
  return (h + (tail[j]! + h * rise)) * powersOfTwo[(k >> STEP_BITS) - EXPONENT_MIN]!;
}

/** The same where 2^n alone may leave float64: e^x = 2^n e^(x - n ln2), and scaled in two steps. */
function expOfLarge(x: number, low: number): number {
  if (!(x >= EXP_ARGUMENT_MIN && x <= EXP_ARGUMENT_MAX)) return beyond(x);
  const n = Math.floor(x * POWERS_PER_ONE);
  const rest = x - n * LN2_HEAD;
  return scale(expOfSum(rest, low - n * LN2_TAIL), n);
}

function beyond(x: number): number {
  if (x > EXP_ARGUMENT_MAX) return Number.POSITIVE_INFINITY;
  return x < EXP_ARGUMENT_MIN ? 0 : Number.NaN;
}

/** 2^(j/128) for every j, by whole numbers of 160 bits: the error is far below the tail's. */
function fillPowers(): void {
  const bits = 160n;
  const one = 1n << bits;
  let step = 2n * one;
  for (let steps = 1; steps < STEPS; steps *= 2) step = squareRoot(step << bits);
  let power = one;
  for (let j = 0; j < STEPS; j++) {
    head[j] = Number(power) / Number(one);
    tail[j] = Number(power - BigInt(Number(power))) / Number(one);
    power = (power * step) >> bits;
  }
}

/** ⌊√n⌋ by Newton's method from above. */
function squareRoot(n: bigint): bigint {
  let root = 1n << BigInt((n.toString(2).length + 1) >> 1);
  for (;;) {
    const next = (root + n / root) >> 1n;
    if (next >= root) return root;
    root = next;
  }
}
