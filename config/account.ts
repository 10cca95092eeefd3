/** The account of a book document: balances, positions, orders, and what they refer to. */
import type { Account, Balance, Market, OpenOrder, Position } from "../core/book.ts";
import { join } from "../core/check.ts";
import { RiskError, shown } from "../core/errors.ts";
import { amountText } from "../core/money.ts";
import { refuseUnpriced, touched } from "./references.ts";
import type { BalanceDocument, BookDocument } from "./schema/book.ts";

type AccountDocument = BookDocument["account"];

/** @throws RiskError with the path inside `account`, or of what it refers to in `market` */
export function parseAccount(
  document: AccountDocument,
  market: Market,
  numeraire: string,
): Account {
  const { id, mode, margins } = document;
  const find = (instrument: string, path: string) => touched(market, numeraire, instrument, path);
  const positions = document.positions.map((one, i) =>
    parsePosition(one, find, `account.positions[${i}]`),
  );
  refuseRepeats(positions);
  return {
    id,
    mode,
    balances: Object.entries(document.balances).flatMap(([currency, one]) => {
      refuseUnpriced(market, numeraire, currency, join("account.balances", currency));
      return parseBalance(currency, one);
    }),
    positions,
    openOrders: document.openOrders.map((one, i) =>
      parseOrder(one, find, `account.openOrders[${i}]`),
    ),
    margins: {
      openOrders: notNegative(margins.openOrders, "account.margins.openOrders"),
      spot: notNegative(margins.spot, "account.margins.spot"),
      mmp: notNegative(margins.mmp, "account.margins.mmp"),
    },
  };
}

type Find = (instrument: string, path: string) => ReturnType<typeof touched>;

function refuseRepeats(positions: readonly Position[]): void {
  const seen = new Set<string>();
  for (const [i, { instrument }] of positions.entries()) {
    if (seen.has(instrument)) {
      throw new RiskError("duplicate_position", {
        path: `account.positions[${i}].instrument`,
        expected: "each instrument once",
        found: shown(instrument),
      });
    }
    seen.add(instrument);
  }
}

interface PlacedDocument {
  readonly amount: number | string;
  readonly location?: string;
}

function parseBalance(currency: string, document: BalanceDocument): Balance[] {
  const path = join("account.balances", currency);
  if (typeof document !== "object") return [{ currency, amount: amountText(document, path) }];
  const several = Array.isArray(document);
  const all = (several ? document : [document]) as readonly PlacedDocument[];
  return all.map(({ amount, location }, i) => ({
    currency,
    amount: amountText(amount, several ? `${path}[${i}].amount` : `${path}.amount`),
    ...(location === undefined ? {} : { location }),
  }));
}

function parsePosition(
  document: AccountDocument["positions"][number],
  find: Find,
  path: string,
): Position {
  const { instrument, entryPrice, unrealisedPnl } = document;
  const { kind, settlement } = find(instrument, `${path}.instrument`).spec;
  // With neither, it counts as opened at the mark; said outright, so that it grows when the mark
  // moves.
  const neither = unrealisedPnl === undefined && entryPrice === undefined;
  const pnl = neither && (kind === "future" || kind === "perpetual") ? 0 : unrealisedPnl;
  const position = {
    instrument,
    quantity: amountText(document.quantity, `${path}.quantity`),
    ...(pnl === undefined ? {} : { unrealisedPnl: figure(pnl) }),
    unrealisedFunding: figure(document.unrealisedFunding),
  };
  if (entryPrice === undefined) return position;
  const paid = notNegative(entryPrice, `${path}.entryPrice`);
  // Coin P&L divides by it.
  if (settlement === "inverse" && kind !== "option") refuseZero(paid, `${path}.entryPrice`);
  return { ...position, entryPrice: paid };
}

function parseOrder(
  document: AccountDocument["openOrders"][number],
  find: Find,
  path: string,
): OpenOrder {
  const { instrument, side, reduceOnly } = document;
  const { kind } = find(instrument, `${path}.instrument`).spec;
  const quantity = notNegative(document.quantity, `${path}.quantity`);
  const price = notNegative(document.price, `${path}.price`);
  refuseZero(quantity, `${path}.quantity`);
  if (kind !== "option") refuseZero(price, `${path}.price`);
  return { instrument, side, quantity, price, reduceOnly };
}

/** The double nearest to an amount, -0 made 0. */
const figure = (amount: number | string) => Number(amount) + 0;

function notNegative(amount: number | string, path: string): number {
  const value = figure(amount);
  if (value >= 0) return value;
  const expected = "a number of at least 0";
  throw new RiskError("out_of_bounds", { path, expected, found: shown(amount) });
}

function refuseZero(value: number, path: string): void {
  if (value > 0) return;
  throw new RiskError("out_of_bounds", { path, expected: "a number above 0", found: "0" });
}
