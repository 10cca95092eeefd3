/**
 * Charges of an account as a whole: what its venue stated, and collateral whose price is in doubt.
 */
import type { Account } from "../book.ts";
import type { Staged } from "../terms.ts";
import type { BalanceValue } from "./balance.ts";
import { doubt } from "./charges/oracle.ts";
import type { MarginContext } from "./context.ts";
import { coinUnderlying } from "./prices.ts";

export const accountCharges = ["openOrders", "spot", "mmp", "collateralOracle"] as const;
export type AccountCharges = { readonly [name in (typeof accountCharges)[number]]: Staged };

/** In the numeraire. */
export function chargesOfAccount(
  context: MarginContext,
  { margins }: Account,
  balances: readonly BalanceValue[],
): AccountCharges {
  const initially = (initial: number): Staged => ({ initial, maintenance: 0 });
  return {
    openOrders: initially(margins.openOrders),
    spot: initially(margins.spot),
    mmp: initially(margins.mmp),
    collateralOracle: initially(collateralOracle(context, balances)),
  };
}

/** Each collateral in doubt: the lower of its own and its underlying's confidence, numeraire. */
function collateralOracle(
  { market, numeraire, view }: MarginContext,
  balances: readonly BalanceValue[],
): number {
  let amount = 0;
  for (const { currency, confidence, usd } of balances) {
    const underlying = coinUnderlying(market, currency);
    if (underlying === null || currency === numeraire.currency || usd <= 0) continue;
    const of = view(underlying);
    const charge = of.terms.charges.oracle;
    if (charge !== null) amount += usd * doubt(charge, Math.min(confidence, of.confidence));
  }
  return amount / numeraire.price;
}
