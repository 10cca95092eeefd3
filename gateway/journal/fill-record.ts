/**
 * An account's newest fills as a record of a snapshot, and back.
 *
 *      u32 events ─ u32 bytes of them
 *        event    f64 seq, prev, turn, at, version ─ u8 keyed ─ key? ─ u32 lines
 *          line   u32 ordinal ─ text quantity ─ text price ─ u8 with fee ─ text fee?
 *
 * An active venue holds more of these than of anything else, and hardly any is asked for again: it
 * serves who was away. So a restored ring stays bytes until somebody looks at it, and is written as
 * those bytes into the next snapshot. Whoever copies the account gets the events, as of any other.
 */
import type { FillLine } from "../../core/engine/command.ts";
import type { FillEvent } from "../../core/engine/events.ts";
import { ByteReader, type PageWriter, textBytesMax } from "./byte-pages.ts";

/** Rings of restored accounts that nobody has looked at. */
const unread = new WeakMap<object, Ring>();

interface Ring {
  readonly events: number;
  readonly bytes: Uint8Array;
}

/** Who holds fills: an account. */
interface Holder {
  fills: readonly FillEvent[];
}

/** Members of an event and of a line that are always there. */
const eventMembers = Object.keys({
  ...{ seq: 0, prev: 0, turn: 0, at: 0, version: 0 },
  fills: [],
} satisfies FillEvent).length;
const lineMembers = Object.keys({
  ...{ instrument: "", quantity: "", price: "" },
} satisfies FillLine).length;

const HEAD_BYTES = 4 + 4;
const EVENT_BYTES = 5 * 8 + 1 + 4;
const LINE_BYTES = 4 + 1;

/** Whether the columns hold all of the ring. */
export function fitsFills(account: Holder, ordinals: ReadonlyMap<string, number>): boolean {
  return unread.has(account) || account.fills.every((event) => fitsFill(event, ordinals));
}

function fitsFill(event: FillEvent, ordinals: ReadonlyMap<string, number>): boolean {
  const members = eventMembers + (event.key === undefined ? 0 : 1);
  return Object.keys(event).length === members && event.fills.every((line) => fits(line, ordinals));
}

function fits(line: FillLine, ordinals: ReadonlyMap<string, number>): boolean {
  const members = lineMembers + (line.fee === undefined ? 0 : 1);
  return Object.keys(line).length === members && ordinals.has(line.instrument);
}

/** Most bytes that the ring takes. */
export function fillsBytesMax(account: Holder): number {
  const ring = unread.get(account);
  if (ring !== undefined) return HEAD_BYTES + ring.bytes.length;
  return account.fills.reduce((sum, event) => sum + fillBytesMax(event), HEAD_BYTES);
}

function fillBytesMax({ key = "", fills }: FillEvent): number {
  let bytes = EVENT_BYTES + textBytesMax(key);
  for (const { quantity, price, fee = "" } of fills) {
    bytes += LINE_BYTES + textBytesMax(quantity) + textBytesMax(price) + textBytesMax(fee);
  }
  return bytes;
}

export function writeFills(
  out: PageWriter,
  account: Holder,
  ordinals: ReadonlyMap<string, number>,
): void {
  const ring = unread.get(account);
  out.u32(ring?.events ?? account.fills.length);
  const sayBytes = out.u32Later();
  const from = out.length;
  if (ring !== undefined) out.bytes(ring.bytes);
  else for (const event of account.fills) writeFill(out, event, ordinals);
  sayBytes(out.length - from);
}

function writeFill(
  out: PageWriter,
  { seq, prev, turn, at, version, key, fills }: FillEvent,
  ordinals: ReadonlyMap<string, number>,
): void {
  for (const one of [seq, prev, turn, at, version]) out.f64(one);
  maybeText(out, key);
  out.u32(fills.length);
  for (const { instrument, quantity, price, fee } of fills) {
    out.u32(ordinals.get(instrument)!);
    out.text(quantity);
    out.text(price);
    maybeText(out, fee);
  }
}

/**
 * Gives `account` its ring, to be read when it is first looked at.
 *
 * @param nameOf the name of an ordinal, or throws
 */
export function readFills<T extends object>(
  from: ByteReader,
  account: T,
  nameOf: (ordinal: number) => string,
): T & Holder {
  const ring = { events: from.u32(), bytes: from.part(from.u32()) };
  if (ring.events === 0) return Object.assign(account, { fills: [] });
  const put = (fills: readonly FillEvent[]) => {
    unread.delete(account);
    const plain = { value: fills, writable: true, enumerable: true, configurable: true };
    Object.defineProperty(account, "fills", plain);
    return fills;
  };
  const get = () => put(eventsOf(ring, nameOf));
  Object.defineProperty(account, "fills", { get, set: put, enumerable: true, configurable: true });
  unread.set(account, ring);
  return account as T & Holder;
}

function eventsOf({ events, bytes }: Ring, nameOf: (ordinal: number) => string): FillEvent[] {
  const from = new ByteReader(bytes);
  return Array.from({ length: events }, () => readFill(from, nameOf));
}

function readFill(from: ByteReader, nameOf: (ordinal: number) => string): FillEvent {
  const placed = { seq: from.f64(), prev: from.f64(), turn: from.f64(), at: from.f64() };
  const version = from.f64();
  const key = readMaybe(from);
  const lines = from.u32();
  const fills: FillLine[] = [];
  for (let i = 0; i < lines; i++) {
    const instrument = nameOf(from.u32());
    const line = { instrument, quantity: from.text(), price: from.text() };
    const fee = readMaybe(from);
    fills.push(fee === undefined ? line : { ...line, fee });
  }
  return { ...placed, version, ...(key === undefined ? {} : { key }), fills };
}

function maybeText(out: PageWriter, text: string | undefined): void {
  out.u8(text === undefined ? 0 : 1);
  if (text !== undefined) out.text(text);
}

const readMaybe = (from: ByteReader): string | undefined =>
  from.u8() === 0 ? undefined : from.text();
