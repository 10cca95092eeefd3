/**
 * Products and quotients of exact amounts, rounded once at 1e-12 and in a direction that is written.
 *
 * An amount is a BigInt in units of 1e-12 (money.ts). Costs are rounded up and credits down, so that
 * a fill never leaves the account better off than it was; and because each fill is rounded by itself,
 * the sum over a history does not depend on its order.
 */
import { AMOUNT_DECIMALS } from "../money.ts";

export const ONE = 10n ** BigInt(AMOUNT_DECIMALS);

/** a x b toward -∞. */
export const timesDown = (a: bigint, b: bigint): bigint => floorDivide(a * b, ONE);
/** a x b toward +∞. */
export const timesUp = (a: bigint, b: bigint): bigint => -floorDivide(-(a * b), ONE);
/** a / b toward -∞; b ≠ 0. */
export const overDown = (a: bigint, b: bigint): bigint => floorDivide(a * ONE, b);
/** a / b toward +∞; b ≠ 0. */
export const overUp = (a: bigint, b: bigint): bigint => -floorDivide(-(a * ONE), b);

function floorDivide(a: bigint, b: bigint): bigint {
  const quotient = a / b;
  const inexact = quotient * b !== a;
  return inexact && a < 0n !== b < 0n ? quotient - 1n : quotient;
}
