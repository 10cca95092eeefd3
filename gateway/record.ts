/**
 * The record: the bars that each regime folded live, and what it published at their closes, as the
 * files that a study reads and writes.
 *
 *      Turn ─► engine, regimes ─► record ─► bars.csv      open_time_ms,open,high,low,close,volume
 *                                      └──► series.csv    close_ms,target,initial,…
 *
 * A study of bars.csv gives series.csv again, to the byte, as long as nothing was let go and nobody
 * tuned the regime meanwhile. The volume of a bar is the number of its marks; a bar without marks
 * has none and stands at the last close.
 */
import type { Turn, TurnIndex } from "../core/engine/turn.ts";
import {
  type Bar,
  type RegimeState,
  regimeView,
  seriesHeader,
  seriesLine,
} from "../regime/index.ts";

/** Bars kept of each underlying: 69 days of five minutes; the oldest go first. */
export const RECORDED_BARS_MAX = 20_000;
/** Underlyings that are recorded; others have no file. */
export const RECORDED_UNDERLYINGS_MAX = 256;

const BARS_HEADER = "open_time_ms,open,high,low,close,volume";

/** The files of the record, as text. Undefined for an underlying that is not recorded. */
export interface Recordings {
  bars(underlying: string): string | undefined;
  series(underlying: string): string | undefined;
}

export interface Recorder extends Recordings {
  /** A Turn is folded, by the engine and then by the regimes. */
  turn(turn: Turn): void;
  /** A bar from before the start is folded into `regime`, which the first Turn takes over. */
  warmed(regime: RegimeState, bar: Bar): void;
}

export interface RecorderOptions {
  /** By underlying; read after every Turn, for a decision may put another in a regime's place. */
  readonly regimes: ReadonlyMap<string, RegimeState>;
  /** What a Turn's ordinals name. */
  readonly names: readonly { readonly id: string }[];
  /** Bars kept of each underlying; {@link RECORDED_BARS_MAX} when absent. */
  readonly barsMax?: number;
}

export function openRecorder({
  regimes,
  names,
  barsMax = RECORDED_BARS_MAX,
}: RecorderOptions): Recorder {
  const tracks = new Map<string, Track>();
  const trackOf = (underlying: string): Track | undefined => {
    const known = tracks.get(underlying);
    if (known !== undefined || tracks.size >= RECORDED_UNDERLYINGS_MAX) return known;
    const track = openTrack(barsMax);
    tracks.set(underlying, track);
    return track;
  };
  const text = (header: string, lines: Ring | undefined): string | undefined =>
    lines && [header, ...lines.newest()].join("\n").concat("\n");
  return {
    turn({ index }) {
      const marked = new Map(index.map((bar) => [names[bar.ordinal]!.id, bar]));
      for (const [underlying, regime] of regimes) {
        const track = trackOf(underlying);
        if (track !== undefined) follow(track, regime, marked.get(underlying));
      }
    },
    warmed(regime, bar) {
      const track = trackOf(regime.underlying);
      if (track === undefined || regime.openMs <= track.openMs) return;
      track.bars.push(barLine(bar, bar.stale === true ? 0 : 1));
      track.series.push(publishedLine(regime));
      track.openMs = regime.openMs;
    },
    bars: (underlying) => text(BARS_HEADER, tracks.get(underlying)?.bars),
    series: (underlying) => text(seriesHeader, tracks.get(underlying)?.series),
  };
}

/** The bar that is being filled, and the lines of those before it. */
interface Track {
  /** As the regime's own: start of the open bar, 0 before the first. */
  openMs: number;
  open: number;
  high: number;
  low: number;
  close: number;
  marks: number;
  readonly bars: Ring;
  readonly series: Ring;
}

function openTrack(barsMax: number): Track {
  const prices = { open: 0, high: 0, low: 0, close: 0, marks: 0 };
  return { openMs: 0, ...prices, bars: ring(barsMax), series: ring(barsMax) };
}

/** The regime has folded the Turn: when its open bar is a later one, what lies before is closed. */
function follow(track: Track, regime: RegimeState, marks: TurnIndex | undefined): void {
  if (regime.openMs > track.openMs) {
    if (track.openMs > 0) close(track, regime);
    track.openMs = regime.openMs;
    track.marks = 0;
  }
  if (marks !== undefined) fill(track, marks);
}

function fill(track: Track, { open, high, low, last, count }: TurnIndex): void {
  const first = track.marks === 0;
  if (first) track.open = open;
  track.high = first ? high : Math.max(track.high, high);
  track.low = first ? low : Math.min(track.low, low);
  track.close = last;
  track.marks += count;
}

/**
 * Writes the bar, and what was published at the newest close. Of silent bars that closed together
 * the last one is written; a study fills in those between.
 */
function close(track: Track, regime: RegimeState): void {
  const { marks, openMs } = track;
  const newestMs = regime.openMs - regime.pace.barMs;
  const silent = regime.terms.calendar.kind === "continuous" && (newestMs > openMs || marks === 0);
  if (marks > 0) track.bars.push(barLine(track, marks));
  if (silent) track.bars.push(barLine(flat(newestMs, regime.lastClose), 0));
  if (silent || marks > 0) track.series.push(publishedLine(regime));
}

const flat = (openMs: number, price: number) => ({
  openMs,
  open: price,
  high: price,
  low: price,
  close: price,
});

const barLine = ({ openMs, open, high, low, close }: Omit<Bar, "stale">, volume: number): string =>
  `${openMs},${open},${high},${low},${close},${volume}`;

function publishedLine(regime: RegimeState): string {
  return seriesLine({ ...regimeView(regime), closeMs: regime.openMs });
}

interface Ring {
  push(line: string): void;
  /** The oldest that is kept first. */
  newest(): readonly string[];
}

function ring(max: number): Ring {
  const lines: string[] = [];
  let next = 0;
  return {
    push(line) {
      lines[next] = line;
      next = (next + 1) % max;
    },
    newest: () => (lines.length < max ? lines : [...lines.slice(next), ...lines.slice(0, next)]),
  };
}
