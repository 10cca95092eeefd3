/**
 * A bar: what the index did in one stretch of market time, and whether it can be used.
 */
export interface Bar {
  /** Start of the bar, ms since the epoch. */
  readonly openMs: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  /** No mark arrived: the prices repeat the last close and say nothing. */
  readonly stale?: boolean;
}

/** Whether its prices have logs, so that the estimators may take it. */
export function usable({ open, high, low, close }: Bar): boolean {
  return open > 0 && low > 0 && close > 0 && high > 0;
}

/**
 * The bar as the fold takes it: extremes stretched over open and close, which vendors' files often
 * leave out; a bar whose prices are no numbers is one without marks, at `lastClose`.
 */
export function readable(bar: Bar, lastClose: number): Bar {
  const { open, high, low, close } = bar;
  if (!Number.isFinite(open + high + low + close)) return flatBar(bar.openMs, lastClose);
  return stretched(bar);
}

/** The bar with its extremes stretched over open and close. */
export function stretched(bar: Bar): Bar {
  const { open, high, low, close } = bar;
  const highest = Math.max(open, high, low, close);
  const lowest = Math.min(open, high, low, close);
  return highest === high && lowest === low ? bar : { ...bar, high: highest, low: lowest };
}

/** A bar without marks, at the price that stood before it. */
export function flatBar(openMs: number, price: number): Bar {
  return { openMs, open: price, high: price, low: price, close: price, stale: true };
}
