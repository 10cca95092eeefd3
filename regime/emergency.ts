/**
 * The emergency lane: a move that has outrun the range lets the initial side widen at once.
 *
 * A price stands when it has held for ten minutes of closes. The lane opens when the price that
 * stands now lies further than the range from one that stood within the last day, or further than
 * half of it from one that stood ten minutes ago: so a bad print opens nothing, neither as the end
 * of a move nor as its start. Then the initial range may be up to `upMax` above the publisher's
 * value, toward the target and inside the daily limit. The maintenance side never follows the lane:
 * nobody is liquidated by it.
 */
import type { Day } from "./day.ts";
import type { Pace } from "./pace.ts";
import { lowest as lowestValue, type Publisher } from "./publisher.ts";
import type { EmergencyTerms } from "./terms.ts";

export interface Lane {
  /** Unrounded; 0: closed. */
  value: number;
}

export const startLane = (): Lane => ({ value: 0 });

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
  const reach = outrun(day, pace, terms, range.value) ? allowed(range, pace, terms, target) : 0;
  lane.value = Math.max(reach, Math.min(lane.value, target));
  if (lane.value <= range.value) lane.value = 0;
}

function outrun(day: Day, pace: Pace, { suddenShare }: EmergencyTerms, range: number): boolean {
  const { persistBars } = pace;
  if (persistBars > 0 && moveSince(day, persistBars, 2 * persistBars) > suddenShare * range)
    return true;
  for (let back = persistBars + 1; back < day.close.length; back++)
    if (moveSince(day, persistBars, back) > range) return true;
  return false;
}

function allowed(range: Publisher, pace: Pace, terms: EmergencyTerms, target: number): number {
  const day = lowestValue(range, pace.dayBars) * pace.upDay;
  return Math.min(target, day, range.value * (1 + terms.upMax));
}

/**
 * Least move from the closes of ten minutes that ended `back` bars ago to those that end now; 0
 * when the two overlap, where the day does not reach so far back, or from what was no price.
 */
function moveSince(day: Day, persistBars: number, back: number): number {
  if (back + persistBars > Math.min(day.count, day.close.length - 1)) return 0;
  const [lowThen, lowNow] = [lowest(day, persistBars, back), lowest(day, persistBars, 0)];
  if (lowThen <= 0) return 0;
  const up = lowNow / highest(day, persistBars, back) - 1;
  const down = 1 - highest(day, persistBars, 0) / lowThen;
  return Math.max(up, down, 0);
}

function lowest(day: Day, persistBars: number, back: number): number {
  let least = closeBack(day, back);
  for (let i = 1; i <= persistBars; i++) least = Math.min(least, closeBack(day, back + i));
  return least;
}

function highest(day: Day, persistBars: number, back: number): number {
  let most = closeBack(day, back);
  for (let i = 1; i <= persistBars; i++) most = Math.max(most, closeBack(day, back + i));
  return most;
}

/** The close so many bars before the newest. */
const closeBack = ({ close, next }: Day, bars: number): number =>
  close[(next - bars + close.length) % close.length]!;
