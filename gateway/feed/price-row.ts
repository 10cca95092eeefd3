/**
 * One line of a price file, checked: a bar that can be used, or an error that names its line.
 *
 *      open_time_ms | date, open, high, low, close, volume     any order; others are ignored
 *
 * Refused: a missing or repeated column, another count of fields, what is not a plain decimal, a
 * price ≤ 0 or above 1e12, a volume below 0, low > open or close, high < open or close, and a time
 * that is not later than the line before. A vendor's file that breaks one of these is not mended
 * here, for whoever replays it should know.
 */
import { RiskError, shown } from "../../core/errors.ts";
import { AT_MAX, MARK_MAX } from "./guard.ts";
import { MOMENT_EXPECTED, readMoment } from "./moment.ts";

/** A bar as the file has it. */
export interface PriceRow {
  /** 1-based; the header is line 1. */
  readonly line: number;
  readonly openMs: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
}

export const COLUMNS_MAX = 64;
/** Bars are at least this far apart: a turn never spans a second, so shorter ones would merge. */
export const BAR_MS_MIN = 1_000;

const needed = ["open", "high", "low", "close", "volume"] as const;
type Column = (typeof needed)[number];
const times = ["open_time_ms", "date"] as const;
type TimeColumn = (typeof times)[number];
const HEADER = "open_time_ms or date, open, high, low, close, volume";

/** Reads lines under one header, in order. */
export type ReadRow = (text: string, line: number) => PriceRow;

/** @throws RiskError malformed_file naming line 1 and the column at fault */
export function readHeader(text: string): ReadRow {
  // A byte order mark, as it looks when its bytes are read one by one.
  const names = text.replace(/^\u00ef\u00bb\u00bf/, "").split(",", COLUMNS_MAX + 1);
  const columns = names.map((name) => name.trim().toLowerCase());
  if (columns.length > COLUMNS_MAX)
    throw malformed(1, "header", `at most ${COLUMNS_MAX} columns`, "more");
  const time = times.find((name) => columns.includes(name));
  if (time === undefined) throw malformed(1, "header", HEADER, shown(text));
  for (const name of [time, ...needed]) {
    if (!columns.includes(name)) throw malformed(1, name, HEADER, shown(text));
    if (columns.indexOf(name) !== columns.lastIndexOf(name))
      throw malformed(1, name, "the column once", shown(text));
  }
  return reading(columns, time);
}

function reading(columns: readonly string[], time: TimeColumn): ReadRow {
  const [open, high, low, close, volume] = needed.map((name) => columns.indexOf(name));
  const timeAt = columns.indexOf(time);
  let lastMs = Number.NEGATIVE_INFINITY;
  return (text, line) => {
    const fields = text.split(",", COLUMNS_MAX + 1);
    if (fields.length !== columns.length)
      throw malformed(line, "row", `${columns.length} fields`, String(fields.length));
    const row: PriceRow = {
      line,
      openMs: timeOf(fields[timeAt]!, time, line),
      open: priceOf(fields[open!]!, "open", line),
      high: priceOf(fields[high!]!, "high", line),
      low: priceOf(fields[low!]!, "low", line),
      close: priceOf(fields[close!]!, "close", line),
      volume: volumeOf(fields[volume!]!, line),
    };
    if (!(row.openMs >= lastMs + BAR_MS_MIN))
      throw malformed(
        line,
        time,
        `at least 1 s after ${fullMoment(lastMs)}`,
        fullMoment(row.openMs),
      );
    lastMs = row.openMs;
    return enveloped(row);
  };
}

function enveloped(row: PriceRow): PriceRow {
  const top = Math.max(row.open, row.close);
  const bottom = Math.min(row.open, row.close);
  if (row.high < top) throw malformed(row.line, "high", `at least ${top}`, String(row.high));
  if (row.low > bottom) throw malformed(row.line, "low", `at most ${bottom}`, String(row.low));
  return row;
}

const wholeShape = /^-?\d{1,16}$/;
const decimalShape = /^-?\d{1,20}(\.\d{1,20})?([eE][+-]?\d{1,3})?$/;

function timeOf(field: string, column: TimeColumn, line: number): number {
  const text = field.trim();
  if (column === "open_time_ms") {
    const ms = wholeShape.test(text) ? Number(text) : Number.NaN;
    if (Math.abs(ms) <= AT_MAX) return ms;
    throw malformed(line, column, "whole milliseconds since 1970", shown(field));
  }
  const ms = readMoment(text);
  if (ms === undefined) throw malformed(line, column, MOMENT_EXPECTED, shown(field));
  return ms;
}

function priceOf(field: string, column: Column, line: number): number {
  const price = decimalOf(field);
  if (price > 0 && price <= MARK_MAX) return price;
  throw malformed(line, column, `a price above 0 and at most ${MARK_MAX}`, shown(field));
}

function volumeOf(field: string, line: number): number {
  const volume = decimalOf(field);
  if (volume >= 0 && volume < Number.POSITIVE_INFINITY) return volume;
  throw malformed(line, "volume", "a number of at least 0", shown(field));
}

/** NaN when it is no plain decimal: hex, digit separators and an empty field are none. */
function decimalOf(field: string): number {
  const text = field.trim();
  return decimalShape.test(text) ? Number(text) : Number.NaN;
}

function fullMoment(ms: number): string {
  return Number.isFinite(ms) ? new Date(ms).toISOString() : "the start";
}

/** The one error of a file whose content is wrong. */
export function malformed(
  line: number,
  path: string,
  expected: string,
  found: string,
  cause?: unknown,
): RiskError {
  return new RiskError("malformed_file", { line, path, expected, found }, { cause });
}
