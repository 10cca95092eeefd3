/**
 * How late the generator itself is: a bell that should ring every few milliseconds, and did when.
 *
 * While the process is busy with one burst of frames, the next one waits unread. That wait is in
 * every latency, so it is measured beside them, open-loop as well: each missed ring counts.
 */
import { type Histogram, openHistogram } from "./histogram.ts";

/** Distance of two rings. */
export const RING_MS = 5;

export interface Lateness {
  readonly late: Histogram;
  stop(): void;
}

/** The part of a clock that is needed; a test moves its own. */
export interface RingClock {
  now(): number;
  /** Rings once after `ms`; the answer cancels it. */
  after(ms: number, ring: () => void): () => void;
}

export const machineClock: RingClock = {
  now: () => performance.now(),
  after(ms, ring) {
    const timer = setTimeout(ring, ms);
    return () => clearTimeout(timer);
  },
};

export function watchLateness(clock: RingClock = machineClock): Lateness {
  const late = openHistogram();
  let dueMs = clock.now() + RING_MS;
  let cancel = (): void => {};
  const ring = (): void => {
    const nowMs = clock.now();
    for (; dueMs <= nowMs; dueMs += RING_MS) late.record(nowMs - dueMs);
    cancel = clock.after(dueMs - nowMs, ring);
  };
  cancel = clock.after(RING_MS, ring);
  return { late, stop: () => cancel() };
}
