/**
 * Quotients of exact products, rounded once and in a direction that is written.
 *
 * An amount is a BigInt in units of 1e-12 (money.ts), so a product of n amounts is in units of
 * 1e-12n and one division brings it back. Costs are rounded up and credits down, so that nobody is
 * better off by rounding; and because each fill is rounded by itself, the sum over a history does
 * not depend on its order.
 */
import { AMOUNT_DECIMALS, formatExact, parseAmount } from "../money.ts";

/** 1 as an exact amount. */
export const ONE = 10n ** BigInt(AMOUNT_DECIMALS);

/** a / b toward -∞; b ≠ 0. */
export function floorOver(a: bigint, b: bigint): bigint {
  const quotient = a / b;
  const inexact = quotient * b !== a;
  return inexact && a < 0n !== b < 0n ? quotient - 1n : quotient;
}

/** a / b toward +∞; b ≠ 0. */
export const ceilOver = (a: bigint, b: bigint): bigint => -floorOver(-a, b);

const SMALLEST = 1e-12;

/** A price > 0 and below 1e15 as the ledger can hold it: the nearest multiple of 1e-12, not 0. */
export const priceText = (price: number): string =>
  formatExact(parseAmount(Math.max(price, SMALLEST)));

/** A rate as the ledger can hold it: what is smaller than 1e-12 is none. */
export const rateText = (rate: number): string =>
  Math.abs(rate) < SMALLEST ? "0" : formatExact(parseAmount(rate));
