/**
 * A Turn: the unit of the ordered list, and its bytes.
 *
 * The sequencer closes a Turn when the engine is free; engine, journal, replay and simulation
 * consume Turns only, so a turn's end is input and not the speed of a machine. Little-endian, f64
 * as bits:
 *
 *      offset  size
 *           0     4   magic "SWT1"
 *           4     4   partition
 *           8    16   lineage
 *          24     8   seq
 *          32     8   at, ms since the epoch (f64)
 *          40    32   SHA-256 of the Turn before
 *          72     4   marks            then marks x 20:   ordinal u32, value f64, extra f64
 *          76     4   index bars       then bars x 40:    ordinal, count u32, open, high, low, last
 *          80     4   bytes of JSON    then the commands, canonical JSON, UTF-8
 *          84
 *
 * Marks and bars name things by ordinal, ascending: the number that `Listing` gave them, stable
 * within a lineage. Reading it back is turn-decode.ts's.
 */
import type { Command } from "./command.ts";
import { commandsText } from "./command-text.ts";

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

/** Limits of one Turn, written and read alike. */
export const TURN_MARKS_MAX = 65_536;
export const TURN_INDEX_MAX = 4_096;
export const TURN_JSON_BYTES_MAX = 16 * 1024 * 1024;
export const FIRST_HASH = "0".repeat(64);

/** "SWT1", read as a little-endian number. */
export const MAGIC = 0x31545753;
export const HEADER_BYTES = 84;
export const MARK_BYTES = 20;
export const INDEX_BYTES = 40;

/** The bytes of a Turn. What it holds was gathered by the sequencer and is not checked again. */
export function encodeTurn(turn: Turn): Uint8Array {
  const json = new TextEncoder().encode(commandsText(turn.commands));
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

function writeHex(bytes: Uint8Array, at: number, hex: string): void {
  for (let i = 0; i < hex.length / 2; i++) {
    bytes[at + i] = Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16);
  }
}
