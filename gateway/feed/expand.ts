/**
 * A bar as four marks, and four marks as a bar.
 *
 *      t            + 1/4          + 1/2          end - 1 ms
 *      open ─────── low ────────── high ───────── close
 *
 * The order is always the same, for a bar does not tell it; the last mark still lies within the
 * bar, so whoever folds marks into bars of that length gets exactly this bar back.
 */
import type { FileBar } from "./feed.ts";
import type { PriceRow } from "./price-row.ts";

/** One mark of an index. */
export interface Point {
  readonly at: number;
  readonly price: number;
}

/** @param lengthMs what the bar covers, at least 4 ms */
export function expand(row: PriceRow, lengthMs: number): readonly Point[] {
  const { openMs, open, high, low, close } = row;
  return [
    { at: openMs, price: open },
    { at: openMs + Math.floor(lengthMs / 4), price: low },
    { at: openMs + Math.floor(lengthMs / 2), price: high },
    { at: openMs + lengthMs - 1, price: close },
  ];
}

/** The bar of an underlying that took these prices in turn; `prices` is not empty. */
export function folded(
  underlying: string,
  { openMs, volume }: PriceRow,
  prices: readonly number[],
): FileBar {
  const open = prices[0] ?? 0;
  return {
    underlying,
    openMs,
    open,
    high: Math.max(...prices),
    low: Math.min(...prices),
    close: prices.at(-1) ?? open,
    volume,
  };
}
