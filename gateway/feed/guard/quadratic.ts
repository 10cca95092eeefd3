/**
 * A parabola through points of which some may be wrong, and how far off it the others lie.
 *
 *      least Σ |y - (a + b u + c u²)|      u = (x - mean) / size
 *
 * Least absolute deviations by reweighting (weights 1 / |r|), a fixed number of rounds: the answer
 * need not be the last digit's, only hardly moved by one point. The scale is the median of |r|
 * times 1.4826, which of a normal sample is its deviation.
 */
import { openSorted } from "./sorted.ts";

const ROUNDS = 15;
/** A point on the curve does not take all the weight. */
const RESIDUAL_MIN = 1e-4;
/** Added to the diagonal, relative: three strikes make no parabola, and must not divide by 0. */
const RIDGE = 1e-9;
const NORMAL_PER_MAD = 1.4826;

export interface Parabola {
  at(x: number): number;
  /** Deviation of the points from it, robust. */
  readonly scale: number;
}

/** @param xs at least one, as many as `ys` */
export function fitParabola(xs: readonly number[], ys: readonly number[]): Parabola {
  const mean = xs.reduce((sum, x) => sum + x, 0) / xs.length;
  const size = xs.reduce((most, x) => Math.max(most, Math.abs(x - mean)), 0) || 1;
  const us = xs.map((x) => (x - mean) / size);
  let [a, b, c] = solved(us, ys, () => 1);
  const residual = (i: number) => Math.abs(ys[i]! - (a + b * us[i]! + c * us[i]! * us[i]!));
  for (let round = 0; round < ROUNDS; round++) {
    const weights = us.map((_, i) => 1 / Math.max(residual(i), RESIDUAL_MIN));
    [a, b, c] = solved(us, ys, (i) => weights[i]!);
  }
  const off = openSorted(us.length);
  for (let i = 0; i < us.length; i++) off.add(residual(i));
  return {
    at(x) {
      const u = (x - mean) / size;
      return a + b * u + c * u * u;
    },
    scale: NORMAL_PER_MAD * off.high(),
  };
}

type Coefficients = [number, number, number];

/** Weighted least squares by the normal equations and Cramer's rule. */
function solved(
  us: readonly number[],
  ys: readonly number[],
  weight: (i: number) => number,
): Coefficients {
  let [s0, s1, s2, s3, s4, t0, t1, t2] = [0, 0, 0, 0, 0, 0, 0, 0];
  for (let i = 0; i < us.length; i++) {
    const [w, u, y] = [weight(i), us[i]!, ys[i]!];
    s0 += w;
    s1 += w * u;
    s2 += w * u * u;
    s3 += w * u * u * u;
    s4 += w * u * u * u * u;
    t0 += w * y;
    t1 += w * u * y;
    t2 += w * u * u * y;
  }
  const ridge = RIDGE * s0;
  s2 += ridge;
  s4 += ridge;
  const det = determinant([s0, s1, s2], [s1, s2, s3], [s2, s3, s4]);
  return [
    determinant([t0, t1, t2], [s1, s2, s3], [s2, s3, s4]) / det,
    determinant([s0, s1, s2], [t0, t1, t2], [s2, s3, s4]) / det,
    determinant([s0, s1, s2], [s1, s2, s3], [t0, t1, t2]) / det,
  ];
}

function determinant(a: Coefficients, b: Coefficients, c: Coefficients): number {
  return (
    a[0] * (b[1] * c[2] - b[2] * c[1]) -
    b[0] * (a[1] * c[2] - a[2] * c[1]) +
    c[0] * (a[1] * b[2] - a[2] * b[1])
  );
}
