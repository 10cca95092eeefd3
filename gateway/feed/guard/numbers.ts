/**
 * The figures of a mark by themselves: what no market can have said is refused before anything
 * else looks at it.
 */
import type { InstrumentKind } from "../../../core/instrument.ts";
import type { FeedMark } from "../feed.ts";

/** Largest price, vol or forward. */
export const MARK_MAX = 1e12;
/** Least price: below it an inverse contract's coins run out of digits. */
export const PRICE_MIN = 1e-9;
/** Highest vol and funding rate that a book document takes, fractions. */
export const VOL_MAX = 100;
export const FUNDING_MAX = 1;

/** What a mark is of. */
export type MarkKind = InstrumentKind | "index" | "currency";

export type BadNumber = "not_finite" | "not_positive" | "too_large" | "too_small";

/** Why the figures of a mark cannot be; undefined: they can. */
export function badNumber(mark: FeedMark, kind: MarkKind): BadNumber | undefined {
  const { value, extra, halfWidth = 0 } = mark;
  if (!Number.isFinite(value) || !Number.isFinite(extra)) return "not_finite";
  if (!Number.isFinite(halfWidth)) return "not_finite";
  const isOption = kind === "option";
  if (value <= 0 || halfWidth < 0 || (isOption && extra < 0)) return "not_positive";
  const most = isOption ? VOL_MAX : MARK_MAX;
  const mostExtra = kind === "perpetual" ? FUNDING_MAX : MARK_MAX;
  if (value > most || extra > mostExtra || extra < -mostExtra) return "too_large";
  return !isOption && value < PRICE_MIN ? "too_small" : undefined;
}
