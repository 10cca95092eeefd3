/**
 * The publisher: lets a target move a published value, quickly up, slowly down, and not at every
 * breath.
 *
 *      up      when the target is `deadBandUp` above the value: at most `upStep` times the lowest
 *              of the last two hours and `upDay` times the lowest of the last day
 *      down    when the target has been `deadBandDown` below it for the dwell: `down` per bar
 *
 * The value is never rounded; only what is published is, upward. Limits on a rounded value would
 * turn + 10 % into whole steps and stop it from falling at all.
 */
import type { Pace } from "./pace.ts";
import type { BoundTerms, PublisherTerms } from "./terms.ts";

/** What keeps the value from its target: shown, never computed with. */
export const limiters = [
  "none",
  "deadBand",
  "upPerTwoHours",
  "upPerDay",
  "dwell",
  "downPerDay",
  "floor",
  "cap",
  "stale",
  "frozen",
  "override",
] as const;
export type Limiter = (typeof limiters)[number];

export interface Publisher {
  /** Unrounded. */
  value: number;
  /** Bars with marks since the target was last above the dead band. */
  belowBars: number;
  limiter: Limiter;
  /** Values of the last day, ring of shape [dayBars]. */
  readonly recent: Float64Array;
  next: number;
}

export function startPublisher({ dayBars }: Pace, value: number): Publisher {
  const recent = new Float64Array(dayBars).fill(value);
  return { value, belowBars: 0, limiter: "none", recent, next: 0 };
}

/**
 * Moves the value toward `target` by one bar; it may not fall while marks are missing.
 *
 * A bar without marks does not count toward the dwell, and does not begin it anew: a market that
 * is silent for one bar of every day would never loosen.
 */
export function publish(
  p: Publisher,
  pace: Pace,
  terms: Pick<PublisherTerms, "deadBandUp" | "deadBandDown">,
  { target, mayFall }: { readonly target: number; readonly mayFall: boolean },
): void {
  const below = target < p.value * (1 - terms.deadBandDown);
  if (!below) p.belowBars = 0;
  else if (mayFall) p.belowBars += 1;
  if (target > p.value * (1 + terms.deadBandUp)) rise(p, pace, target);
  else if (!below) p.limiter = target === p.value ? "none" : "deadBand";
  else if (!mayFall) p.limiter = "stale";
  else if (p.belowBars < pace.dwellBars) p.limiter = "dwell";
  else fall(p, pace, target);
  remember(p);
}

/** One bar passes and the value stands; afterwards a dwell begins anew. */
export function hold(p: Publisher): void {
  p.belowBars = 0;
  p.limiter = "frozen";
  remember(p);
}

function rise(p: Publisher, pace: Pace, target: number): void {
  const step = lowest(p, pace.blockBars) * pace.upStep;
  const day = lowest(p, pace.dayBars) * pace.upDay;
  const reach = Math.min(target, step, day);
  p.limiter = reach === target ? "none" : reach === day ? "upPerDay" : "upPerTwoHours";
  p.value = Math.max(p.value, reach);
}

function fall(p: Publisher, pace: Pace, target: number): void {
  const reach = p.value * pace.down;
  p.limiter = reach > target ? "downPerDay" : "none";
  p.value = Math.max(target, reach);
}

/** Lowest of the value and its newest `bars` predecessors. */
export function lowest({ recent, next, value }: Publisher, bars: number): number {
  let least = value;
  for (let i = 1; i <= bars; i++) {
    const at = next - i;
    least = Math.min(least, recent[at < 0 ? at + recent.length : at]!);
  }
  return least;
}

function remember(p: Publisher): void {
  p.recent[p.next] = p.value;
  p.next = p.next + 1 === p.recent.length ? 0 : p.next + 1;
}

/**
 * A value as it is published: up to the next step, a hair below a step counting as on it.
 *
 * The step is the inverse of a whole number, so the quotient has no stray digits.
 */
export function roundedUp(value: number, { step }: BoundTerms): number {
  const perUnit = Math.floor(1 / step + 0.5);
  return Math.ceil(value * perUnit - 1e-9) / perUnit;
}
