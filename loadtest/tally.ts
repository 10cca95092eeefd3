/**
 * The open-loop account: one latency for every intended mark and subscriber, none left out.
 *
 *      marks due    m1   m2   m3   m4   m5              now - due(m), each
 *      frames       ├─────────f(m2)────────f(m5)
 *      recorded     m1 m2 at f(m2), m3 m4 m5 at f(m5); what never came at the end, as old as it is
 *
 * A sender that cannot keep up sends one frame for several marks, or none. To count frames only
 * would forget the marks that waited longest, so every mark is charged until a frame covers it.
 */
import type { Glance } from "./glance.ts";
import { type Histogram, openHistogram } from "./histogram.ts";
import { dueMs, type Window } from "./schedule.ts";

export interface Tally {
  readonly latency: Histogram;
  /** Frames that arrived within the window. */
  readonly frames: number;
  readonly frameBytes: number;
  /** Frames missing between two that arrived: `prev` was not what was seen last. */
  readonly dropped: number;
  /** Versions that the sender skipped for a newer one, by its own word. */
  readonly conflated: number;
  /** Pairs of mark and subscriber that no frame covered by the end. */
  readonly unseen: number;
  /** Subscribers that have seen a frame. */
  readonly begun: number;
  /** From now on the marks of the window count. */
  open(window: Window): void;
  frame(subscriber: number, glance: Glance, bytes: number, atMs: number): void;
  /** Whether every subscriber has seen the last mark of the window. */
  settled(): boolean;
  /** Ends the account: what was not seen by now counts as late as it is. */
  close(nowMs: number): void;
}

export function openTally(subscribers: number): Tally {
  return new OpenTally(subscribers);
}

class OpenTally implements Tally {
  readonly latency = openHistogram();
  frames = 0;
  frameBytes = 0;
  dropped = 0;
  conflated = 0;
  unseen = 0;
  begun = 0;
  /** Version and market time that each has seen last; version 0: nothing yet. */
  readonly #seq: Float64Array;
  readonly #market: Float64Array;
  #window: Window | undefined;
  #behind: number;

  constructor(subscribers: number) {
    this.#seq = new Float64Array(subscribers);
    this.#market = new Float64Array(subscribers);
    this.#behind = subscribers;
  }

  open(window: Window): void {
    this.#window = window;
    this.conflated = 0;
    this.#behind = this.#market.reduce((left, seen) => left + (seen < window.lastMs ? 1 : 0), 0);
  }

  frame(subscriber: number, glance: Glance, bytes: number, atMs: number): void {
    if (glance.type === "hb") return;
    const last = this.#seq[subscriber]!;
    if (last === 0) this.begun += 1;
    else if (glance.type === "update" && glance.prev !== last) this.dropped += 1;
    this.#seq[subscriber] = glance.seq;
    this.conflated += last === 0 ? 0 : glance.conflated;
    const seen = this.#market[subscriber]!;
    this.#market[subscriber] = Math.max(seen, glance.markTs);
    const window = this.#window;
    if (window === undefined) return;
    if (atMs >= window.startMs && atMs < window.endMs) {
      this.frames += 1;
      this.frameBytes += bytes;
    }
    this.#charge(window, { seen, until: Math.min(glance.markTs, window.lastMs), atMs });
    if (seen < window.lastMs && glance.markTs >= window.lastMs) this.#behind -= 1;
  }

  settled(): boolean {
    return this.#behind === 0;
  }

  close(nowMs: number): void {
    const window = this.#window;
    if (window === undefined) return;
    for (const seen of this.#market) {
      this.unseen += this.#charge(window, { seen, until: window.lastMs, atMs: nowMs });
    }
    this.#market.fill(window.lastMs);
    this.#behind = 0;
  }

  /** Records every mark of the window after `seen` up to `until`; answers how many. */
  #charge(window: Window, { seen, until, atMs }: { seen: number; until: number; atMs: number }) {
    const { schedule, stepMs, firstMs } = window;
    const next = firstMs + Math.max(0, Math.floor((seen - firstMs) / stepMs) + 1) * stepMs;
    let charged = 0;
    for (let mark = next; mark <= until; mark += stepMs) {
      this.latency.record(atMs - dueMs(schedule, mark));
      charged += 1;
    }
    return charged;
  }
}
