/**
 * A price file as bars: the text of a CSV, header first, oldest row first.
 *
 *      open_time_ms | date , open , high , low , close [, volume]
 *
 * A row that does not come after the one before it is left out and counted: vendors repeat
 * stretches. A row that cannot be read refuses the file and names its line.
 */
import { RiskError, shown } from "../../core/errors.ts";
import type { Bar } from "../bar.ts";

/** Rows of one file at most: five years of minutes. */
export const FILE_ROWS_MAX = 5_000_000;
/** A longer step forward is a wrong date: all rows after it would come late. */
export const STEP_MS_MAX = 366 * 86_400_000;
/** A file with more rows out of order than this share of it is not in order at all. */
const LATE_SHARE_MAX = 0.5;
const PRICES = ["open", "high", "low", "close"] as const;
const PRICE_MAX = 1e15;
/** Moments beyond these have no date. */
const MOMENT_MAX = 8.64e15;

/** What was read, and what was left out of it. */
export interface FileTally {
  /** Rows below the header. */
  readonly rows: number;
  /** Rows with the time of the one before. */
  readonly repeated: number;
  /** Rows with an earlier time. */
  readonly late: number;
  /** Rows whose high or low did not enclose open and close, and were stretched until they did. */
  readonly mended: number;
}

export interface PriceFile {
  readonly bars: readonly Bar[];
  readonly tally: FileTally;
}

/**
 * @throws RiskError `malformed_file` with the line that is not a bar; `limit_exceeded` for more
 * than {@link FILE_ROWS_MAX} rows
 */
export function parsePrices(text: string): PriceFile {
  const lines = text.replace(/^\ufeff/, "").split("\n");
  if (lines.length > FILE_ROWS_MAX)
    throw new RiskError("limit_exceeded", { path: "rows", expected: `at most ${FILE_ROWS_MAX}` });
  const columns = columnsOf(lines[0] ?? "");
  const bars: Bar[] = [];
  const tally = { rows: 0, repeated: 0, late: 0, mended: 0 };
  for (let i = 1; i < lines.length; i++) {
    if (lines[i]!.trim() === "") continue;
    const before = bars.at(-1);
    const bar = parseBar(lines[i]!, columns, { line: i + 1, before });
    tally.rows += 1;
    if (before === undefined || bar.openMs > before.openMs) {
      if (isMended(bar)) tally.mended += 1;
      bars.push(bar);
    } else tally[bar.openMs === before.openMs ? "repeated" : "late"] += 1;
  }
  refuseUnordered(bars.length, tally);
  return { bars, tally };
}

function refuseUnordered(count: number, { rows, late }: FileTally): void {
  if (late > LATE_SHARE_MAX * rows)
    throw malformed({
      expected: "rows in order of time, the oldest first",
      found: `${late} of ${rows} rows earlier than one above them`,
    });
  if (count < 2) throw malformed({ expected: "at least two rows", found: `${count}` });
}

interface Columns {
  readonly count: number;
  readonly time: number;
  readonly dated: boolean;
  readonly prices: readonly number[];
  /** -1: the file has none. */
  readonly volume: number;
}

function columnsOf(header: string): Columns {
  const names = header.split(",").map((name) => name.trim().toLowerCase());
  const dated = !names.includes("open_time_ms");
  const known = [dated ? "date" : "open_time_ms", ...PRICES, "volume"];
  const [time, ...rest] = known.map((name) => names.indexOf(name));
  const prices = rest.slice(0, PRICES.length);
  const missing = known.filter((name) => name !== "volume" && !names.includes(name));
  if (missing.length > 0)
    throw malformed({
      line: 1,
      path: missing.join(", "),
      expected: "columns open_time_ms or date, open, high, low, close",
      found: shown(header.trim()),
    });
  const twice = known.find((name) => names.indexOf(name) !== names.lastIndexOf(name));
  if (twice !== undefined)
    throw malformed({ line: 1, path: twice, expected: "the column once", found: "twice" });
  return { count: names.length, time: time!, dated, prices, volume: names.indexOf("volume") };
}

interface Place {
  readonly line: number;
  readonly before: Bar | undefined;
}

/**
 * One row. Without volume and without a move it is stale: sources fill outages with such rows, and
 * a file that knows no volumes still moves.
 */
function parseBar(row: string, columns: Columns, { line, before }: Place): Bar {
  const cells = row.trim().split(",");
  const cell = (at: number): string => cells[at] ?? "";
  const price = (at: number): number => priceOf(cell(columns.prices[at]!), line, PRICES[at]!);
  const [open, high, low, close] = [price(0), price(1), price(2), price(3)];
  if (cells.length > columns.count)
    throw malformed({ line, expected: `${columns.count} cells`, found: `${cells.length}` });
  const openMs = timeOf(cell(columns.time), columns.dated, line);
  if (before !== undefined && openMs - before.openMs > STEP_MS_MAX)
    throw malformed({
      line,
      path: columns.dated ? "date" : "open_time_ms",
      expected: `at most ${STEP_MS_MAX / 86_400_000} days after the row before`,
      found: shown(cell(columns.time)),
    });
  const traded = columns.volume < 0 || volumeOf(cell(columns.volume), line) > 0;
  const moved = high !== low || (before !== undefined && before.close !== close);
  return { openMs, open, high, low, close, stale: !traded && !moved };
}

const isMended = ({ open, high, low, close }: Bar): boolean =>
  high < Math.max(open, low, close) || low > Math.min(open, high, close);

const decimal = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;

function numberOf(text: string, line: number, path: string, expected: string): number {
  const value = decimal.test(text.trim()) ? Number(text) : Number.NaN;
  if (Number.isFinite(value)) return value;
  throw malformed({ line, path, expected, found: shown(text) });
}

function priceOf(text: string, line: number, path: string): number {
  const price = numberOf(text, line, path, "number");
  if (Math.abs(price) <= PRICE_MAX) return price;
  throw malformed({ line, path, expected: `a price up to ${PRICE_MAX}`, found: shown(text) });
}

/** A blank cell is no volume. */
function volumeOf(text: string, line: number): number {
  if (text.trim() === "") return 0;
  const volume = numberOf(text, line, "volume", "number");
  if (volume >= 0) return volume;
  throw malformed({ line, path: "volume", expected: "at least 0", found: shown(text) });
}

const dateShape = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(:\d\d(?:\.\d{1,3})?)?Z?)?$/;

function timeOf(text: string, dated: boolean, line: number): number {
  const ms = dated ? dateMs(text.trim()) : numberOf(text, line, "open_time_ms", "number");
  if (Math.abs(ms) <= MOMENT_MAX && Math.floor(ms) === ms) return ms;
  throw dated
    ? malformed({ line, path: "date", expected: "YYYY-MM-DD", found: shown(text) })
    : malformed({ line, path: "open_time_ms", expected: "whole ms", found: shown(text) });
}

/** UTC; NaN when there is no such day or time. */
function dateMs(text: string): number {
  const [, day, time = "00:00", seconds = ":00"] = dateShape.exec(text) ?? [];
  if (day === undefined) return Number.NaN;
  const midnight = Date.parse(`${day}T00:00:00Z`);
  // The parser takes 30 February for 1 March; the day itself gives that away.
  const real = Number.isFinite(midnight) && new Date(midnight).toISOString().startsWith(day);
  return real ? Date.parse(`${day}T${time}${seconds}Z`) : Number.NaN;
}

function malformed(detail: ConstructorParameters<typeof RiskError>[1]): RiskError {
  return new RiskError("malformed_file", detail);
}
