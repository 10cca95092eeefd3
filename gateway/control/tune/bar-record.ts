/**
 * The newest bars of every index, recorded as they pass: what a proposal is studied on.
 *
 *      bars of the warm start ─► ┐
 *      index bars of Turns ────► ┴─► ring by underlying, `BARS_KEPT_MAX`
 *
 * A record is no part of the fold: it is made again from the same sources after a restart, and a
 * study says how many bars it stands on.
 */
import type { Turn, TurnIndex } from "../../../core/engine/turn.ts";
import type { Bar } from "../../../regime/index.ts";
import type { FileBar } from "../../feed/feed.ts";

/** Bars kept by underlying: a year of five minutes, 4.2 MB; 24 years of two hours. */
export const BARS_KEPT_MAX = 105_120;
/** Underlyings with a record. */
export const RECORDS_MAX = 256;

export interface BarRecord {
  /** Takes a whole bar in that follows those before it; one that does not changes nothing. */
  add(bar: FileBar): void;
  /** Passes bars on and takes them in: `flow.warm(record.passing(feed.warm()))`. */
  passing(bars: AsyncIterable<FileBar>): AsyncIterable<FileBar>;
  /** Takes the index bars of a folded Turn in. @param names by ordinal */
  fold(turn: Turn, names: readonly { readonly id: string }[]): void;
  /** Closed bars, oldest first: a copy. */
  bars(underlying: string): readonly Bar[];
}

/** One underlying's: columns as rows of five, shape [BARS_KEPT_MAX x 5], made when first used. */
interface Track {
  readonly rows: Float64Array;
  next: number;
  count: number;
  /** Start of the newest closed bar, ms. */
  lastMs: number;
  open: OpenBar | undefined;
}

interface OpenBar {
  readonly openMs: number;
  readonly open: number;
  high: number;
  low: number;
  close: number;
}

const FIELDS = 5;

/** @param barMs wall milliseconds of a bar */
export function openBarRecord(barMs: number, keptMax: number = BARS_KEPT_MAX): BarRecord {
  const tracks = new Map<string, Track>();

  function trackOf(underlying: string): Track | undefined {
    const known = tracks.get(underlying);
    if (known !== undefined || tracks.size >= RECORDS_MAX) return known;
    const rows = new Float64Array(keptMax * FIELDS);
    const made: Track = { rows, next: 0, count: 0, lastMs: -Infinity, open: undefined };
    tracks.set(underlying, made);
    return made;
  }

  function add(bar: FileBar): void {
    const track = trackOf(bar.underlying);
    if (track !== undefined && bar.volume !== 0) close(track, bar, keptMax);
  }

  return {
    add,
    async *passing(bars) {
      for await (const bar of bars) {
        add(bar);
        yield bar;
      }
    },
    fold({ at, index }, names) {
      const openMs = Math.floor(at / barMs) * barMs;
      for (const bar of index) {
        const track = trackOf(names[bar.ordinal]!.id);
        if (track !== undefined) fill(track, openMs, bar, keptMax);
      }
    },
    bars(underlying) {
      const track = tracks.get(underlying);
      return track === undefined ? [] : barsOf(track, keptMax);
    },
  };
}

function fill(track: Track, openMs: number, marks: TurnIndex, keptMax: number): void {
  const { open, high, low, last: close } = marks;
  const current = track.open;
  if (current?.openMs === openMs) {
    current.high = Math.max(current.high, high);
    current.low = Math.min(current.low, low);
    current.close = close;
    return;
  }
  if (current !== undefined) closeOpen(track, current, keptMax);
  if (openMs > track.lastMs) track.open = { openMs, open, high, low, close };
}

function closeOpen(track: Track, bar: OpenBar, keptMax: number): void {
  track.open = undefined;
  close(track, bar, keptMax);
}

function close(track: Track, { openMs, open, high, low, close: last }: Bar, keptMax: number): void {
  if (openMs <= track.lastMs) return;
  track.rows.set([openMs, open, high, low, last], track.next * FIELDS);
  track.next = (track.next + 1) % keptMax;
  track.count = Math.min(track.count + 1, keptMax);
  track.lastMs = openMs;
}

function barsOf({ rows, next, count }: Track, keptMax: number): Bar[] {
  return Array.from({ length: count }, (_, i) => {
    const at = ((next - count + i + keptMax) % keptMax) * FIELDS;
    return {
      openMs: rows[at]!,
      open: rows[at + 1]!,
      high: rows[at + 2]!,
      low: rows[at + 3]!,
      close: rows[at + 4]!,
    };
  });
}
