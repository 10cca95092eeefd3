/**
 * Medians of a handful of numbers, in a buffer that is used again and again.
 *
 * An even count has an interval between its two middle values and no single median; the guard
 * keeps the interval, for its middle may be nobody's price.
 */
export interface Sorted {
  clear(): void;
  add(value: number): void;
  readonly count: number;
  /** Lower and upper middle; equal for an odd count. Of at least one number. */
  low(): number;
  high(): number;
}

/** @param max numbers that it holds */
export function openSorted(max: number): Sorted {
  const values = new Float64Array(max);
  let count = 0;
  return {
    clear() {
      count = 0;
    },
    add(value) {
      let at = count++;
      for (; at > 0 && values[at - 1]! > value; at--) values[at] = values[at - 1]!;
      values[at] = value;
    },
    get count() {
      return count;
    },
    low: () => values[(count - 1) >> 1]!,
    high: () => values[count >> 1]!,
  };
}

/** `value`, or the end of the interval that is nearer to it. */
export const clamp = (value: number, low: number, high: number): number =>
  value < low ? low : value > high ? high : value;
