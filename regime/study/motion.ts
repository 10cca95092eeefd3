/**
 * How much a range moved: what a margin call on the whole market would have been.
 */

/** Largest over smallest; 1 where there is nothing above 0 to compare. */
export function peakToTrough(range: Float64Array): number {
  if (range.length === 0) return 1;
  let most = range[0]!;
  let least = range[0]!;
  for (const value of range) {
    most = Math.max(most, value);
    least = Math.min(least, value);
  }
  return least > 0 ? most / least : 1;
}

/** Days between the starts of the windows that are compared. */
const STRIDE_DAYS = 7;

/** The largest peak-to-trough of any `days` daily values, started every week. */
export function peakToTroughWithin(daily: Float64Array, days: number): number {
  let most = 1;
  for (let from = 0; from < daily.length; from += STRIDE_DAYS)
    most = Math.max(most, peakToTrough(daily.subarray(from, from + days)));
  return most;
}

/** Largest relative rise over `steps` values on, 0 when it never rose; none is counted from 0. */
export function largestRise(range: Float64Array, steps: number): number {
  let most = 0;
  for (let i = 0; i + steps < range.length; i++)
    if (range[i]! > 0) most = Math.max(most, range[i + steps]! / range[i]! - 1);
  return most;
}
