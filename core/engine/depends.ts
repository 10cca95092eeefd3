/**
 * What an account's margin depends on by name, so that only what moved is margined again.
 *
 *      legs ─► underlying, settle currency ─┐
 *      balances ─► currency ────────────────┼─► and the underlying that a coin's price is
 *      terms ─► numeraire, pegs ────────────┘
 */
import { coinUnderlying } from "../margin/prices.ts";
import { type Terms, termsOf } from "../terms.ts";
import { instrumentsOf } from "./account-book.ts";
import type { AccountState } from "./ledger.ts";
import type { EngineState } from "./state.ts";

export interface Dependence {
  /** Instruments, underlyings and currencies. */
  readonly names: ReadonlySet<string>;
  /** Held or ordered, but not listed. */
  readonly unlisted: readonly string[];
  /** Those of the names that are underlyings, ascending. */
  readonly underlyings: readonly string[];
}

export function dependenceOf({ market, terms }: EngineState, account: AccountState): Dependence {
  const names = new Set<string>();
  const unlisted: string[] = [];
  const underlyings = new Set<string>();
  const currencies = new Set<string>([...account.balances.keys(), terms.numeraire]);
  for (const id of instrumentsOf(account)) {
    names.add(id);
    const spec = market.instruments.get(id)?.spec;
    if (spec === undefined) {
      unlisted.push(id);
      continue;
    }
    underlyings.add(spec.underlying);
    currencies.add(spec.settleCurrency);
    const { assetClass } = market.underlyings.get(spec.underlying)!;
    const peg = pegCurrency(terms, spec.underlying, assetClass);
    if (peg !== undefined) currencies.add(peg);
  }
  for (const currency of currencies) {
    names.add(currency);
    const coin = coinUnderlying(market, currency);
    if (coin !== null && market.underlyings.has(coin)) underlyings.add(coin);
  }
  for (const id of underlyings) names.add(id);
  return { names, unlisted, underlyings: [...underlyings].sort() };
}

function pegCurrency(terms: Terms, underlying: string, assetClass: Parameters<typeof termsOf>[2]) {
  return termsOf(terms, underlying, assetClass).charges.peg?.currency;
}

/** What the market does not know yet of what the account depends on, in words; empty: nothing. */
export function unknownsOf({ market }: EngineState, of: Dependence): readonly string[] {
  const indexless = of.underlyings.filter((id) => !(market.underlyings.get(id)!.index > 0));
  return [
    ...of.unlisted.map((id) => `${id}: a listing`),
    ...indexless.map((id) => `${id}: an index`),
  ].sort();
}
