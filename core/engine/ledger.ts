/**
 * What an account owns, exactly: balances and positions in BigInt at 1e-12.
 *
 * The cost of a position is Σ size x price over its fills (inverse: Σ size / price), each fill rounded
 * once against the account and never divided again. Profit is value less cost, open or closed alike, so
 * a history shuffled among equal fills leaves the same bits. A flat position that still owes or is owed
 * its profit stays until a session settlement moves it into cash.
 *
 *      kind                 a fill moves                          cost is
 *      future, perpetual    cost                                  what the profit counts from
 *      option, spot, …      cash (premium, price)                 information: the average entry
 */
import type { AccountMode, OpenOrder, Position } from "../book.ts";
import type { Instrument } from "../instrument.ts";
import { formatExact, parseExact } from "../money.ts";
import type { FillLine } from "./command.ts";
import { overDown, overUp, timesDown, timesUp } from "./exact.ts";

export interface ExactPosition {
  quantity: bigint;
  /** Settle currency; coin when inverse. */
  cost: bigint;
}

export interface AccountState {
  readonly id: string;
  mode: AccountMode;
  readonly balances: Map<string, bigint>;
  readonly positions: Map<string, ExactPosition>;
  orders: readonly OpenOrder[];
  /** Counts the commands that changed it. */
  version: number;
}

export function emptyAccount(id: string, mode: AccountMode): AccountState {
  return { id, mode, balances: new Map(), positions: new Map(), orders: [], version: 0 };
}

export const carriesProfit = ({ kind }: Instrument): boolean =>
  kind === "future" || kind === "perpetual";

/** Exact contract size x quantity: units, or quote currency of inverse futures. */
function sizeOf(instrument: Instrument, quantity: bigint): bigint {
  const scale = instrument.quote === "percent" ? 0.01 : 1;
  return timesDown(quantity, parseExact(decimal(instrument.contractSize * scale)));
}

/** A float64 as an exact decimal of at most 12 places. */
export function decimal(value: number): string {
  return formatExact(BigInt(Math.floor(value * 1e6 + 0.5)) * 1_000_000n);
}

/** Cash value of `quantity` at `price`, settle currency, toward +∞: what a buyer pays. */
function valueUp(instrument: Instrument, quantity: bigint, price: bigint): bigint {
  const size = sizeOf(instrument, quantity);
  if (instrument.settlement === "inverse" && carriesProfit(instrument))
    return -overDown(size, price);
  return timesUp(size, price);
}

/** Folds one fill into the account, fee included. */
export function applyFill(account: AccountState, instrument: Instrument, fill: FillLine): void {
  const quantity = parseExact(fill.quantity);
  const value = valueUp(instrument, quantity, parseExact(fill.price));
  const position = account.positions.get(instrument.id) ?? { quantity: 0n, cost: 0n };
  account.positions.set(instrument.id, position);
  position.quantity += quantity;
  position.cost += value;
  if (!carriesProfit(instrument)) {
    addCash(account, instrument.settleCurrency, -value);
    if (position.quantity === 0n) account.positions.delete(instrument.id);
  }
  if (fill.fee !== undefined) addCash(account, instrument.settleCurrency, -parseExact(fill.fee));
}

export function addCash(account: AccountState, currency: string, amount: bigint): void {
  const left = (account.balances.get(currency) ?? 0n) + amount;
  if (left === 0n) account.balances.delete(currency);
  else account.balances.set(currency, left);
}

/** Moves the profit so far of a future or perpetual into cash, at `price`; flat ones disappear. */
export function settleProfit(account: AccountState, instrument: Instrument, price: bigint): void {
  const position = account.positions.get(instrument.id);
  if (position === undefined) return;
  const value = -valueUp(instrument, -position.quantity, price);
  addCash(account, instrument.settleCurrency, value - position.cost);
  position.cost = value;
  if (position.quantity === 0n) account.positions.delete(instrument.id);
}

/** Expiry at an index of `price` (USD): an option pays its intrinsic value, a future its profit. */
export function settleExpiry(account: AccountState, instrument: Instrument, price: bigint): void {
  const position = account.positions.get(instrument.id);
  if (position === undefined) return;
  if (carriesProfit(instrument)) settleProfit(account, instrument, price);
  else {
    const payoff = payoffOf(instrument, price);
    addCash(
      account,
      instrument.settleCurrency,
      timesDown(sizeOf(instrument, position.quantity), payoff(position.quantity)),
    );
  }
  account.positions.delete(instrument.id);
}

/** Intrinsic value per unit: settle currency, or coin rounded against the holder when inverse. */
function payoffOf(instrument: Instrument, price: bigint): (quantity: bigint) => bigint {
  const strike = parseExact(decimal(instrument.strike ?? 0));
  const gain = instrument.right === "put" ? strike - price : price - strike;
  const intrinsic = gain > 0n ? gain : 0n;
  if (instrument.settlement === "linear") return () => intrinsic;
  return (quantity) => (quantity > 0n ? overDown(intrinsic, price) : overUp(intrinsic, price));
}

/** Longs pay `rate` x notional at `price`; toward the venue. */
export function settleFunding(
  account: AccountState,
  instrument: Instrument,
  rate: bigint,
  price: bigint,
): void {
  const position = account.positions.get(instrument.id);
  if (position === undefined || position.quantity === 0n) return;
  const size = sizeOf(instrument, position.quantity);
  const notional = instrument.settlement === "inverse" ? overUp(size, price) : timesUp(size, price);
  addCash(account, instrument.settleCurrency, -timesUp(notional, rate));
}

/**
 * A position as the margin arithmetic reads it.
 *
 * @param mark of the instrument; undefined: not known yet
 */
export function positionOf(
  instrument: Instrument,
  { quantity, cost }: ExactPosition,
  mark: number | undefined,
): Position {
  const entry = entryPrice(instrument, quantity, cost);
  const contracts = Number(formatExact(quantity));
  return {
    instrument: instrument.id,
    quantity: formatExact(quantity),
    ...(entry === undefined ? {} : { entryPrice: entry }),
    unrealisedPnl:
      carriesProfit(instrument) && mark !== undefined
        ? profit(instrument, contracts, Number(formatExact(cost)), mark)
        : 0,
    unrealisedFunding: 0,
  };
}

function profit(
  { settlement, contractSize }: Instrument,
  contracts: number,
  cost: number,
  mark: number,
): number {
  const size = contracts * contractSize;
  return settlement === "inverse" ? -size / mark - cost : size * mark - cost;
}

/** Average entry, for people and the isolated formulas; undefined where cost has no such reading. */
function entryPrice(instrument: Instrument, quantity: bigint, cost: bigint): number | undefined {
  const size = sizeOf(instrument, quantity);
  if (size === 0n || cost === 0n) return undefined;
  const inverse = instrument.settlement === "inverse" && carriesProfit(instrument);
  const price = inverse
    ? -Number(formatExact(size)) / Number(formatExact(cost))
    : Number(formatExact(cost)) / Number(formatExact(size));
  return price > 0 && Number.isFinite(price) ? price : undefined;
}
