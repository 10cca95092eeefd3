/**
 * ln x of our own, the same bits on every engine, and with as many again behind the comma.
 *
 *      x = 2^k m,  m in [√½, √2)      i = m to the nearest 1/128,  v ≈ 128/i in 12 bits
 *      ln x = k ln2 - ln v + ln(1 + r),      r = m v - 1 exactly,  |r| < 0.0062
 *
 * Tang, "Table-driven implementation of the logarithm function", ACM TOMS 16 (1990). The interval
 * about 1 has v = 1 and ln v = 0, so nothing cancels there and the error stays relative. The table
 * is made at load, by the series of ln in whole numbers of 160 bits.
 */
import { EXPONENT_MIN, LN2_HEAD, LN2_TAIL, powerOfTwo, powersOfTwo } from "./power-of-two.ts";

const INTERVALS_PER_ONE = 128;
const INTERVAL_FIRST = 90;
const INTERVAL_LAST = 182;
/** v is a multiple of 2^-11, so its product with either part of m is exact. */
const RECIPROCAL_SCALE = 2048;
/** The heads of ln2 and of the table are multiples of 2^-42, so their sum is exact for every k. */
const HEAD_SCALE = 4398046511104;
/** Added and taken away again, it leaves multiples of 2^-20: the square of `coarse` is exact. */
const CUTTER = 6442450944;
/** The upper 32 bits of √½: subtracting them from those of x leaves the exponent k on top. */
const SQRT_HALF_WORD = 0x3fe6a09e;

/** The smallest normal double, 2^-1022. */
const NORMAL_MIN = 2.2250738585072014e-308;

const reciprocal = new Float64Array(INTERVAL_LAST - INTERVAL_FIRST + 1);
const head = new Float64Array(reciprocal.length);
const tail = new Float64Array(reciprocal.length);
fillIntervals();

const seen = new Float64Array(1);
const words = new Int32Array(seen.buffer);
const upper = new Int32Array(new Float64Array([1]).buffer)[1] === 0 ? 0 : 1;

/** What {@link logWithTail} found beyond its result, at index 0; holds until the next call. */
export const logTail = new Float64Array(1);

/**
 * ln x, within 0.51 ulp.
 *
 * ln 0 = -∞, ln 1 = 0, ln ∞ = ∞; NaN below zero and of NaN.
 */
export function log(x: number): number {
  return x > 0 && x < Number.POSITIVE_INFINITY ? logWithTail(x) : beyond(x);
}

/**
 * ln x as head (the result) and tail ({@link logTail}), together to 2^-66 of their size; x must be
 * positive and finite.
 */
export function logWithTail(x: number): number {
  return x < NORMAL_MIN ? logOfNormal(x * powerOfTwo(54), -54) : logOfNormal(x, 0);
}

/** The same for a normal x, of x * 2^shift. */
export function logOfNormal(x: number, shift: number): number {
  seen[0] = x;
  const exponent = (words[upper]! - SQRT_HALF_WORD) >> 20;
  const m = x * powersOfTwo[-exponent - EXPONENT_MIN]!;
  const k = exponent + shift;
  const i = ((m * INTERVALS_PER_ONE + 0.5) | 0) - INTERVAL_FIRST;
  const v = reciprocal[i]!;

  const upperPart = m + CUTTER - CUTTER;
  const coarse = upperPart * v - 1;
  const fine = (m - upperPart) * v;
  const r = coarse + fine;
  const rTail = fine - (r - coarse);
  const r2 = r * r;
  const series =
    1 / 3 - r * (1 / 4) + r2 * (1 / 5 - r * (1 / 6) + r2 * (1 / 7 - r * (1 / 8) + r2 * (1 / 9)));

  const base = k * LN2_HEAD + head[i]!;
  const first = base + r;
  const half = 0.5 * coarse * coarse;
  const second = first - half;
  const low =
    base -
    first +
    r +
    (first - second - half) +
    (rTail - 0.5 * fine * (coarse + r) + (k * LN2_TAIL + tail[i]!) + r * r2 * series);
  const sum = second + low;
  logTail[0] = second - sum + low;
  return sum;
}

function beyond(x: number): number {
  if (x === 0) return Number.NEGATIVE_INFINITY;
  return x > 0 ? x : Number.NaN;
}

function fillIntervals(): void {
  for (let i = 0; i < reciprocal.length; i++) {
    const v = Math.floor((INTERVALS_PER_ONE / (i + INTERVAL_FIRST)) * RECIPROCAL_SCALE + 0.5);
    reciprocal[i] = v / RECIPROCAL_SCALE;
    const one = 1n << 160n;
    const exact = logOfRatio(BigInt(RECIPROCAL_SCALE), BigInt(v), one);
    head[i] = Math.floor((Number(exact) / Number(one)) * HEAD_SCALE) / HEAD_SCALE;
    tail[i] = Number(exact - BigInt(head[i]! * HEAD_SCALE) * (one >> 42n)) / Number(one);
  }
}

/** ln(p / q) * one, by 2 atanh z = 2 (z + z³/3 + z⁵/5 + …) with z = (p - q) / (p + q). */
function logOfRatio(p: bigint, q: bigint, one: bigint): bigint {
  let power = ((p - q) * one) / (p + q);
  const square = (power * power) / one;
  let sum = 0n;
  for (let n = 1n; power !== 0n; n += 2n) {
    sum += power / n;
    power = (power * square) / one;
  }
  return 2n * sum;
}
