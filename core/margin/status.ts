/**
 * The state of an account, one word; the first that holds, from bad to good.
 *
 *      incomplete    a leg has no price: nothing below can be said
 *      deficit       equity is negative
 *      liquidation   maintenance margin exceeds equity
 *      marginCall    maintenance margin exceeds callAt x equity
 *      restricted    initial margin exceeds equity: nothing that adds risk
 *      recovered     after a liquidation, until initial margin fits again
 *      healthy
 *
 * Decided on unrounded figures. `recovered` needs a memory and is set by the engine.
 */
import type { Staged } from "../terms.ts";

export const statuses = [
  "incomplete",
  "deficit",
  "liquidation",
  "marginCall",
  "restricted",
  "recovered",
  "healthy",
] as const;
export type Status = (typeof statuses)[number];

/** @param callAt share of equity at which maintenance margin calls, 0 to 1 */
export function statusOf(
  requirement: Staged,
  equity: Staged,
  callAt: number,
  incomplete: boolean,
): Status {
  if (incomplete) return "incomplete";
  if (equity.maintenance < 0) return "deficit";
  if (requirement.maintenance > equity.maintenance) return "liquidation";
  if (requirement.maintenance > callAt * equity.maintenance) return "marginCall";
  if (requirement.initial > equity.initial) return "restricted";
  return "healthy";
}
