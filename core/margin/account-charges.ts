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

/** In the numeraire. `held`: the underlyings that the account depends on. */
export function chargesOfAccount(
  context: MarginContext,
  { margins }: Account,
  balances: readonly BalanceValue[],
  held: readonly string[],
): AccountCharges {
  const initially = (initial: number): Staged => ({ initial, maintenance: 0 });
  return {
    openOrders: initially(margins.openOrders),
    spot: initially(margins.spot),
    mmp: initially(margins.mmp),
    collateralOracle: initially(collateralOracle(context, balances, held)),
  };
}

/** Each collateral in doubt: the lower of its own and its underlying's confidence, numeraire. */
function collateralOracle(
  context: MarginContext,
  balances: readonly BalanceValue[],
  held: readonly string[],
): number {
  let amount = 0;
  for (const { currency, confidence, usd } of balances) {
    if (currency === context.numeraire.currency || usd <= 0) continue;
    const doubts = ratedBy(context, currency, held).map((underlying) => {
      const of = context.view(underlying);
      const charge = of.terms.charges.oracle;
      return charge === null ? 0 : doubt(charge, Math.min(confidence, of.confidence));
    });
    amount += usd * Math.max(0, ...doubts);
  }
  return amount / context.numeraire.price;
}

/** Whose terms and index rate a collateral: its own, else those that the account depends on. */
function ratedBy(
  { market }: MarginContext,
  currency: string,
  held: readonly string[],
): readonly string[] {
  const own = coinUnderlying(market, currency);
  if (own !== null && market.underlyings.has(own)) return [own];
  const listed = [...market.underlyings.keys()];
  return held.length === 0 && listed.length === 1 ? listed : held;
}
