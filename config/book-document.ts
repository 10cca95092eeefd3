/**
 * Writes a book as its document: what a live account exports, so that anyone can compute it again.
 *
 * Figures are JSON numbers, which keep the bits of a double; amounts are decimal strings, which
 * keep every digit. Parsing what stands here gives an equal book.
 */
import type { Account, Balance, Book, Market, MarketInstrument, Position } from "../core/book.ts";
import type { Instrument } from "../core/instrument.ts";
import { isAmountText } from "../core/money.ts";
import type { Tree } from "../core/patch.ts";
import { isoInstant } from "./instant.ts";

/**
 * @param terms a preset's name, or terms inline as `effectiveDocument` gives them
 */
export function bookDocument({ market, account }: Book, terms: unknown): Tree {
  const dated = [...market.instruments.values()].some(({ spec }) => spec.expiryMs !== undefined);
  return {
    slidewire: "book/1",
    ...(dated || market.asOfMs !== 0 ? { asOf: isoInstant(market.asOfMs) } : {}),
    terms,
    market: marketDocument(market),
    account: accountDocument(account),
  };
}

function marketDocument({ underlyings, currencies, ranges, credits, instruments }: Market): Tree {
  return {
    underlyings: each(underlyings, ({ id: _id, ...rest }) => rest),
    currencies: each(currencies, ({ id: _id, ...rest }) => rest),
    grids: each(ranges, ({ slideRange, volScale, ...told }) => ({
      initial: { slideRange: slideRange.initial },
      maintenance: { slideRange: slideRange.maintenance },
      volScale,
      ...told,
    })),
    credits,
    instruments: each(instruments, instrumentDocument),
  };
}

function instrumentDocument({ spec, ...market }: MarketInstrument): Tree {
  const { id: _id, expiryMs, riskArray, ...rest } = spec satisfies Instrument;
  return {
    ...rest,
    ...(expiryMs === undefined ? {} : { expiry: isoInstant(expiryMs) }),
    ...(riskArray === undefined ? {} : { riskArrays: riskArray }),
    ...market,
  };
}

function accountDocument({ id, mode, balances, positions, openOrders, margins }: Account): Tree {
  return {
    id,
    mode,
    balances: balancesDocument(balances),
    positions: positions.map(positionDocument),
    openOrders,
    margins,
  };
}

/** One currency may lie in several places. */
function balancesDocument(balances: Account["balances"]): Tree {
  const places = new Map<string, Balance[]>();
  for (const balance of balances) {
    places.set(balance.currency, [...(places.get(balance.currency) ?? []), balance]);
  }
  return Object.fromEntries(
    [...places].map(([currency, all]) => {
      const written = all.map(({ amount, location }) =>
        location === undefined ? { amount: exact(amount) } : { amount: exact(amount), location },
      );
      const only = written.length === 1 ? written[0]! : undefined;
      if (only === undefined) return [currency, written];
      return [currency, "location" in only ? only : only.amount];
    }),
  );
}

function positionDocument(position: Position): Tree {
  return { ...position, quantity: exact(position.quantity) };
}

/** A string where the ledger's form holds all digits, else the number that they came from. */
const exact = (amount: string) => (isAmountText(amount) ? amount : Number(amount));

function each<T>(all: ReadonlyMap<string, T>, write: (one: T) => unknown): Tree {
  return Object.fromEntries([...all].map(([id, one]) => [id, write(one)]));
}
