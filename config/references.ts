/**
 * What a book's account refers to must be listed by its market.
 *
 * Only what the account touches is looked up: a market may list more than anybody holds, and an
 * instrument that nobody holds needs no index.
 */
import type { Market, MarketInstrument } from "../core/book.ts";
import { join } from "../core/check.ts";
import { RiskError, shown } from "../core/errors.ts";

/**
 * The instrument that a position or an order names at `path`.
 *
 * @throws RiskError `unknown_instrument`, `unknown_underlying`, `unknown_currency`, or
 * `instrument_expired`: an option past its expiry is worth its intrinsic value, but anything else
 * has been settled
 */
export function touched(
  market: Market,
  numeraire: string,
  id: string,
  path: string,
): MarketInstrument {
  const instrument = market.instruments.get(id);
  if (instrument === undefined) throw unlisted("unknown_instrument", path, id);
  const { spec } = instrument;
  const at = join("market.instruments", id);
  if (!market.underlyings.has(spec.underlying)) {
    throw unlisted("unknown_underlying", `${at}.underlying`, spec.underlying);
  }
  refuseUnpriced(market, numeraire, spec.settleCurrency, `${at}.settleCurrency`);
  const { kind, expiryMs } = spec;
  if (kind !== "option" && expiryMs !== undefined && expiryMs < market.asOfMs) {
    throw new RiskError("instrument_expired", {
      path,
      expected: "an expiry not before asOf",
      found: new Date(expiryMs).toISOString(),
    });
  }
  return instrument;
}

/**
 * Besides the numeraire, which counts 1, only USD needs no listing.
 *
 * @throws RiskError `unknown_currency`, or `unknown_underlying` where its price is an unlisted
 * index
 */
export function refuseUnpriced(
  market: Market,
  numeraire: string,
  currency: string,
  path: string,
): void {
  if (currency === "USD" || currency === numeraire) return;
  const listed = market.currencies.get(currency);
  if (listed === undefined && !market.underlyings.has(currency)) {
    throw unlisted("unknown_currency", path, currency);
  }
  if (listed?.price !== undefined || listed?.underlying === undefined) return;
  if (!market.underlyings.has(listed.underlying)) {
    const at = `${join("market.currencies", currency)}.underlying`;
    throw unlisted("unknown_underlying", at, listed.underlying);
  }
}

type Unlisted = "unknown_instrument" | "unknown_underlying" | "unknown_currency";

export function unlisted(code: Unlisted, path: string, id: string): RiskError {
  return new RiskError(code, { path, expected: "one that the market lists", found: shown(id) });
}
