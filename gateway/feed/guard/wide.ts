/**
 * A price that its source is not sure of: how wide becomes how far it may be trusted.
 *
 *      confidence = 1                                           half-width / price ≤ cap
 *                 = 1 - half-width / price, rounded down to the step        beyond it: wide
 *
 * The mark itself stays in the middle. A margin takes the adverse side by the oracle charge, which
 * costs (1 - confidence) of a notional whichever way it is held: initial margin alone, for nobody
 * is liquidated by a spread.
 */
import type { GuardSettings } from "../../../config/guard.ts";
import type { Slot } from "./slot.ts";

/** What was wide stays so until it is this much narrower: a spread breathes. */
const NARROW = 0.8;

/** @param width half-width over price, ≥ 0 @returns 0 to 1 */
export function confidenceOf(
  { confidence, wideCap }: Slot,
  width: number,
  { step }: GuardSettings["wide"],
): number {
  const cap = confidence < 1 ? NARROW * wideCap : wideCap;
  if (width <= cap) return 1;
  return Math.max(0, 1 - Math.ceil(width / step) * step);
}
