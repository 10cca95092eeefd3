/**
 * A Turn from its bytes: whatever is wrong with them is a typed error and never a crash or a NaN.
 *
 * A record on disk has a checksum and stands in a chain, so what is refused here was written wrong.
 * The answer encodes to the very bytes that it was read from: numbers must be in bounds, ordinals
 * ascend, and the commands be canonical JSON, because a second text for one list would have a
 * second hash.
 */
import { canonicalJson } from "../canonical.ts";
import { RiskError, shown } from "../errors.ts";
import type { Command } from "./command.ts";
import { checkCommandShape } from "./command-shape.ts";
import { isInstant } from "./instant.ts";
import {
  HEADER_BYTES,
  INDEX_BYTES,
  MAGIC,
  MARK_BYTES,
  TURN_INDEX_MAX,
  TURN_JSON_BYTES_MAX,
  TURN_MARKS_MAX,
  type Turn,
  type TurnIndex,
  type TurnMark,
} from "./turn.ts";

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
  const turn: Turn = {
    partition: view.getUint32(4, true),
    lineage: readHex(bytes, 8, 16),
    seq: Number(view.getBigUint64(24, true)),
    at: view.getFloat64(32, true),
    prevHash: readHex(bytes, 40, 32),
    marks: Array.from({ length: marks }, (_, i) => readMark(view, HEADER_BYTES + i * MARK_BYTES)),
    index: Array.from({ length: index }, (_, i) => readIndex(view, marksEnd + i * INDEX_BYTES)),
    commands: readCommands(bytes.subarray(indexEnd)),
  };
  checkNumbers(turn);
  return turn;
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

function readCommands(bytes: Uint8Array): readonly Command[] {
  const { text, value } = readJson(bytes);
  if (!Array.isArray(value)) throw malformed("commands", "a list", value);
  try {
    const commands = value.map((one, i) => checkCommandShape(one, `turn.commands[${i}]`));
    if (commands.filter(({ kind }) => kind === "Tick").length > 1) {
      throw malformed("commands", "at most one Tick", "more");
    }
    if (canonicalJson(commands) === text) return commands;
  } catch (error) {
    // A command of the wrong shape is a broken record here, not somebody's request.
    if (!(error instanceof RiskError)) throw error;
    throw new RiskError("malformed_file", error.detail, { cause: error });
  }
  throw malformed("commands", "canonical JSON", "another text for the same commands");
}

function readJson(bytes: Uint8Array): { readonly text: string; readonly value: unknown } {
  try {
    // A byte order mark would be dropped silently and the bytes not come back.
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    return { text, value: JSON.parse(text) };
  } catch (cause) {
    const detail = { path: "turn.commands", expected: "JSON in UTF-8" };
    throw new RiskError("malformed_file", detail, { cause });
  }
}

/** What the fold relies on: times, counts and prices that can be, each name once. */
function checkNumbers({ seq, at, marks, index }: Turn): void {
  if (!Number.isSafeInteger(seq) || seq < 1) throw malformed("seq", "a whole number from 1", seq);
  if (!isInstant(at)) throw malformed("at", "whole ms since the epoch", at);
  ascending("marks", marks);
  ascending("index", index);
  marks.forEach(({ value, extra }, i) => {
    positive(`marks[${i}].value`, value);
    if (!Number.isFinite(extra)) throw malformed(`marks[${i}].extra`, "a finite number", extra);
  });
  index.forEach(({ open, high, low, last, count }, i) => {
    if (count < 1) throw malformed(`index[${i}].count`, "at least 1", count);
    positive(`index[${i}].low`, low);
    positive(`index[${i}].high`, high);
    const inside = low <= open && open <= high && low <= last && last <= high;
    if (!inside) throw malformed(`index[${i}]`, "open and last from low to high", open);
  });
}

function ascending(path: string, all: readonly { readonly ordinal: number }[]): void {
  for (let i = 1; i < all.length; i++) {
    if (all[i]!.ordinal <= all[i - 1]!.ordinal) {
      throw malformed(`${path}[${i}].ordinal`, "ascending ordinals", all[i]!.ordinal);
    }
  }
}

function positive(path: string, value: number): void {
  if (!(value > 0) || !Number.isFinite(value)) throw malformed(path, "a finite number > 0", value);
}

function bounded(path: string, count: number, most: number): number {
  if (count <= most) return count;
  throw malformed(path, `at most ${most}`, count);
}

function malformed(path: string, expected: string, found: unknown): RiskError {
  return new RiskError("malformed_file", { path: `turn.${path}`, expected, found: shown(found) });
}

function readHex(bytes: Uint8Array, at: number, length: number): string {
  let hex = "";
  for (let i = at; i < at + length; i++) hex += bytes[i]!.toString(16).padStart(2, "0");
  return hex;
}
