/**
 * The emergency lane: a move that has outrun the range lets the initial side widen at once.
 *
 * It opens when a close lies further from one of the last day than the range, or when half the range
 * went by within ten minutes, and in either case the move has stood for ten minutes. Then the
 * initial range may be up to `upMax` above the publisher's value, toward the target and inside the
 * daily limit. The maintenance side never follows the lane: nobody is liquidated by it.
 */
import type { Day } from "./day.ts";
import type { Pace } from "./pace.ts";
import { lowest, type Publisher } from "./publisher.ts";
import type { EmergencyTerms } from "./terms.ts";

export interface Lane {
  /** Unrounded; 0: closed. */
  value: number;
  /** Bars on end whose close was further away than the range. */
  overBars: number;
}

export const startLane = (): Lane => ({ value: 0, overBars: 0 });

/** What the lane looks at when a bar has closed, before day and range have gone on to the next. */
export interface LaneMarket {
  readonly day: Day;
  readonly range: Publisher;
  readonly target: number;
}

/** Opens, moves or closes the lane; its value is 0 or above the publisher's. */
export function foldLane(
  lane: Lane,
  pace: Pace,
  terms: EmergencyTerms,
  { day, range, target }: LaneMarket,
): void {
  if (!terms.enabled) return;
  lane.overBars = dayMove(day) > range.value ? lane.overBars + 1 : 0;
  const open =
    lane.overBars > pace.persistBars || sudden(day, pace, terms.suddenShare * range.value);
  const reach = open ? allowed(range, pace, terms, target) : 0;
  lane.value = Math.max(reach, Math.min(lane.value, target));
  if (lane.value <= range.value) lane.value = 0;
}

function allowed(range: Publisher, pace: Pace, terms: EmergencyTerms, target: number): number {
  const day = lowest(range, pace.dayBars) * pace.upDay;
  return Math.min(target, day, range.value * (1 + terms.upMax));
}

/** Largest move from a close of the last day to the newest close. */
function dayMove({ close, count, next }: Day): number {
  const last = close[next]!;
  let most = 0;
  for (let i = 0; i < count; i++) most = Math.max(most, moved(close[i]!, last));
  return most;
}

/** Whether more than `share` went by in ten minutes and has stayed away for as long again. */
function sudden({ close, count, next }: Day, { persistBars }: Pace, share: number): boolean {
  if (persistBars === 0 || count <= 2 * persistBars) return false;
  const back = (bars: number): number => close[(next - bars + close.length) % close.length]!;
  const start = back(2 * persistBars);
  return moved(start, back(persistBars)) > share && moved(start, back(0)) > share;
}

/** Size of a relative move; 0 from what was no price. */
const moved = (from: number, to: number): number =>
  from > 0 ? Math.max(to / from - 1, 1 - to / from) : 0;
