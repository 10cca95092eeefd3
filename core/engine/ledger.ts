/**
 * What an account owns, exactly: balances and positions in BigInt at 1e-12.
 *
 * The cost of a position is Σ size x price over its fills (inverse: -Σ size / price), each fill
 * rounded once against the account and never divided again. Profit is value less cost, open or
 * closed alike. So a line is two sums and nothing else, and a history shuffled among equal fills
 * leaves the same bits, also where it crosses zero. A flat line that still carries a cost stays
 * until the session ends.
 *
 *      kind                 a fill moves                          cost is
 *      future, perpetual    cost                                  what the profit counts from
 *      option, spot, …      cost and cash (premium, price)        information: the average entry
 *
 * An account is copied before it changes, so whoever read it keeps what he read.
 */
import type { AccountMode, OpenOrder } from "../book.ts";
import type { Instrument } from "../instrument.ts";
import { parseExact } from "../money.ts";
import type { FillLine, PositionLine } from "./command.ts";
import { carriesProfit, fundingUp, payoffDown, valueDown, valueUp } from "./contract.ts";
import type { FillEvent } from "./events.ts";
import { type AppliedKey, type KeyRing, noKeys, withKey } from "./key-ring.ts";
import { moveCash, type Venue } from "./venue.ts";

export interface ExactPosition {
  readonly quantity: bigint;
  /** Settle currency; coin when inverse. */
  readonly cost: bigint;
}

export interface AccountState {
  readonly id: string;
  mode: AccountMode;
  readonly balances: Map<string, bigint>;
  readonly positions: Map<string, ExactPosition>;
  orders: readonly OpenOrder[];
  /** Counts the commands that changed it. */
  version: number;
  keys: KeyRing;
  /** The newest events of its channel, oldest first (events.ts). */
  fills: readonly FillEvent[];
}

export function emptyAccount(id: string, mode: AccountMode): AccountState {
  return {
    ...{ id, mode, version: 0 },
    balances: new Map(),
    positions: new Map(),
    orders: [],
    keys: noKeys,
    fills: [],
  };
}

export function copyAccount(account: AccountState): AccountState {
  return {
    ...account,
    balances: new Map(account.balances),
    positions: new Map(account.positions),
  };
}

/** Remembers that `key` was applied as the newest. */
export function rememberKey(account: AccountState, applied: AppliedKey): void {
  account.keys = withKey(account.keys, applied);
}

/**
 * A number by which two texts differ but for a chance of 5e-10: against mistakes, not malice.
 *
 *      print = (print x 65,599 + code) mod M,   M = 2^31 - 1,   65,599 = 2^16 + 2^6 - 1
 *
 * Modulo M a product with 2^n is a turn of the 31 bits by n, so no division is needed.
 */
export function fingerprint(text: string): number {
  const prime = 2_147_483_647;
  let print = text.length % prime;
  for (let i = 0; i < text.length; i++) {
    const by16 = ((print & 0x7fff) << 16) | (print >>> 15);
    const by6 = ((print & 0x1ffffff) << 6) | (print >>> 25);
    let sum = by16 + by6 + (prime - print) + text.charCodeAt(i);
    while (sum >= prime) sum -= prime;
    print = sum;
  }
  return print;
}

/**
 * Adds to a line. Nothing held at no cost is no line, so an empty history and a closed one are one.
 */
function addToLine(account: AccountState, id: string, quantity: bigint, cost: bigint): void {
  const line = account.positions.get(id) ?? { quantity: 0n, cost: 0n };
  const sum = { quantity: line.quantity + quantity, cost: line.cost + cost };
  if (sum.quantity === 0n && sum.cost === 0n) account.positions.delete(id);
  else account.positions.set(id, sum);
}

/** One trade with its fee. */
export function applyFill(
  venue: Venue,
  account: AccountState,
  instrument: Instrument,
  fill: FillLine,
): void {
  const { id, settleCurrency } = instrument;
  const quantity = parseExact(fill.quantity);
  const value = valueUp(instrument, quantity, parseExact(fill.price));
  addToLine(account, id, quantity, value);
  const fee = fill.fee === undefined ? 0n : parseExact(fill.fee);
  moveCash(venue, account.balances, settleCurrency, { amount: -fee, side: "fees" });
  if (carriesProfit(instrument)) return;
  moveCash(venue, account.balances, settleCurrency, { amount: -value, side: "trades" });
}

/** A line as it stands elsewhere, at its price: nothing is paid again. */
export function enterLine(account: AccountState, instrument: Instrument, line: PositionLine): void {
  const quantity = parseExact(line.quantity);
  const cost = valueUp(instrument, quantity, parseExact(line.price));
  addToLine(account, instrument.id, quantity, cost);
}

/**
 * Moves profit so far into cash, at `price`; flat lines and those without profit to carry leave.
 */
export function settleSession(
  venue: Venue,
  account: AccountState,
  instrument: Instrument,
  price: bigint | undefined,
): void {
  const line = account.positions.get(instrument.id);
  if (line === undefined) return;
  if (price !== undefined) payProfit(venue, account, instrument, price);
  else if (line.quantity === 0n) account.positions.delete(instrument.id);
}

function payProfit(
  venue: Venue,
  account: AccountState,
  instrument: Instrument,
  price: bigint,
): void {
  const { id, settleCurrency } = instrument;
  const { quantity, cost } = account.positions.get(id)!;
  const value = valueDown(instrument, quantity, price);
  addToLine(account, id, 0n, value - cost);
  moveCash(venue, account.balances, settleCurrency, { amount: value - cost, side: "settlements" });
}

/** Expiry at `price`: an option pays its intrinsic value, a future its profit, a bond redeems. */
export function settleExpiry(
  venue: Venue,
  account: AccountState,
  instrument: Instrument,
  price: bigint,
): void {
  const { id, kind, settleCurrency } = instrument;
  const line = account.positions.get(id);
  if (line === undefined) return;
  if (carriesProfit(instrument)) payProfit(venue, account, instrument, price);
  else {
    const pays = kind === "option" ? payoffDown : valueDown;
    const amount = pays(instrument, line.quantity, price);
    moveCash(venue, account.balances, settleCurrency, { amount, side: "settlements" });
  }
  account.positions.delete(id);
}

/** Longs pay `rate` x notional at `price`, shorts receive it. */
export function settleFunding(
  venue: Venue,
  account: AccountState,
  instrument: Instrument,
  { rate, price }: { readonly rate: bigint; readonly price: bigint },
): void {
  const line = account.positions.get(instrument.id);
  if (line === undefined) return;
  const amount = -fundingUp(instrument, line.quantity, rate, price);
  moveCash(venue, account.balances, instrument.settleCurrency, { amount, side: "funding" });
}
