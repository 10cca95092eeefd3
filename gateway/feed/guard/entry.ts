/**
 * What is asked of a mark before anybody weighs it: when it was made, and an option's forward.
 */
import type { GuardSettings } from "../../../config/guard.ts";
import type { FeedMark } from "../feed.ts";
import type { Names } from "./names.ts";
import type { Refusal } from "./refusal.ts";
import { type Slot, VALUE } from "./slot.ts";

/** When a mark was made, came, and which was the newest of its source before it, ms. */
export interface Times {
  readonly at: number;
  readonly now: number;
  readonly newest: number;
}

export function badTime(
  { heartbeatMs }: Slot,
  { at, now, newest }: Times,
  { skewMs }: GuardSettings,
): Refusal | undefined {
  if (!Number.isInteger(at)) return "not_finite";
  if (at === newest) return "duplicate";
  if (at < newest) return "late";
  if (at - now > skewMs) return "early";
  return now - at > heartbeatMs ? "old" : undefined;
}

/** An option's forward that is no forward of its index; 0 says that there is none. */
export function isBadForward(
  { underlying }: Slot,
  mark: FeedMark,
  names: Names,
  settings: GuardSettings,
): boolean {
  const index = names.slots.get(underlying!);
  if (index === undefined || mark.extra === 0) return false;
  const stands = index.accepted[VALUE]!;
  const most = settings.forwardFactor;
  return stands > 0 && (mark.extra > stands * most || mark.extra * most < stands);
}
