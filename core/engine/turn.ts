/**
 * A Turn: the unit of the ordered list, and its bytes.
 *
 * The sequencer closes a Turn when the engine is free; engine, journal, replay and simulation consume
 * Turns only, so a turn's end is input and not the speed of a machine. Little-endian, f64 as bits:
 *
 *      offset  size
 *           0     4   magic "SWT1"
 *           4     4   partition
 *           8    16   lineage
 *          24     8   seq
 *          32     8   at, ms since the epoch (f64)
 *          40    32   SHA-256 of the Turn before
 *          72     4   marks            then marks x 20:   ordinal u32, value f64, extra f64
 *          76     4   index bars       then bars x 40:    ordinal u32, count u32, open, high, low, last
 *          80     4   bytes of JSON    then the commands, canonical JSON, UTF-8
 *          84
 *
 * Marks name things by ordinal: the number that `Listing` gave them, stable within a lineage.
 */
import { canonicalJson } from "../canonical.ts";
import { RiskError } from "../errors.ts";
import type { Command } from "./command.ts";

export interface TurnMark {
  readonly ordinal: number;
  readonly value: number;
  readonly extra: number;
}

export interface TurnIndex {
  readonly ordinal: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly last: number;
  readonly count: number;
}

export interface Turn {
  readonly partition: number;
  /** 32 hex digits. */
  readonly lineage: string;
  readonly seq: number;
  /** Market time, ms since the epoch; a turn never spans a second. */
  readonly at: number;
  /** SHA-256 of the bytes of the Turn before, 64 hex digits; zeros before the first. */
  readonly prevHash: string;
  readonly marks: readonly TurnMark[];
  readonly index: readonly TurnIndex[];
  readonly commands: readonly Command[];
}

export const TURN_MARKS_MAX = 65_536;
export const TURN_INDEX_MAX = 4_096;
export const TURN_JSON_BYTES_MAX = 16 * 1024 * 1024;
export const FIRST_HASH = "0".repeat(64);

const MAGIC = 0x31545753;
const HEADER_BYTES = 84;
const MARK_BYTES = 20;
const INDEX_BYTES = 40;

export function encodeTurn(turn: Turn): Uint8Array {
  const json = new TextEncoder().encode(canonicalJson(turn.commands));
  const marksEnd = HEADER_BYTES + turn.marks.length * MARK_BYTES;
  const indexEnd = marksEnd + turn.index.length * INDEX_BYTES;
  const bytes = new Uint8Array(indexEnd + json.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, MAGIC, true);
  view.setUint32(4, turn.partition, true);
  writeHex(bytes, 8, turn.lineage);
  view.setBigUint64(24, BigInt(turn.seq), true);
  view.setFloat64(32, turn.at, true);
  writeHex(bytes, 40, turn.prevHash);
  view.setUint32(72, turn.marks.length, true);
  view.setUint32(76, turn.index.length, true);
  view.setUint32(80, json.length, true);
  turn.marks.forEach((mark, i) => {
    const at = HEADER_BYTES + i * MARK_BYTES;
    view.setUint32(at, mark.ordinal, true);
    view.setFloat64(at + 4, mark.value, true);
    view.setFloat64(at + 12, mark.extra, true);
  });
  turn.index.forEach((bar, i) => {
    const at = marksEnd + i * INDEX_BYTES;
    view.setUint32(at, bar.ordinal, true);
    view.setUint32(at + 4, bar.count, true);
    [bar.open, bar.high, bar.low, bar.last].forEach((price, j) => {
      view.setFloat64(at + 8 + 8 * j, price, true);
    });
  });
  bytes.set(json, indexEnd);
  return bytes;
}

/** @throws RiskError malformed_file naming what was expected where */
export function decodeTurn(bytes: Uint8Array): Turn {
  if (bytes.length < HEADER_BYTES) {
    throw malformed("bytes", `at least ${HEADER_BYTES}`, bytes.length);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(0, true) !== MAGIC) throw malformed("magic", "SWT1", view.getUint32(0, true));
  const marks = bounded("marks", view.getUint32(72, true), TURN_MARKS_MAX);
  const index = bounded("index", view.getUint32(76, true), TURN_INDEX_MAX);
  const json = bounded("commands", view.getUint32(80, true), TURN_JSON_BYTES_MAX);
  const marksEnd = HEADER_BYTES + marks * MARK_BYTES;
  const indexEnd = marksEnd + index * INDEX_BYTES;
  if (indexEnd + json !== bytes.length) {
    throw malformed("bytes", String(indexEnd + json), bytes.length);
  }
  return {
    partition: view.getUint32(4, true),
    lineage: readHex(bytes, 8, 16),
    seq: Number(view.getBigUint64(24, true)),
    at: view.getFloat64(32, true),
    prevHash: readHex(bytes, 40, 32),
    marks: Array.from({ length: marks }, (_, i) => readMark(view, HEADER_BYTES + i * MARK_BYTES)),
    index: Array.from({ length: index }, (_, i) => readIndex(view, marksEnd + i * INDEX_BYTES)),
    commands: JSON.parse(
      new TextDecoder("utf-8", { fatal: true }).decode(bytes.subarray(indexEnd)),
    ),
  };
}

function readMark(view: DataView, at: number): TurnMark {
  return {
    ordinal: view.getUint32(at, true),
    value: view.getFloat64(at + 4, true),
    extra: view.getFloat64(at + 12, true),
  };
}

function readIndex(view: DataView, at: number): TurnIndex {
  return {
    ordinal: view.getUint32(at, true),
    count: view.getUint32(at + 4, true),
    open: view.getFloat64(at + 8, true),
    high: view.getFloat64(at + 16, true),
    low: view.getFloat64(at + 24, true),
    last: view.getFloat64(at + 32, true),
  };
}

function bounded(path: string, count: number, most: number): number {
  if (count <= most) return count;
  throw malformed(path, `at most ${most}`, count);
}

function malformed(path: string, expected: string, found: number): RiskError {
  return new RiskError("malformed_file", { path: `turn.${path}`, expected, found: String(found) });
}

function writeHex(bytes: Uint8Array, at: number, hex: string): void {
  for (let i = 0; i < hex.length / 2; i++) {
    bytes[at + i] = Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16);
  }
}

function readHex(bytes: Uint8Array, at: number, length: number): string {
  let hex = "";
  for (let i = at; i < at + length; i++) hex += bytes[i]!.toString(16).padStart(2, "0");
  return hex;
}
