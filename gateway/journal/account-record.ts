/**
 * One account as a record of a snapshot, and back.
 *
 *      u8 0 ─ id ─ u8 mode ─ f64 version ─ u32 counts of balances, positions, orders, keys
 *        balance    u32 ordinal ─ amount
 *        position   u32 ordinal ─ amount quantity ─ amount cost
 *        order      u32 ordinal ─ u8 sell + 2 reduceOnly ─ f64 quantity ─ f64 price
 *        key        text ─ f64 print ─ f64 seq ─ f64 version
 *        fills      fill-record.ts
 *        the rest   text, exact JSON; empty when there is nothing more
 *      u8 1 ─ text: the whole account as exact JSON
 *
 * Names stand by their ordinals. Members that have no columns are the rest, so one that is added to
 * an account is kept; what does not fit its columns (a name that was never listed, an amount beyond
 * 128 bits, an order with another member) makes the whole account JSON. Slower, never less.
 */
import { type AccountMode, accountModes, type OpenOrder } from "../../core/book.ts";
import { type AppliedKey, keyRingOf, keysOf } from "../../core/engine/key-ring.ts";
import type { AccountState, ExactPosition } from "../../core/engine/ledger.ts";
import { RiskError } from "../../core/errors.ts";
import {
  AMOUNT_BYTES,
  type ByteReader,
  isAmount,
  type PageWriter,
  textBytesMax,
} from "./byte-pages.ts";
import { exactText, fromExactText } from "./exact-json.ts";
import { fillsBytesMax, fitsFills, readFills, writeFills } from "./fill-record.ts";

/** What an account has columns for. */
const columnNames: ReadonlySet<string> = new Set<keyof AccountState>([
  ...(["id", "mode", "version", "balances", "positions", "orders", "keys", "fills"] as const),
]);

/** An account as its exact JSON has it. */
type Whole = Omit<AccountState, "keys"> & { readonly keys: readonly AppliedKey[] };

const COLUMNS = 0;
const WHOLE = 1;
const HEAD_BYTES = 1 + 1 + 8 + 4 * 4;
const POSITION_BYTES = 4 + 2 * AMOUNT_BYTES;
const ORDER_BYTES = 4 + 1 + 2 * 8;
const KEY_BYTES = 3 * 8;

export function writeAccount(
  out: PageWriter,
  account: AccountState,
  ordinals: ReadonlyMap<string, number>,
): void {
  if (fitsColumns(account, ordinals)) writeColumns(out, account, ordinals);
  else {
    const whole = exactText({ ...account, keys: keysOf(account.keys) });
    out.room(1 + textBytesMax(whole));
    out.u8(WHOLE);
    out.text(whole);
  }
}

/** @param names by ordinal @throws RiskError malformed_file, or RangeError beyond the end */
export function readAccount(from: ByteReader, names: readonly string[]): AccountState {
  const form = from.u8();
  if (form === COLUMNS) return readColumns(from, names);
  if (form === WHOLE) {
    const whole = fromExactText(from.text()) as Whole;
    return { ...whole, keys: keyRingOf(whole.keys) };
  }
  throw malformed("0 or 1", form);
}

function fitsColumns(account: AccountState, ordinals: ReadonlyMap<string, number>): boolean {
  if (!accountModes.includes(account.mode)) return false;
  for (const [id, amount] of account.balances) {
    if (!ordinals.has(id) || !isAmount(amount)) return false;
  }
  for (const [id, { quantity, cost }] of account.positions) {
    if (!ordinals.has(id) || !isAmount(quantity) || !isAmount(cost)) return false;
  }
  for (const key of keysOf(account.keys)) if (Object.keys(key).length !== keyMembers) return false;
  return account.orders.every((order) => isOrder(order, ordinals)) && fitsFills(account, ordinals);
}

const keyMembers = Object.keys({
  key: "",
  print: 0,
  seq: 0,
  version: 0,
} satisfies AppliedKey).length;

const orderMembers = Object.keys({
  instrument: "",
  side: "buy",
  quantity: 0,
  price: 0,
  reduceOnly: false,
} satisfies OpenOrder).length;

function isOrder(order: OpenOrder, ordinals: ReadonlyMap<string, number>): boolean {
  return ordinals.has(order.instrument) && Object.keys(order).length === orderMembers;
}

function writeColumns(
  out: PageWriter,
  account: AccountState,
  ordinals: ReadonlyMap<string, number>,
): void {
  const { id, mode, version, balances, positions, orders } = account;
  const keys = keysOf(account.keys);
  const rest = restOf(account);
  const bytes = [
    HEAD_BYTES + textBytesMax(id) + textBytesMax(rest),
    balances.size * (4 + AMOUNT_BYTES) + positions.size * POSITION_BYTES,
    orders.length * ORDER_BYTES,
    ...keys.map(({ key }) => textBytesMax(key) + KEY_BYTES),
    fillsBytesMax(account),
  ];
  out.room(bytes.reduce((sum, one) => sum + one));
  out.u8(COLUMNS);
  out.text(id);
  out.u8(accountModes.indexOf(mode));
  out.f64(version);
  for (const one of [balances.size, positions.size, orders.length]) out.u32(one);
  out.u32(keys.length);
  for (const [name, amount] of balances) {
    out.u32(ordinals.get(name)!);
    out.amount(amount);
  }
  for (const [name, { quantity, cost }] of positions) {
    out.u32(ordinals.get(name)!);
    out.amount(quantity);
    out.amount(cost);
  }
  for (const order of orders) writeOrder(out, order, ordinals);
  for (const key of keys) writeKey(out, key);
  writeFills(out, account, ordinals);
  out.text(rest);
}

/** Members without columns, as text; looks at none that has them. */
function restOf(account: AccountState): string {
  const names = Object.keys(account).filter((name) => !columnNames.has(name));
  if (names.length === 0) return "";
  return exactText(Object.fromEntries(names.map((name) => [name, Reflect.get(account, name)])));
}

function writeOrder(out: PageWriter, order: OpenOrder, ordinals: ReadonlyMap<string, number>) {
  out.u32(ordinals.get(order.instrument)!);
  out.u8((order.side === "sell" ? 1 : 0) + (order.reduceOnly ? 2 : 0));
  out.f64(order.quantity);
  out.f64(order.price);
}

function writeKey(out: PageWriter, { key, print, seq, version }: AppliedKey): void {
  out.text(key);
  out.f64(print);
  out.f64(seq);
  out.f64(version);
}

function readColumns(from: ByteReader, names: readonly string[]): AccountState {
  const id = from.text();
  const mode = modeOf(from.u8());
  const version = from.f64();
  const [balanceCount, positionCount] = [from.u32(), from.u32()];
  const [orderCount, keyCount] = [from.u32(), from.u32()];
  const balances = new Map<string, bigint>();
  for (let i = 0; i < balanceCount; i++) {
    const name = nameOf(names, from.u32());
    balances.set(name, from.amount());
  }
  const positions = new Map<string, ExactPosition>();
  for (let i = 0; i < positionCount; i++) {
    const name = nameOf(names, from.u32());
    positions.set(name, { quantity: from.amount(), cost: from.amount() });
  }
  const orders: OpenOrder[] = [];
  for (let i = 0; i < orderCount; i++) orders.push(readOrder(from, names));
  const applied: AppliedKey[] = [];
  for (let i = 0; i < keyCount; i++) applied.push(readKey(from));
  const keys = keyRingOf(applied);
  const columns = { id, mode, version, balances, positions, orders, keys };
  const account = readFills(from, columns, (ordinal) => nameOf(names, ordinal));
  const rest = from.text();
  return rest === "" ? account : Object.assign(account, fromExactText(rest));
}

function readOrder(from: ByteReader, names: readonly string[]): OpenOrder {
  const instrument = nameOf(names, from.u32());
  const flags = from.u8();
  const [quantity, price] = [from.f64(), from.f64()];
  const side = flags % 2 === 1 ? "sell" : "buy";
  return { instrument, side, quantity, price, reduceOnly: flags >= 2 };
}

function readKey(from: ByteReader): AppliedKey {
  return { key: from.text(), print: from.f64(), seq: from.f64(), version: from.f64() };
}

function modeOf(index: number): AccountMode {
  const mode = accountModes[index];
  if (mode === undefined) throw malformed(`a mode below ${accountModes.length}`, index);
  return mode;
}

function nameOf(names: readonly string[], ordinal: number): string {
  const name = names[ordinal];
  if (name === undefined) throw malformed(`an ordinal below ${names.length}`, ordinal);
  return name;
}

const malformed = (expected: string, found: number): RiskError =>
  new RiskError("malformed_file", { path: "account", expected, found: String(found) });
