/**
 * The screen of a study: prices that no market made are held, as a gateway's mark guard would.
 *
 *      off by ten     any price more than ten times above or below the last close, or 0: the bar
 *                     counts as one without marks, until the rows of a day, at least three, agree
 *                     on the new level
 *      frozen         a dozen bars on end at one price without high or low, or that repeat the row
 *                     before them to the digit: from then on the feed has stopped, whatever volume
 *                     it shows
 *
 * Whether a bar is held depends on rows up to it alone. What was held and then confirmed was a move
 * of the market, and the ranges of the day before it are judged by it.
 */
import { type Bar, flatBar, stretched } from "../bar.ts";

/** A price so many times above or below the last close is held. */
export const OFF_FACTOR = 10;
/** Rows on end that must agree on another level before it is taken, and the time that they span. */
export const CONFIRM_ROWS = 3;
export const CONFIRM_MS = 86_400_000;
/** Bars on end without news that are taken for a market; the next is a feed that has stopped. */
export const FROZEN_BARS = 12;

export interface ScreenTally {
  /** Bars held and never confirmed: bad prints. */
  readonly off: number;
  /** Bars held until the rows after them confirmed the level. */
  readonly confirmed: number;
  readonly frozen: number;
  /** Bars without volume and without a move. */
  readonly untraded: number;
  /** Bars with a price below 0, which has no log: the range is held. */
  readonly negative: number;
}

export interface Screened {
  /** As the regime takes them. */
  readonly bars: readonly Bar[];
  /** As the ranges are judged by them. */
  readonly outcomes: readonly Bar[];
  readonly tally: ScreenTally;
}

export function screened(listed: readonly Bar[]): Screened {
  const state: State = { level: 0, still: 0, before: undefined, run: [] };
  const tally = { off: 0, confirmed: 0, frozen: 0, untraded: 0, negative: 0 };
  const bars: Bar[] = [];
  const outcomes: Bar[] = [];
  for (const [i, raw] of listed.entries()) {
    const bar = stretched(raw);
    const held = isHeld(state, listed, i, bar);
    const taken = held ? flatBar(bar.openMs, state.level) : unfrozen(state, bar);
    state.before = bar;
    bars.push(taken);
    outcomes.push(taken);
    tally.off += held ? 1 : 0;
    tally.frozen += !held && taken !== bar ? 1 : 0;
    tally.untraded += bar.stale === true && !held ? 1 : 0;
    tally.negative += bar.low < 0 ? 1 : 0;
    if (held) continue;
    for (const k of confirmedBy(state, bar)) {
      outcomes[k] = stretched(listed[k]!);
      tally.confirmed += 1;
    }
    settle(state, bar);
  }
  return { bars, outcomes, tally: { ...tally, off: tally.off - tally.confirmed } };
}

interface State {
  /** Newest close above 0 that was taken; 0 before the first. */
  level: number;
  /** Bars on end without news: flat, or the row before them once more. */
  still: number;
  /** The row before. */
  before: Bar | undefined;
  /** Indexes of the held bars on end that agree with each other. */
  run: number[];
}

/** Held bars add to the run; the one that completes it is taken, and the run stands as it is. */
function isHeld(state: State, listed: readonly Bar[], i: number, bar: Bar): boolean {
  if (state.level === 0 || !isOff(bar, state.level)) {
    state.run = [];
    return false;
  }
  const before = state.run.at(-1);
  const agrees = before !== undefined && !isOff(bar, listed[before]!.close);
  if (!agrees) state.run = [];
  const first = listed[state.run[0] ?? i]!.openMs;
  if (state.run.length + 1 >= CONFIRM_ROWS && bar.openMs - first >= CONFIRM_MS) return false;
  state.run.push(i);
  return true;
}

const confirmedBy = ({ level, run }: State, bar: Bar): readonly number[] =>
  level > 0 && isOff(bar, level) ? run : [];

function isOff({ open, high, low, close }: Bar, level: number): boolean {
  if (level <= 0) return true;
  return [open, high, low, close].some(
    (price) =>
      price === 0 || (price > 0 && (price > level * OFF_FACTOR || price * OFF_FACTOR < level)),
  );
}

/** The bar, or a stale one in its place when the feed has stopped. */
function unfrozen(state: State, bar: Bar): Bar {
  const flat = bar.high === bar.low && bar.close === state.level;
  const still = bar.stale !== true && (flat || repeats(bar, state.before));
  state.still = still ? state.still + 1 : 0;
  return state.still > FROZEN_BARS ? { ...bar, stale: true } : bar;
}

function repeats({ open, high, low, close }: Bar, before: Bar | undefined): boolean {
  if (before === undefined || before.open !== open || before.close !== close) return false;
  return before.high === high && before.low === low;
}

function settle(state: State, { close }: Bar): void {
  if (close > 0) state.level = close;
  state.run = [];
}
