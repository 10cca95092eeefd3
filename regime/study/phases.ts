/**
 * Phases: the closes of one hour of the day, whose windows do not overlap.
 *
 * The main phase closes at 00:00 UTC, or at the first close after it that the file has on at least
 * half as many days as its commonest one; in a market with sessions phases are counted from its
 * first bar.
 */
import { closeMs, type Frame } from "./frame.ts";

const DAY_MS = 86_400_000;

/** The phase of a close, 0 to dayBars - 1; 0 is the main one. */
export function phaseOf(frame: Frame, index: number): number {
  const { terms, barMs, dayBars } = frame;
  if (terms.calendar.kind === "sessions") return index % dayBars;
  const fromMidnight = Math.floor((closeMs(frame, index) % DAY_MS) / barMs);
  return (fromMidnight + dayBars - frame.mainPhase) % dayBars;
}

export function isMainClose(frame: Frame, index: number): boolean {
  return phaseOf(frame, index) === 0;
}
