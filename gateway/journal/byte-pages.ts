/**
 * Little-endian numbers and texts into pages that never move, and back from one run of bytes.
 *
 *      text     u32 length x 2 + wide ─ one byte a character, or two where one is not enough
 *      amount   i64 low ─ i64 high: a whole number of 128 bits, two's complement
 *
 * A buffer that grows by copying itself would stop the loop for as long as it is large; pages cost
 * what is written and nothing more.
 */
import { RiskError } from "../../core/errors.ts";

/** Bytes of a page, unless a single record needs more. */
export const PAGE_BYTES = 1024 * 1024;

export const AMOUNT_BYTES = 16;

const LOW_MAX = 2n ** 63n - 1n;
const LOW_MIN = -(2n ** 63n);

/** Most bytes that a text takes. */
export const textBytesMax = (text: string): number => 4 + 2 * text.length;

/** Writes records one after the other; `room` comes before each of them. */
export class PageWriter {
  readonly #full: Uint8Array[] = [];
  #page = Buffer.alloc(0);
  #view = new DataView(new ArrayBuffer(0));
  #at = 0;
  #fullBytes = 0;

  /** Bytes written so far. */
  get length(): number {
    return this.#fullBytes + this.#at;
  }

  /** What was written, in order. */
  pages(): Uint8Array[] {
    return [...this.#full, this.#page.subarray(0, this.#at)];
  }

  /** Makes room for a record of at most `bytes`. */
  room(bytes: number): void {
    if (this.#at + bytes <= this.#page.length) return;
    if (this.#at > 0) this.#full.push(this.#page.subarray(0, this.#at));
    this.#fullBytes += this.#at;
    this.#page = Buffer.alloc(Math.max(PAGE_BYTES, bytes));
    this.#view = new DataView(this.#page.buffer, this.#page.byteOffset, this.#page.length);
    this.#at = 0;
  }

  u8(value: number): void {
    this.#view.setUint8(this.#at, value);
    this.#at += 1;
  }

  u32(value: number): void {
    this.#view.setUint32(this.#at, value, true);
    this.#at += 4;
  }

  f64(value: number): void {
    this.#view.setFloat64(this.#at, value, true);
    this.#at += 8;
  }

  /** @param value fits into 128 bits: `isAmount` */
  amount(value: bigint): void {
    const at = this.#at;
    this.#view.setBigInt64(at, value, true);
    // Most amounts fit into the low half, and then the high one is nothing but the sign.
    const isShort = value <= LOW_MAX && value >= LOW_MIN;
    const high = isShort ? (value < 0n ? -1n : 0n) : value >> 64n;
    this.#view.setBigInt64(at + 8, high, true);
    this.#at = at + AMOUNT_BYTES;
  }

  /** Leaves out a u32 of this record; the answer puts it in. */
  u32Later(): (value: number) => void {
    const [view, at] = [this.#view, this.#at];
    this.#at += 4;
    return (value) => view.setUint32(at, value, true);
  }

  bytes(value: Uint8Array): void {
    this.#page.set(value, this.#at);
    this.#at += value.length;
  }

  text(value: string): void {
    const isWide = hasWide(value);
    this.u32(value.length * 2 + (isWide ? 1 : 0));
    this.#at += this.#page.write(value, this.#at, isWide ? "utf16le" : "latin1");
  }
}

const AMOUNT_MAX = 2n ** 127n - 1n;
const AMOUNT_MIN = -(2n ** 127n);

/** Whether 128 bits hold it. Comparing makes no garbage, where cutting would. */
export const isAmount = (value: bigint): boolean => value <= AMOUNT_MAX && value >= AMOUNT_MIN;

function hasWide(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 0xff) return true;
  return false;
}

/** Reads what a `PageWriter` wrote; reading beyond the end throws. */
export class ByteReader {
  readonly #bytes: Buffer;
  readonly #view: DataView;
  #at = 0;

  constructor({ buffer, byteOffset, length }: Uint8Array) {
    this.#bytes = Buffer.from(buffer as ArrayBuffer, byteOffset, length);
    this.#view = new DataView(buffer, byteOffset, length);
  }

  /** Bytes not read yet. */
  get left(): number {
    return this.#bytes.length - this.#at;
  }

  u8(): number {
    const value = this.#view.getUint8(this.#at);
    this.#at += 1;
    return value;
  }

  u32(): number {
    const value = this.#view.getUint32(this.#at, true);
    this.#at += 4;
    return value;
  }

  f64(): number {
    const value = this.#view.getFloat64(this.#at, true);
    this.#at += 8;
    return value;
  }

  amount(): bigint {
    const at = this.#at;
    const view = this.#view;
    this.#at = at + AMOUNT_BYTES;
    const sign = view.getInt32(at + 4, true) >> 31;
    const isShort = view.getInt32(at + 8, true) === sign && view.getInt32(at + 12, true) === sign;
    if (isShort) return view.getBigInt64(at, true);
    return (view.getBigInt64(at + 8, true) << 64n) | view.getBigUint64(at, true);
  }

  /** The next so many bytes, to be read later. */
  part(length: number): Uint8Array {
    const end = this.#end(length);
    const part = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return part;
  }

  /** A text of so many bytes. */
  utf8(length: number): string {
    return this.#string("utf8", length);
  }

  text(): string {
    const head = this.u32();
    const isWide = head % 2 === 1;
    const characters = head >>> 1;
    return isWide ? this.#string("utf16le", 2 * characters) : this.#string("latin1", characters);
  }

  #string(encoding: BufferEncoding, length: number): string {
    const end = this.#end(length);
    const value = this.#bytes.toString(encoding, this.#at, end);
    this.#at = end;
    return value;
  }

  /** A Buffer would end at its own end and say nothing. */
  #end(length: number): number {
    const end = this.#at + length;
    if (end <= this.#bytes.length) return end;
    const [expected, found] = [`${length} more bytes`, `${this.left}`];
    throw new RiskError("malformed_file", { path: "record", expected, found });
  }
}
