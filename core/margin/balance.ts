/**
 * Balances: what each currency is worth, and which of them slide with an underlying.
 *
 * The terms put a coin into the scenarios as a whole: its balance, the coin P&L and the coin value
 * of inverse options, whether or not there is a balance of it.
 */
import type { Account, Market } from "../book.ts";
import { RiskError } from "../errors.ts";
import type { CollateralTerms, Terms } from "../terms.ts";
import type { MarginContext } from "./context.ts";
import type { HeldPosition } from "./holding.ts";
import { coinUnderlying, currencyPrice, type Numeraire } from "./prices.ts";

/** One currency's balance at one place, valued. */
export interface BalanceValue {
  readonly currency: string;
  readonly location: string | undefined;
  readonly amount: number;
  /** USD before haircut; divided by the numeraire's peg unless it is the numeraire. */
  readonly usd: number;
  /** Underlying that it slides with, where its terms put it in the scenarios. */
  readonly slidesWith: string | null;
  /** Of its currency, 0 to 1. */
  readonly confidence: number;
  readonly terms: CollateralTerms;
}

const cash: CollateralTerms = {
  initialHaircut: 0,
  maintenanceHaircut: 0,
  tiers: [],
  cap: null,
  onlyPositive: false,
  inScenarios: false,
  haircutInScenarios: "full",
};

/** Values the balances, in canonical order: by currency, then location. */
export function valueBalances(
  account: Account,
  market: Market,
  terms: Terms,
  numeraire: Numeraire,
): BalanceValue[] {
  const peg = market.currencies.get(numeraire.currency)?.peg ?? 1;
  return account.balances
    .map(({ currency, amount, location }, i): BalanceValue => {
      const own = collateralTerms(terms, currency, numeraire);
      const isNumeraire = currency === numeraire.currency;
      const units = Number(amount);
      if (own.onlyPositive && units < 0) throw refused(i, currency, amount);
      const usd = units * currencyPrice(market, currency, numeraire);
      return {
        currency,
        location,
        amount: units,
        usd: isNumeraire ? usd : usd / peg,
        slidesWith: slidesWith(market, terms, numeraire, currency),
        confidence: market.currencies.get(currency)?.confidence ?? 1,
        terms: own,
      };
    })
    .sort((a, b) => order(a.currency, b.currency) || order(a.location ?? "", b.location ?? ""));
}

const order = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

function refused(at: number, currency: string, amount: string): RiskError {
  return new RiskError("out_of_bounds", {
    path: `account.balances.${currency}`,
    expected: "a balance ≥ 0: the terms allow no loan in this currency",
    found: `${amount} (balance ${at})`,
  });
}

/** The numeraire is cash, whole, unless the terms name it. */
export function collateralTerms(
  terms: Terms,
  currency: string,
  numeraire: Numeraire,
): CollateralTerms {
  const own = terms.collateral[currency];
  if (own !== undefined || currency === numeraire.currency) return own ?? cash;
  return terms.collateral["*"] ?? cash;
}

/** The underlying whose rows `currency` slides in, by the terms; null: it stands still. */
export function slidesWith(
  market: Market,
  terms: Terms,
  numeraire: Numeraire,
  currency: string,
): string | null {
  if (currency === numeraire.currency) return null;
  const { inScenarios } = collateralTerms(terms, currency, numeraire);
  return inScenarios ? coinUnderlying(market, currency) : null;
}

/** Coin equity by the underlying it slides with, USD: balances, coin P&L and coin option value. */
export function slidingUsd(
  { market, terms, numeraire }: MarginContext,
  positions: readonly HeldPosition[],
  balances: readonly BalanceValue[],
): Map<string, number> {
  const sums = new Map<string, number>();
  const add = (id: string, usd: number) => sums.set(id, (sums.get(id) ?? 0) + usd);
  for (const { slidesWith: id, usd } of balances) if (id !== null) add(id, usd);
  for (const { leg, quantity, unrealisedPnl, unrealisedFunding } of positions) {
    const { settlement, settleCurrency } = leg.market.spec;
    if (settlement !== "inverse") continue;
    const id = slidesWith(market, terms, numeraire, settleCurrency);
    const worth = unrealisedPnl + unrealisedFunding + quantity * leg.value * leg.unit;
    if (id !== null) add(id, worth * numeraire.price);
  }
  return sums;
}
