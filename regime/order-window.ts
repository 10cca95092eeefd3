/**
 * The newest values of a series, kept in order: quantiles of a sliding window without a sort.
 *
 * A new value goes into its place by binary search and one block move, the oldest leaves the same
 * way, so 4,380 values cost some microseconds each and memory never grows.
 */
export interface OrderWindow {
  /** In order of arrival, a ring of shape [capacity]. */
  readonly ring: Float64Array;
  /** The same values ascending, the first `count` of shape [capacity]. */
  readonly sorted: Float64Array;
  next: number;
  count: number;
}

export function orderWindow(capacity: number): OrderWindow {
  const ring = new Float64Array(capacity);
  return { ring, sorted: new Float64Array(capacity), next: 0, count: 0 };
}

/** Adds a value, which must be a number; the oldest leaves when the window is full. */
export function push(window: OrderWindow, value: number): void {
  const { ring, sorted, next } = window;
  if (window.count === ring.length) remove(window, ring[next]!);
  const at = firstAtLeast(sorted, window.count, value);
  sorted.copyWithin(at + 1, at, window.count);
  sorted[at] = value;
  ring[next] = value;
  window.next = next + 1 === ring.length ? 0 : next + 1;
  window.count += 1;
}

/**
 * The value below which the share `p` in [0, 1] lies, by the linear rule between order statistics;
 * undefined while the window is empty.
 */
export function quantile({ sorted, count }: OrderWindow, p: number): number | undefined {
  if (count === 0) return undefined;
  const place = p * (count - 1);
  const lower = Math.floor(place);
  const upper = Math.min(lower + 1, count - 1);
  const low = sorted[lower]!;
  return low + (place - lower) * (sorted[upper]! - low);
}

function remove(window: OrderWindow, value: number): void {
  const { sorted, count } = window;
  const at = firstAtLeast(sorted, count, value);
  sorted.copyWithin(at, at + 1, count);
  window.count = count - 1;
}

/** Index of the first of `count` ascending values that is not below `value`. */
function firstAtLeast(sorted: Float64Array, count: number, value: number): number {
  let from = 0;
  let to = count;
  while (from < to) {
    const middle = (from + to) >> 1;
    if (sorted[middle]! < value) from = middle + 1;
    else to = middle;
  }
  return from;
}
