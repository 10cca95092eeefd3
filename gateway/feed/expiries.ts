/**
 * The calendar of expiries: days, Fridays, last Fridays of months and of quarters.
 *
 *      at ──┬─ day ── day ── Friday ── month ── quarter ── quarter      each slot takes the next
 *           └ strictly later than `at`                                 date that is not yet taken
 *
 * As time passes a date only moves to nearer slots, so what was once listed stays in the plan until
 * it expires and the chain never runs dry.
 */
import { DAY_MS, HOUR_MS } from "./settings.ts";

export interface ExpirySlots {
  readonly expiryHourUtc: number;
  readonly days: number;
  readonly weeks: number;
  readonly months: number;
  readonly quarters: number;
}

/** Dates looked at for one kind of slot before it is left empty. */
const CANDIDATES_MAX = 60;
const FRIDAY = 5;

/** Expiries that should be listed at `at`, ascending, ms since the epoch, all later than `at`. */
export function expiriesAfter(at: number, slots: ExpirySlots): number[] {
  const taken = new Set<number>();
  take(taken, slots.days, at, (i) => dayOf(at, slots) + i * DAY_MS);
  take(taken, slots.weeks, at, (i) => fridayFrom(dayOf(at, slots)) + 7 * i * DAY_MS);
  take(taken, slots.months, at, (i) => lastFriday(at, i, slots));
  take(taken, slots.quarters, at, (i) => lastFriday(at, quarterMonth(at, i), slots));
  return [...taken].sort((a, b) => a - b);
}

/** `28JUN24`, as instruments are named. */
export function expiryName(expiryMs: number): string {
  const date = new Date(expiryMs);
  const year = String(date.getUTCFullYear() % 100).padStart(2, "0");
  return `${date.getUTCDate()}${monthNames[date.getUTCMonth()]}${year}`;
}

const monthNames = "JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC".split(" ");

function take(taken: Set<number>, count: number, at: number, date: (i: number) => number): void {
  const full = taken.size + count;
  for (let i = 0; i < CANDIDATES_MAX && taken.size < full; i++) {
    const ms = date(i);
    if (ms > at) taken.add(ms);
  }
}

/** The expiry moment of the day of `at`. */
function dayOf(at: number, { expiryHourUtc }: ExpirySlots): number {
  return Math.floor(at / DAY_MS) * DAY_MS + expiryHourUtc * HOUR_MS;
}

/** The first Friday that is not before the day of `ms`, same time of day. */
function fridayFrom(ms: number): number {
  return ms + ((FRIDAY - new Date(ms).getUTCDay() + 7) % 7) * DAY_MS;
}

/** The last Friday of the month that is `later` months after that of `at`. */
function lastFriday(at: number, later: number, { expiryHourUtc }: ExpirySlots): number {
  const date = new Date(at);
  const monthEnd = Date.UTC(
    date.getUTCFullYear(),
    date.getUTCMonth() + later + 1,
    0,
    expiryHourUtc,
  );
  return monthEnd - ((new Date(monthEnd).getUTCDay() - FRIDAY + 7) % 7) * DAY_MS;
}

/** How many months after that of `at` the i-th quarter from then ends. */
function quarterMonth(at: number, i: number): number {
  return 2 - (new Date(at).getUTCMonth() % 3) + 3 * i;
}
