/**
 * The record: the bars that each regime folded, and what it published at their closes.
 *
 *      bars of the warm start ─► ┐                ┌─► bars       what a proposal is studied on
 *      Turns, once folded ─────► ┴─► rows of each ┴─► csv        bars.csv, series.csv
 *
 * It is kept as numbers; text is written only for who asks. A study of bars.csv gives series.csv
 * again, to the byte, as long as nothing was let go, nobody tuned the regime and the record goes
 * back to its first bar. The volume of a bar is the number of its marks; a bar without marks has
 * none and stands at the last close.
 *
 * A record is no part of the fold. After a restart it holds at once what the recovery folded again;
 * what came before is joined to it beside the running gateway (recheck-child.ts, record-again.ts).
 */
import { type Bar, type RegimeState, seriesHeader, seriesLine } from "../regime/index.ts";
import type { FileBar } from "./feed/feed.ts";
import { type Columns, type Room, Rows } from "./record-rows.ts";

/** Bars kept of each underlying: a year of five minutes, 12.6 MB; the oldest go first. */
export const RECORDED_BARS_MAX = 105_120;
/** Bars kept of all together, beyond the first thousand of each: 120 MB. */
export const RECORDED_BARS_TOTAL = 1_000_000;
/** Underlyings that are recorded; others have no file. */
export const RECORDED_UNDERLYINGS_MAX = 256;

const BARS_HEADER = "open_time_ms,open,high,low,close,volume";

export const recordFiles = ["bars", "series"] as const;
export type RecordFile = (typeof recordFiles)[number];

/** The record as files of a study. */
export interface Recordings {
  /**
   * Lines as they stand now, header first, each written when it is taken.
   *
   * @returns undefined for an underlying that is not recorded
   */
  csv(underlying: string, file: RecordFile): Iterable<string> | undefined;
}

export interface RegimeRecord extends Recordings {
  /** Closed bars, oldest first: a copy. None for an underlying that is not recorded. */
  bars(underlying: string): readonly Bar[];
  /** Regimes as they stand: before the first Turn that is recorded, and after each. */
  follow(regimes: ReadonlyMap<string, RegimeState>): void;
  /** Everything by underlying, to be sent or joined: a copy. */
  columns(): ReadonlyMap<string, Columns>;
  /** Takes in what another record of the same regimes has; where both have a bar, ours stays. */
  join(others: ReadonlyMap<string, Columns>): void;
  /** A bar from before the start is folded into `regime`, which the first Turn takes over. */
  warmed(regime: RegimeState, bar: FileBar): void;
}

/** @param barsMax kept of each underlying */
export function openRecord(barsMax: number = RECORDED_BARS_MAX): RegimeRecord {
  const tracks = new Map<string, Track>();
  const room: Room = { left: RECORDED_BARS_TOTAL };
  const trackOf = (underlying: string): Track | undefined => {
    const known = tracks.get(underlying);
    if (known !== undefined || tracks.size >= RECORDED_UNDERLYINGS_MAX) return known;
    const track = openTrack(new Rows(room, barsMax));
    tracks.set(underlying, track);
    return track;
  };
  return {
    follow(regimes) {
      for (const [underlying, regime] of regimes) {
        const track = trackOf(underlying);
        if (track !== undefined) follow(track, regime);
      }
    },
    warmed(regime, bar) {
      const track = trackOf(regime.underlying);
      if (track === undefined || regime.openMs <= track.openMs) return;
      track.rows.push(bar, bar.volume, regime);
      track.openMs = regime.openMs;
    },
    columns: () => new Map([...tracks].map(([id, { rows }]) => [id, rows.columns()])),
    join(others) {
      for (const [underlying, columns] of others) trackOf(underlying)?.rows.join(columns);
    },
    bars(underlying) {
      const columns = tracks.get(underlying)?.rows.columns();
      return columns === undefined ? [] : barsOf(columns);
    },
    csv(underlying, file) {
      const columns = tracks.get(underlying)?.rows.columns();
      return columns && lines[file](columns);
    },
  };
}

/** The regime's open bar as it stood after the newest Turn, and the rows before it. */
interface Track {
  /** Start of the open bar, 0 before the first. */
  openMs: number;
  open: number;
  high: number;
  low: number;
  close: number;
  marks: number;
  readonly rows: Rows;
}

function openTrack(rows: Rows): Track {
  return { openMs: 0, open: 0, high: 0, low: 0, close: 0, marks: 0, rows };
}

/**
 * When the open bar is a later one, that of the Turn before is closed as it stood: the marks of the
 * Turn that closes a bar are the next one's.
 */
function follow(track: Track, regime: RegimeState): void {
  if (regime.openMs > track.openMs) {
    if (track.openMs > 0) close(track, regime);
    track.openMs = regime.openMs;
  }
  const { open, high, low, close: last, marks } = regime.openBar;
  track.open = open;
  track.high = high;
  track.low = low;
  track.close = last;
  track.marks = marks;
}

/**
 * Takes the bar in, with what was published at the newest close. Of silent bars that closed
 * together the last one is taken; a study fills in those between.
 */
function close({ rows, ...bar }: Track, regime: RegimeState): void {
  const { openMs, marks } = bar;
  const newestMs = regime.openMs - regime.pace.barMs;
  const silent = regime.terms.calendar.kind === "continuous" && (newestMs > openMs || marks === 0);
  if (marks > 0) rows.push(bar, marks, silent ? undefined : regime);
  if (silent) rows.push(flat(newestMs, regime.lastClose), 0, regime);
}

function flat(openMs: number, price: number): Bar {
  return { openMs, open: price, high: price, low: price, close: price };
}

function barsOf({ openMs, open, high, low, close, volume }: Columns): Bar[] {
  return Array.from(openMs, (at, i) => {
    const bar = { openMs: at, open: open[i]!, high: high[i]!, low: low[i]!, close: close[i]! };
    return volume[i] === 0 ? { ...bar, stale: true } : bar;
  });
}

const lines: Readonly<Record<RecordFile, (columns: Columns) => Generator<string>>> = {
  *bars({ openMs, open, high, low, close, volume }) {
    yield BARS_HEADER;
    for (let i = 0; i < openMs.length; i++)
      yield `${openMs[i]},${open[i]},${high[i]},${low[i]},${close[i]},${volume[i]}`;
  },
  *series(columns) {
    yield seriesHeader;
    for (let i = 0; i < columns.closeMs.length; i++)
      if (columns.closeMs[i] !== 0) yield seriesLine(columns, i);
  },
};
