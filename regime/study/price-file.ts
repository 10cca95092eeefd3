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
const PRICES = ["open", "high", "low", "close"] as const;

export interface PriceFile {
  readonly bars: readonly Bar[];
  /** Rows that came late or twice. */
  readonly dropped: number;
}

interface Columns {
  readonly time: number;
  readonly dated: boolean;
  readonly prices: readonly number[];
  /** -1: the file has none. */
  readonly volume: number;
}

/**
 * @throws RiskError `malformed_file` with the line that is not a bar; `limit_exceeded` for more
 * than {@link FILE_ROWS_MAX} rows
 */
export function parsePrices(text: string): PriceFile {
  const lines = text.split("\n");
  if (lines.length > FILE_ROWS_MAX)
    throw new RiskError("limit_exceeded", { path: "rows", expected: `at most ${FILE_ROWS_MAX}` });
  const columns = columnsOf(lines[0] ?? "");
  const bars: Bar[] = [];
  let dropped = 0;
  for (const [index, line] of lines.entries()) {
    if (index === 0 || line.trim() === "") continue;
    const bar = parseBar(line, columns, { line: index + 1, before: bars.at(-1) });
    if (bar.openMs > (bars.at(-1)?.openMs ?? Number.NEGATIVE_INFINITY)) bars.push(bar);
    else dropped += 1;
  }
  if (bars.length < 2) throw malformed({ expected: "at least two rows", found: `${bars.length}` });
  return { bars, dropped };
}

function columnsOf(header: string): Columns {
  const names = header.trim().toLowerCase().split(",");
  const dated = !names.includes("open_time_ms");
  const time = names.indexOf(dated ? "date" : "open_time_ms");
  const prices = PRICES.map((name) => names.indexOf(name));
  if (time < 0 || prices.includes(-1))
    throw malformed({
      line: 1,
      expected: "open_time_ms or date, open, high, low, close",
      found: shown(header.trim()),
    });
  return { time, dated, prices, volume: names.indexOf("volume") };
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
  const price = (at: number): number => finite(cell(columns.prices[at]!), line, PRICES[at]!);
  const [open, high, low, close] = [price(0), price(1), price(2), price(3)];
  const openMs = columns.dated
    ? dateMs(cell(columns.time), line)
    : finite(cell(columns.time), line, "open_time_ms");
  const traded = columns.volume < 0 || finite(cell(columns.volume) || "0", line, "volume") > 0;
  const moved = high !== low || (before !== undefined && before.close !== close);
  return { openMs, open, high, low, close, stale: !traded && !moved };
}

function finite(text: string, line: number, path: string): number {
  const value = text.trim() === "" ? Number.NaN : Number(text);
  if (Number.isFinite(value)) return value;
  throw malformed({ line, path, expected: "number", found: shown(text) });
}

function dateMs(text: string, line: number): number {
  const ms = /^\d{4}-\d\d-\d\d$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  if (Number.isFinite(ms)) return ms;
  throw malformed({ line, path: "date", expected: "YYYY-MM-DD", found: shown(text) });
}

function malformed(detail: ConstructorParameters<typeof RiskError>[1]): RiskError {
  return new RiskError("malformed_file", detail);
}
