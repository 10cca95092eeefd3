/**
 * Resting orders in canonical order: their sums must not depend on how a list happened to be sent.
 */
import type { OpenOrder } from "../book.ts";

/** By instrument, side, price, quantity; equal orders are alike, so their order cannot matter. */
export function canonicalOrders(orders: readonly OpenOrder[]): readonly OpenOrder[] {
  return [...orders].sort(
    (a, b) =>
      text(a.instrument, b.instrument) ||
      text(a.side, b.side) ||
      a.price - b.price ||
      a.quantity - b.quantity ||
      Number(a.reduceOnly) - Number(b.reduceOnly),
  );
}

const text = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
