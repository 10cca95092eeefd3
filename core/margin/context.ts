/**
 * Where an account is margined: terms, market, and the views and legs that were already valued.
 *
 * Views and legs are made when first asked for and kept until the market moves, so an instrument is
 * priced once for all the accounts that hold it. The caches are keyed by what they were made from:
 * the live engine hands the same context a changed market, and only what changed is made again.
 */
import type { Market, MarketInstrument, MarketUnderlying, PublishedRange } from "../book.ts";
import { RiskError } from "../errors.ts";
import { type OffsetGroup, type Terms, termsOf } from "../terms.ts";
import { type Leg, valueLeg } from "./leg.ts";
import { currencyPrice, type Numeraire } from "./prices.ts";
import { type UnderlyingView, viewUnderlying } from "./view.ts";

export interface MarginContext {
  readonly terms: Terms;
  readonly market: Market;
  readonly numeraire: Numeraire;
  /** @throws RiskError unknown_underlying */
  view(underlying: string): UnderlyingView;
  /** @throws RiskError unknown_instrument */
  leg(instrument: string): Leg;
  /** The offset group that an underlying belongs to, if any. */
  group(underlying: string): OffsetGroup | undefined;
}

interface ViewEntry {
  readonly underlying: MarketUnderlying;
  readonly published: PublishedRange | undefined;
  readonly asOfMs: number;
  readonly unitPrice: number;
  readonly view: UnderlyingView;
}

interface LegEntry {
  readonly instrument: MarketInstrument;
  readonly view: UnderlyingView;
  /** Of its settle currency, USD. */
  readonly currencyPrice: number;
  readonly leg: Leg;
}

/** @param spareNodes ladder nodes priced beyond the widest range: 0 offline, some when live */
export function marginContext(
  terms: Terms,
  market: Market,
  numeraire: Numeraire,
  spareNodes = 0,
): MarginContext {
  const views = new Map<string, ViewEntry>();
  const legs = new Map<string, LegEntry>();
  const groups = groupsOf(terms);

  const group = (underlying: string) => groups.get(underlying) ?? groups.get("*");

  function view(id: string): UnderlyingView {
    const underlying = market.underlyings.get(id);
    if (underlying === undefined) throw unlisted("unknown_underlying", "underlyings", id);
    const published = market.ranges.get(id);
    const { asOfMs } = market;
    const before = views.get(id);
    const unitPrice = numeraire.price;
    if (
      before?.underlying === underlying &&
      before.published === published &&
      before.asOfMs === asOfMs &&
      before.unitPrice === unitPrice
    ) {
      return before.view;
    }
    const options = {
      underlying,
      terms: before?.view.terms ?? termsOf(terms, id, underlying.assetClass),
      published,
      numeraire,
      beta: group(id)?.beta[id] ?? 1,
      spareNodes,
    };
    const made = viewUnderlying(options, before?.view);
    views.set(id, { underlying, published, asOfMs, unitPrice, view: made });
    return made;
  }

  function leg(id: string): Leg {
    const instrument = market.instruments.get(id);
    if (instrument === undefined) throw unlisted("unknown_instrument", "instruments", id);
    const of = view(instrument.spec.underlying);
    // A coin may be priced by another underlying's index, which its own view knows nothing of.
    const price = currencyPrice(market, instrument.spec.settleCurrency, numeraire);
    const before = legs.get(id);
    if (before?.instrument === instrument && before.view === of && before.currencyPrice === price) {
      return before.leg;
    }
    const made = valueLeg(instrument, of, market, numeraire, before?.leg);
    legs.set(id, { instrument, view: of, currencyPrice: price, leg: made });
    return made;
  }

  return { terms, market, numeraire, view, leg, group };
}

function groupsOf({ offsets }: Terms): Map<string, OffsetGroup> {
  const groups = new Map<string, OffsetGroup>();
  for (const group of offsets.groups) {
    for (const member of group.members) if (!groups.has(member)) groups.set(member, group);
  }
  return groups;
}

function unlisted(code: "unknown_underlying" | "unknown_instrument", where: string, id: string) {
  return new RiskError(code, { path: `market.${where}.${id}`, expected: "a listed id", found: id });
}
