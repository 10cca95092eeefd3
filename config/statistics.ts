/**
 * Batch statistics behind names of our own: least squares, quantiles, how well a fit fits.
 *
 * Off the path of marks only. What comes out enters a regime as data in a command, so that the last
 * bit of these packages' arithmetic, which may differ between engines, never decides a replay.
 */
import { MultivariateLinearRegression } from "ml-regression";
import { quantile, rSquared } from "simple-statistics";

/**
 * Ordinary least squares of `targets` on `rows` with an intercept, which stands last.
 *
 * @param rows shape [samples][inputs], more samples than inputs
 */
export function leastSquares(
  rows: readonly (readonly number[])[],
  targets: readonly number[],
): number[] {
  const columns = targets.map((target) => [target]);
  const { weights } = new MultivariateLinearRegression(rows, columns, { statistics: false });
  return weights.map(([weight]) => weight!);
}

/**
 * The regression of the quantile `p` by least squares with weights that are fitted in turn: an
 * error counts in proportion to its side's share over its size (Schlossmacher 1973).
 *
 * @returns coefficients, the intercept last
 */
export function quantileRegression(
  rows: readonly (readonly number[])[],
  targets: readonly number[],
  p: number,
): number[] {
  let weights = targets.map(() => 1);
  let found: number[] = [];
  for (let round = 0; round < QUANTILE_ROUNDS; round++) {
    const scaled = rows.map((row, i) => [...row, 1].map((x) => x * weights[i]!));
    const columns = targets.map((target, i) => [target * weights[i]!]);
    const options = { intercept: false, statistics: false };
    found = new MultivariateLinearRegression(scaled, columns, options).weights.map(([x]) => x!);
    weights = rows.map((row, i) => {
      const error = targets[i]! - predicted(found, row);
      return Math.sqrt((error > 0 ? p : 1 - p) / Math.max(QUANTILE_ERROR_MIN, Math.abs(error)));
    });
  }
  return found;
}

const QUANTILE_ROUNDS = 60;
/** Errors below this count as this: a perfect fit of one sample must not outweigh all others. */
const QUANTILE_ERROR_MIN = 1e-3;

/** What coefficients, with the intercept last, make of a row. */
export function predicted(coefficients: readonly number[], row: readonly number[]): number {
  return row.reduce((sum, x, i) => sum + x * coefficients[i]!, coefficients.at(-1)!);
}

/** The value below which the share `p` in [0, 1] lies, by the linear rule; not of an empty list. */
export function quantileOf(values: readonly number[], p: number): number {
  return quantile([...values], p);
}

/** Share of the variance of `targets` that `rows` explain, at most 1. */
export function explained(
  coefficients: readonly number[],
  rows: readonly (readonly number[])[],
  targets: readonly number[],
): number {
  const pairs = targets.map((target, i): [number, number] => [i, target]);
  return rSquared(pairs, (i) => predicted(coefficients, rows[i]!));
}
