/**
 * One event of an account's fills as a record of a snapshot, and back.
 *
 *      f64 seq, prev, turn, at, version ─ u8 keyed ─ key? ─ u32 lines
 *        line     u32 ordinal ─ text quantity ─ text price ─ u8 with fee ─ text fee?
 *
 * An active venue holds more of these than of anything else.
 */
import type { FillLine } from "../../core/engine/command.ts";
import type { FillEvent } from "../../core/engine/events.ts";
import { type ByteReader, type PageWriter, textBytesMax } from "./byte-pages.ts";

/** Members of an event and of a line that are always there. */
const eventMembers = Object.keys({
  ...{ seq: 0, prev: 0, turn: 0, at: 0, version: 0 },
  fills: [],
} satisfies FillEvent).length;
const lineMembers = Object.keys({
  ...{ instrument: "", quantity: "", price: "" },
} satisfies FillLine).length;

const EVENT_BYTES = 5 * 8 + 1 + 4;
const LINE_BYTES = 4 + 1;

/** Whether the columns hold all of it. */
export function fitsFill(event: FillEvent, ordinals: ReadonlyMap<string, number>): boolean {
  const members = eventMembers + (event.key === undefined ? 0 : 1);
  return Object.keys(event).length === members && event.fills.every((line) => fits(line, ordinals));
}

function fits(line: FillLine, ordinals: ReadonlyMap<string, number>): boolean {
  const members = lineMembers + (line.fee === undefined ? 0 : 1);
  return Object.keys(line).length === members && ordinals.has(line.instrument);
}

/** Most bytes that it takes. */
export function fillBytesMax({ key = "", fills }: FillEvent): number {
  let bytes = EVENT_BYTES + textBytesMax(key);
  for (const { quantity, price, fee = "" } of fills) {
    bytes += LINE_BYTES + textBytesMax(quantity) + textBytesMax(price) + textBytesMax(fee);
  }
  return bytes;
}

export function writeFill(
  out: PageWriter,
  { seq, prev, turn, at, version, key, fills }: FillEvent,
  ordinals: ReadonlyMap<string, number>,
): void {
  out.f64(seq);
  out.f64(prev);
  out.f64(turn);
  out.f64(at);
  out.f64(version);
  maybeText(out, key);
  out.u32(fills.length);
  for (const { instrument, quantity, price, fee } of fills) {
    out.u32(ordinals.get(instrument)!);
    out.text(quantity);
    out.text(price);
    maybeText(out, fee);
  }
}

/** @param nameOf the name of an ordinal, or throws */
export function readFill(from: ByteReader, nameOf: (ordinal: number) => string): FillEvent {
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
