/**
 * What is believed of a price that nobody else confirms: steps that are ordinary at once, a new
 * level when it is said again and again.
 */
import type { GuardSettings } from "../../../config/guard.ts";
import { AT, isMarked, type Pending, type Slot, VALUE } from "./slot.ts";
import { apart, threshold } from "./threshold.ts";

/**
 * Whether the only source that is heard may move the mark to `value`.
 *
 * @param at when it said so, ms
 */
export function believesAlone(
  slot: Slot,
  value: number,
  at: number,
  settings: GuardSettings,
): boolean {
  const { pending, accepted, d0, variance } = slot;
  const { confirm, far, sigma } = settings;
  const step = isMarked(slot) ? apart(value, accepted[VALUE]!) : 0;
  if (isMarked(slot) && step <= threshold(d0, variance, at - accepted[AT]!, sigma)) {
    pending.marks = 0;
    return true;
  }
  const near = confirm.tolerance * threshold(d0, variance, at - pending.at, sigma);
  const overMs = step > far.step ? far.overMs : confirm.overMs;
  return confirmed(pending, { value, at, near }, confirm.marks, overMs);
}

/**
 * Whether marks that are put beside a trusted feed may move its mark: a jump when they say it again
 * and again. However far it goes, that feed's own next mark goes on from where the market is.
 *
 * @param pending what they have said and nobody has believed yet
 */
export function believesBeside(
  { accepted, d0, variance }: Slot,
  pending: Pending,
  { value, at }: { readonly value: number; readonly at: number },
  { confirm, sigma }: GuardSettings,
): boolean {
  const last = accepted[VALUE]!;
  if (last > 0 && apart(value, last) <= threshold(d0, variance, at - accepted[AT]!, sigma)) {
    pending.marks = 0;
    return true;
  }
  const near = confirm.tolerance * threshold(d0, variance, at - pending.at, sigma);
  return confirmed(pending, { value, at, near }, confirm.marks, confirm.overMs);
}

/** Whether even a trusted source may: anything but a slipped decimal point. */
export function believesTrusted(
  { pending, accepted }: Slot,
  value: number,
  at: number,
  settings: GuardSettings,
): boolean {
  const last = accepted[VALUE]!;
  const most = settings.absurdFactor;
  if (last === 0 || (value <= last * most && value * most >= last)) {
    pending.marks = 0;
    return true;
  }
  return confirmed(pending, { value, at, near: most - 1 }, settings.confirm.marks, 0);
}

interface Said {
  readonly value: number;
  readonly at: number;
  /** Least distance, relative, that makes it another level than the one that waits. */
  readonly near: number;
}

/** Counts a mark toward the level that waits, or lets it begin a new one. */
function confirmed(
  pending: Pending,
  { value, at, near }: Said,
  marks: number,
  overMs: number,
): boolean {
  const goesOn = pending.marks > 0 && apart(value, pending.value) <= near;
  if (!goesOn) {
    pending.marks = 0;
    pending.since = at;
  }
  pending.marks += 1;
  pending.value = value;
  pending.at = at;
  if (pending.marks < marks || at - pending.since < overMs) return false;
  pending.marks = 0;
  return true;
}
