/**
 * A price file that warms a regime before its market starts: `serve --warm FILE`.
 *
 *      rows before the start ─► bars of the regime's own length ─► foldBar
 *
 * The regime's estimators live on blocks of two market hours (regime/block.ts), so bars of another
 * length may warm it wherever they make whole blocks:
 *
 *      shorter     joined, when the regime's bar is a whole number of them
 *      longer      up to a block, laid out as a path open, low, high, close over several
 *      others      refused: a day's bar does not say what its hours were
 *
 * A joined or laid-out block has the open, high, low and close that the file has, to the bit. For a
 * market that is made up, the history is moved to end where that market starts: so many bars in
 * time, and one factor in price, neither of which any estimator sees.
 */
import { RiskError } from "../../core/errors.ts";
import type { Feed, FileBar } from "./feed.ts";
import { readPrices } from "./price-file.ts";
import type { PriceRow } from "./price-row.ts";

/** The longest bars that warm a regime of shorter ones: a block of the estimators. */
export const WARM_BAR_MS_MAX = 7_200_000;
/** Bars folded at most; of a longer file the newest: six years of five minutes. */
export const WARM_BARS_MAX = 650_000;
/** Different steps that are counted; a file with more has no bar length worth the name. */
const STEPS_MAX = 4_096;

export interface WarmOptions {
  /** CSV, plain or gzip; columns as in price-row.ts. */
  readonly file: string;
  readonly underlying: string;
  /** Length of the bars that the regime folds, ms. */
  readonly barMs: number;
  /** The market's first moment, ms: rows that end later are left out. */
  readonly startMs: number;
  /** For a market that is made up: its price at the start; the history is moved to end there. */
  readonly startPrice?: number;
}

export interface WarmHistory {
  readonly underlying: string;
  /** Length of the file's own bars, ms. */
  readonly fileBarMs: number;
  /** First and last moment of what is folded, market time, ms. */
  readonly fromMs: number;
  readonly toMs: number;
  /** Bars of the regime's length, ascending. */
  bars(): AsyncIterable<FileBar>;
}

/**
 * Reads and checks the whole file; nothing is folded yet.
 *
 * @throws RiskError unreadable_file, malformed_file with a line, out_of_bounds when its bars do not
 *   fit the regime's or none lies before the start
 */
export async function openWarm(options: WarmOptions): Promise<WarmHistory> {
  const { file, underlying, barMs, startMs, startPrice } = options;
  const found = await measured(file, startPrice === undefined ? startMs : Infinity);
  const { stepMs: fileBarMs, last, firstMs } = found;
  refuseUnfit(fileBarMs, barMs);
  if (last === undefined) throw noneBefore(startMs, firstMs);
  const endMs = last.openMs + fileBarMs;
  const shiftMs = startPrice === undefined ? 0 : Math.floor((startMs - endMs) / barMs) * barMs;
  const factor = startPrice === undefined ? 1 : startPrice / last.close;
  const toMs = endMs + shiftMs;
  const fromMs = Math.max(firstMs + shiftMs, toMs - WARM_BARS_MAX * barMs);
  const rows = () => rowsBetween(file, { fromMs, toMs, fileBarMs }, { shiftMs, factor });
  return {
    underlying,
    fileBarMs,
    fromMs,
    toMs,
    bars: () =>
      fileBarMs > barMs
        ? laidOut(rows(), underlying, fileBarMs, barMs)
        : joined(rows(), underlying, barMs),
  };
}

/** A feed's own warm-up, with the history in its place as far as the history reaches. */
export async function* withHistory(
  own: AsyncIterable<FileBar>,
  history: WarmHistory,
): AsyncGenerator<FileBar> {
  yield* history.bars();
  for await (const bar of own)
    if (bar.underlying !== history.underlying || bar.openMs >= history.toMs) yield bar;
}

/** `FILE` or `UNDERLYING=FILE`; without a name it is the history of the feed's first underlying. */
export function readWarmFlag(text: string, feed: Feed): { underlying: string; file: string } {
  const ids = feed.listing.underlyings.map(({ id }) => id);
  const named = ids.find((id) => text.startsWith(`${id}=`));
  const underlying = named ?? ids[0];
  if (underlying === undefined)
    throw new RiskError("out_of_bounds", { path: "--warm", expected: "a feed with an underlying" });
  return { underlying, file: named === undefined ? text : text.slice(named.length + 1) };
}

interface Measured {
  readonly firstMs: number;
  readonly stepMs: number;
  /** The last row that ends before the start. */
  readonly last: PriceRow | undefined;
}

async function measured(file: string, startMs: number): Promise<Measured> {
  const steps = new Map<number, number>();
  const ends: PriceRow[] = [];
  let first: PriceRow | undefined;
  let before: PriceRow | undefined;
  for await (const block of readPrices(file))
    for (const row of block) {
      first ??= row;
      if (before !== undefined) count(steps, row.openMs - before.openMs);
      // The bar length is known at the end only: the last two openings before the start are kept.
      if (row.openMs < startMs) ends.push(row);
      if (ends.length > 2) ends.shift();
      before = row;
    }
  const [commonest] = [...steps].sort(([a, x], [b, y]) => y - x || a - b);
  const stepMs = commonest?.[0] ?? 0;
  const last = ends.findLast(({ openMs }) => openMs + stepMs <= startMs);
  return { firstMs: first?.openMs ?? 0, stepMs, last };
}

function count(steps: Map<number, number>, step: number): void {
  const known = steps.get(step);
  if (known !== undefined || steps.size < STEPS_MAX) steps.set(step, (known ?? 0) + 1);
}

function refuseUnfit(fileBarMs: number, barMs: number): void {
  const [long, short] = [Math.max(fileBarMs, barMs), Math.min(fileBarMs, barMs)];
  const fits = long % short === 0 && (fileBarMs <= barMs || fileBarMs <= WARM_BAR_MS_MAX);
  if (fits) return;
  throw new RiskError("out_of_bounds", {
    path: "--warm",
    expected:
      `bars of which a whole number make ${minutes(barMs)}, or bars up to ` +
      `${minutes(WARM_BAR_MS_MAX)} that are a whole number of those`,
    found: `bars of ${minutes(fileBarMs)}`,
  });
}

const minutes = (ms: number): string => `${ms / 60_000} min`;

function noneBefore(startMs: number, firstMs: number): RiskError {
  return new RiskError("out_of_bounds", {
    path: "--warm",
    expected: `rows that end before the market starts, ${new Date(startMs).toISOString()}`,
    found: `rows from ${new Date(firstMs).toISOString()} on`,
  });
}

interface Stretch {
  readonly fromMs: number;
  readonly toMs: number;
  readonly fileBarMs: number;
}

interface Move {
  readonly shiftMs: number;
  readonly factor: number;
}

async function* rowsBetween(
  file: string,
  { fromMs, toMs, fileBarMs }: Stretch,
  { shiftMs, factor }: Move,
): AsyncGenerator<PriceRow> {
  for await (const block of readPrices(file))
    for (const row of block) {
      const openMs = row.openMs + shiftMs;
      if (openMs < fromMs) continue;
      if (openMs + fileBarMs > toMs) return;
      const { open, high, low, close } = row;
      const prices = [open, high, low, close].map((price) => price * factor);
      const [o, h, l, c] = prices as [number, number, number, number];
      yield { ...row, openMs, open: o, high: h, low: l, close: c };
    }
}

/** Rows of one bar of `barMs` as that bar; rows without volume say nothing beside others. */
async function* joined(
  rows: AsyncIterable<PriceRow>,
  underlying: string,
  barMs: number,
): AsyncGenerator<FileBar> {
  let bar: FileBar | undefined;
  for await (const row of rows) {
    const openMs = Math.floor(row.openMs / barMs) * barMs;
    if (bar !== undefined && bar.openMs !== openMs) yield bar;
    bar = bar?.openMs === openMs ? merged(bar, row) : { ...pricesOf(row), underlying, openMs };
  }
  if (bar !== undefined) yield bar;
}

const pricesOf = ({ open, high, low, close, volume }: PriceRow) => ({
  open,
  high,
  low,
  close,
  volume,
});

function merged(bar: FileBar, row: PriceRow): FileBar {
  if (row.volume === 0) return bar;
  if (bar.volume === 0) return { ...bar, ...pricesOf(row) };
  return {
    ...bar,
    high: Math.max(bar.high, row.high),
    low: Math.min(bar.low, row.low),
    close: row.close,
    volume: bar.volume + row.volume,
  };
}

/** A row as bars of `barMs`: open, low, high, close, a third of the way from each to the next. */
async function* laidOut(
  rows: AsyncIterable<PriceRow>,
  underlying: string,
  fileBarMs: number,
  barMs: number,
): AsyncGenerator<FileBar> {
  const parts = fileBarMs / barMs;
  for await (const row of rows) {
    const startMs = Math.floor(row.openMs / barMs) * barMs;
    for (let i = 0; i < parts; i++) {
      const prices = pathBetween(row, i / parts, (i + 1) / parts);
      yield {
        underlying,
        openMs: startMs + i * barMs,
        open: prices[0]!,
        high: Math.max(...prices),
        low: Math.min(...prices),
        close: prices.at(-1)!,
        volume: row.volume / parts,
      };
    }
  }
}

/** Prices of the path at two shares of the way, and its corners between them. */
function pathBetween({ open, high, low, close }: PriceRow, from: number, to: number): number[] {
  const corners = [open, low, high, close];
  const at = (share: number): number => {
    const leg = Math.min(2, Math.floor(3 * share));
    const rest = 3 * share - leg;
    return rest === 1
      ? corners[leg + 1]!
      : corners[leg]! + rest * (corners[leg + 1]! - corners[leg]!);
  };
  const inside = [1, 2].filter((corner) => corner / 3 > from && corner / 3 < to);
  return [at(from), ...inside.map((corner) => corners[corner]!), at(to)];
}
