/**
 * An account as the margin arithmetic reads it, and the book that anyone can compute again.
 *
 * Reading changes nothing: whether somebody watches must not show in the state that is folded.
 */
import type { Account, Book, MarketInstrument, Position, PublishedRange } from "../book.ts";
import { RiskError } from "../errors.ts";
import type { Instrument } from "../instrument.ts";
import { formatExact } from "../money.ts";
import { carriesProfit } from "./contract.ts";
import type { AccountState, ExactPosition } from "./ledger.ts";
import { carriedForward } from "./market.ts";
import type { EngineState } from "./state.ts";

/** Instruments that the account holds or has orders in, each once, in canonical order. */
export function instrumentsOf({ positions, orders }: AccountState): string[] {
  const ids = new Set(positions.keys());
  for (const { instrument } of orders) ids.add(instrument);
  return [...ids].sort();
}

/**
 * The account in canonical order, every amount exact.
 *
 * @throws RiskError unknown_instrument when a leg is not listed any more
 */
export function accountOf(state: EngineState, account: AccountState): Account {
  const positions = sorted(account.positions).flatMap(([id, line]) => {
    const { spec, mark } = listed(state, id);
    // Paid for and gone: its cost is a note for people until the session ends.
    if (line.quantity === 0n && !carriesProfit(spec)) return [];
    return [positionOf(spec, line, mark)];
  });
  const balances = sorted(account.balances).map(([currency, amount]) => ({
    currency,
    amount: formatExact(amount),
  }));
  return {
    id: account.id,
    mode: account.mode,
    balances,
    positions,
    openOrders: account.orders,
    margins: { openOrders: 0, spot: 0, mmp: 0 },
  };
}

/** The book of an account: its own legs and what they depend on, nothing else of the market. */
export function bookOf(state: EngineState, account: AccountState): Book {
  const { market } = state;
  const instruments = new Map<string, MarketInstrument>();
  for (const id of instrumentsOf(account)) {
    const instrument = carriedForward(state, id);
    if (instrument !== undefined) instruments.set(id, instrument);
  }
  const ranges = new Map(
    [...market.ranges].map(([id, range]) => [id, { ...range, ...toldOf(state, id) }]),
  );
  return { market: { ...market, ranges, instruments }, account: accountOf(state, account) };
}

/** What the regime said beside the range that it published. */
export function toldOf(state: EngineState, underlying: string): Told {
  const { label, evidence } = state.published.get(underlying) ?? {};
  return {
    ...(typeof label === "string" ? { state: label } : {}),
    ...(evidence === undefined ? {} : { evidence: evidence as { [name: string]: unknown } }),
  };
}

type Told = Pick<PublishedRange, "state" | "evidence">;

const sorted = <T>(map: ReadonlyMap<string, T>): [string, T][] =>
  [...map].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));

function listed(state: EngineState, id: string): MarketInstrument {
  const instrument = state.market.instruments.get(id);
  if (instrument !== undefined) return instrument;
  throw new RiskError("unknown_instrument", { path: "account.positions", found: id });
}

/**
 * A line as a position: the exact sums with their float64 shadow.
 *
 * @param mark of the instrument; undefined: not known yet
 */
export function positionOf(
  instrument: Instrument,
  { quantity, cost }: ExactPosition,
  mark: number | undefined,
): Position {
  const text = formatExact(quantity);
  const paid = Number(formatExact(cost));
  const entry = entryPrice(instrument, Number(text), paid);
  return {
    instrument: instrument.id,
    quantity: text,
    ...(entry === undefined ? {} : { entryPrice: entry }),
    unrealisedPnl: carriesProfit(instrument) ? profit(instrument, Number(text), paid, mark) : 0,
    unrealisedFunding: 0,
  };
}

/** Value less cost, settle currency. A flat line's profit needs no mark. */
function profit(
  { settlement, contractSize }: Instrument,
  contracts: number,
  cost: number,
  mark: number | undefined,
): number {
  if (contracts === 0) return 0 - cost;
  if (mark === undefined) return 0;
  const size = contracts * contractSize;
  return settlement === "inverse" ? -size / mark - cost : size * mark - cost;
}

/**
 * What each unit of the open quantity has cost, profits taken in the session included; undefined
 * where that is no price (flat, or more than paid for by profits).
 */
function entryPrice(instrument: Instrument, contracts: number, cost: number): number | undefined {
  if (contracts === 0 || cost === 0) return undefined;
  const inverse = instrument.settlement === "inverse" && carriesProfit(instrument);
  const size = contracts * instrument.contractSize * (instrument.quote === "percent" ? 0.01 : 1);
  const price = inverse ? -size / cost : cost / size;
  return price > 0 && Number.isFinite(price) ? price : undefined;
}
