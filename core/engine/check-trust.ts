/**
 * What may not be done on marks that cannot be trusted (mark-state.ts).
 *
 * Fills are not asked, in any state: the trade has been made.
 */
import type { OpenOrder } from "../book.ts";
import type { OrdersCommand } from "./command.ts";
import { dependenceOf } from "./depends.ts";
import type { AccountState } from "./ledger.ts";
import { doubtsAbout } from "./mark-state.ts";
import { refused } from "./refusal.ts";
import type { EngineState } from "./state.ts";

/**
 * HALTED: an order either only reduces, or rested before in at least that size.
 *
 * @throws RiskError not_ready
 */
export function refuseOpening(state: EngineState, { account, orders }: OrdersCommand): void {
  if (state.markState.state !== "HALTED") return;
  const rested = new Map<string, number>();
  for (const order of state.accounts.get(account)?.orders ?? []) {
    rested.set(lineOf(order), (rested.get(lineOf(order)) ?? 0) + order.quantity);
  }
  orders.forEach((order, i) => {
    if (order.reduceOnly) return;
    const left = (rested.get(lineOf(order)) ?? 0) - order.quantity;
    if (left < 0) throw untrusted(`orders[${i}]`, "nothing that opens while marks are HALTED");
    rested.set(lineOf(order), left);
  });
}

const lineOf = ({ instrument, side, price }: OpenOrder): string => `${instrument} ${side} ${price}`;

/**
 * What leaves an account was worth what the marks said: HALTED, or on a mark that is stale or
 * withheld, nobody knows.
 *
 * @throws RiskError not_ready
 */
export function refuseOnDoubt(state: EngineState, account: AccountState): void {
  if (state.markState.state === "OK") return;
  if (state.markState.state === "HALTED") throw untrusted("amount", "HALTED");
  const { stale, quarantined } = doubtsAbout(state, dependenceOf(state, account).names);
  const doubted = [...quarantined, ...stale];
  if (doubted.length > 0) throw untrusted("amount", doubted.slice(0, 4).join(", "));
}

const untrusted = (path: string, found: string) =>
  refused("not_ready", path, "marks that can be trusted", found);
