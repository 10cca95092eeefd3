/**
 * Small books for tests: instruments with usual figures, a market around them, and their margin.
 */
import type {
  Account,
  Balance,
  Book,
  Market,
  MarketCurrency,
  MarketInstrument,
  MarketUnderlying,
  OpenOrder,
  Position,
} from "../book.ts";
import type { Instrument } from "../instrument.ts";
import type { Terms } from "../terms.ts";
import { type AccountMargin, accountMargin } from "./account.ts";
import { type MarginContext, marginContext } from "./context.ts";
import type { Holding } from "./holding.ts";
import { type OfflineStatement, offlineStatement } from "./offline.ts";
import { numeraireOf } from "./prices.ts";

/** Friday 2 January 2026, 08:00 UTC. */
export const NOW_MS = 1_767_340_800_000;
export const DAY_SECONDS = 86_400;

type Spec = Partial<Instrument> & Pick<Instrument, "id" | "kind" | "underlying">;

export function instrument(
  spec: Spec,
  says: Partial<Omit<MarketInstrument, "spec">> = {},
): MarketInstrument {
  return {
    spec: { settlement: "linear", settleCurrency: "USD", contractSize: 1, ...spec },
    rate: 0,
    fundingRate: 0,
    confidence: 1,
    forwardConfidence: 1,
    volConfidence: 1,
    rateConfidence: 1,
    ...says,
  };
}

type Shape = Partial<Instrument>;
type Says = Partial<Omit<MarketInstrument, "spec">>;

/** A linear perpetual, marked 100. */
export const perpetual = (id = "BTC-PERP", spec: Shape = {}, says: Says = {}) =>
  instrument({ id, kind: "perpetual", underlying: "BTC", ...spec }, { mark: 100, ...says });

/** A linear future of 30 days, marked 100. */
export const future = (id = "BTC-F", spec: Shape = {}, says: Says = {}) =>
  instrument(
    { id, kind: "future", underlying: "BTC", secondsToExpiry: 30 * DAY_SECONDS, ...spec },
    { mark: 100, ...says },
  );

/** A linear call, strike 100, 30 days, vol 60 %, on a forward of 100. */
export const option = (id = "BTC-100-C", spec: Shape = {}, says: Says = {}) =>
  instrument(
    {
      id,
      kind: "option",
      underlying: "BTC",
      right: "call",
      strike: 100,
      secondsToExpiry: 30 * DAY_SECONDS,
      ...spec,
    },
    { vol: 0.6, forward: 100, ...says },
  );

export const spot = (id = "BTC-SPOT", spec: Shape = {}, says: Says = {}) =>
  instrument({ id, kind: "spot", underlying: "BTC", ...spec }, { mark: 100, ...says });

/** A bond of 1,000 face at 98.5 %, duration 8.1, convexity 78: the book document's own. */
export const bond = (id = "T10Y", spec: Shape = {}, says: Says = {}) =>
  instrument(
    {
      id,
      kind: "bond",
      underlying: "T10Y",
      contractSize: 1000,
      quote: "percent",
      modifiedDuration: 8.1,
      convexity: 78,
      ...spec,
    },
    { mark: 98.5, ...says },
  );

/** Spec of an inverse instrument on `underlying`. */
export const inverse = (underlying = "BTC"): Shape => ({
  underlying,
  settlement: "inverse",
  settleCurrency: underlying,
});

export interface BookParts {
  readonly underlyings?: readonly (Partial<MarketUnderlying> & { readonly id: string })[];
  readonly currencies?: readonly (Partial<MarketCurrency> & { readonly id: string })[];
  readonly instruments?: readonly MarketInstrument[];
  readonly ranges?: Market["ranges"];
  readonly credits?: Market["credits"];
  readonly asOfMs?: number;
  readonly balances?: Readonly<Record<string, number>> | readonly Balance[];
  /** Contracts by instrument, or whole positions. */
  readonly positions?: Readonly<Record<string, number>> | readonly Position[];
  readonly openOrders?: readonly OpenOrder[];
  readonly account?: Partial<Account>;
}

/** A book on BTC at 100, cash in USD; what is named replaces it. */
export function bookOf(parts: BookParts): Book {
  const underlyings = parts.underlyings ?? [{ id: "BTC" }];
  return {
    market: {
      asOfMs: parts.asOfMs ?? NOW_MS,
      underlyings: byId(
        underlyings.map((of) => ({
          assetClass: "crypto" as const,
          index: 100,
          confidence: 1,
          ...of,
        })),
      ),
      currencies: byId((parts.currencies ?? []).map((of) => ({ peg: 1, confidence: 1, ...of }))),
      instruments: new Map((parts.instruments ?? []).map((of) => [of.spec.id, of])),
      ranges: parts.ranges ?? new Map(),
      credits: parts.credits ?? [],
    },
    account: {
      id: "test",
      mode: "portfolio",
      balances: balancesOf(parts.balances ?? { USD: 1000 }),
      positions: positionsOf(parts.positions ?? {}),
      openOrders: parts.openOrders ?? [],
      margins: { openOrders: 0, spot: 0, mmp: 0 },
      ...parts.account,
    },
  };
}

const byId = <T extends { readonly id: string }>(all: readonly T[]): Map<string, T> =>
  new Map(all.map((of) => [of.id, of]));

function balancesOf(of: NonNullable<BookParts["balances"]>): readonly Balance[] {
  if (isList(of)) return of;
  return Object.entries(of).map(([currency, amount]) => ({ currency, amount: String(amount) }));
}

function positionsOf(of: NonNullable<BookParts["positions"]>): readonly Position[] {
  if (isList(of)) return of;
  return Object.entries(of).map(([id, quantity]) => position(id, quantity));
}

const isList = <T>(of: readonly T[] | Readonly<Record<string, number>>): of is readonly T[] =>
  Array.isArray(of);

export const position = (id: string, quantity: number, more: Partial<Position> = {}): Position => ({
  instrument: id,
  quantity: String(quantity),
  unrealisedFunding: 0,
  ...more,
});

export function order(
  id: string,
  side: OpenOrder["side"],
  quantity: number,
  price = 100,
): OpenOrder {
  return { instrument: id, side, quantity, price, reduceOnly: false };
}

export function contextOf(terms: Terms, book: Book, spareNodes = 0): MarginContext {
  return marginContext(terms, book.market, numeraireOf(book, terms), spareNodes);
}

export function marginOf(terms: Terms, book: Book): AccountMargin {
  return accountMargin(contextOf(terms, book), book.account);
}

export const statementOf = (terms: Terms, book: Book): OfflineStatement =>
  offlineStatement(book, terms, "0".repeat(64));

/** A holding of `quantity` contracts with orders that reach from `low` to `high`. */
export function holding(
  context: MarginContext,
  id: string,
  quantity: number,
  [low, high]: readonly [number, number] = [quantity, quantity],
): Holding {
  return { leg: context.leg(id), quantity, low, high };
}
