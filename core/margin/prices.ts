/**
 * What a currency is worth, and in what unit an account is measured.
 *
 * Prices are USD, and the numeraire itself counts 1: a stable numeraire is its own unit, whatever
 * it trades at (the peg terms are the only place where that shows). A coin numeraire measures in
 * coins: amounts in USD are divided by its index.
 */
import type { Book, Market } from "../book.ts";
import { RiskError } from "../errors.ts";
import type { Terms } from "../terms.ts";

export interface Numeraire {
  readonly currency: string;
  /** USD per unit: the index of a coin, else 1. */
  readonly price: number;
  /** The underlying whose coin it is. */
  readonly underlying: string | null;
}

/** USD per unit of `currency`. @throws RiskError unknown_currency */
export function currencyPrice(market: Market, currency: string, numeraire: Numeraire): number {
  if (currency === numeraire.currency) return numeraire.price;
  const listed = market.currencies.get(currency);
  if (listed?.price !== undefined) return listed.price;
  const index = market.underlyings.get(listed?.underlying ?? currency)?.index;
  if (index !== undefined) return index;
  if (listed !== undefined || currency === "USD") return 1;
  throw new RiskError("unknown_currency", {
    path: `market.currencies.${currency}`,
    expected: "a listed currency, or the name of an underlying",
    found: currency,
  });
}

/** The underlying that a currency slides with; null: it does not. */
export function coinUnderlying(market: Market, currency: string): string | null {
  const named = market.currencies.get(currency)?.underlying;
  if (named !== undefined) return named;
  return market.underlyings.has(currency) ? currency : null;
}

/** Resolves `terms.numeraire`; "coin" is the coin of the one underlying that the account holds. */
export function numeraireOf(book: Book, terms: Terms): Numeraire {
  if (terms.numeraire === "coin") return coinOf(book.market, heldUnderlying(book));
  const underlying = coinUnderlying(book.market, terms.numeraire);
  if (underlying === null) return { currency: terms.numeraire, price: 1, underlying: null };
  return { ...coinOf(book.market, underlying), currency: terms.numeraire };
}

function coinOf(market: Market, underlying: string): Numeraire {
  const index = market.underlyings.get(underlying)?.index;
  if (index === undefined) {
    throw new RiskError("unknown_underlying", { path: "terms.numeraire", found: underlying });
  }
  return { currency: underlying, price: index, underlying };
}

function heldUnderlying({ account, market }: Book): string {
  const held = new Set<string>();
  for (const { instrument } of [...account.positions, ...account.openOrders]) {
    const underlying = market.instruments.get(instrument)?.spec.underlying;
    if (underlying !== undefined) held.add(underlying);
  }
  const candidates = held.size > 0 ? [...held] : [...market.underlyings.keys()];
  if (candidates.length === 1) return candidates[0]!;
  throw new RiskError("unsupported", {
    path: "terms.numeraire",
    expected: "one underlying per account where the numeraire is its coin",
    found: candidates.join(", ") || "none",
  });
}
