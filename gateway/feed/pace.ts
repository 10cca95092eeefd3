/**
 * Plays a feed against a wall clock: `speed` seconds of market time in each second.
 *
 *      due = wall of the anchor + (event.at - market of the anchor) / speed
 *
 * What is late is delivered at once, but only up to `LATE_MS_MAX`: beyond it the anchor moves and
 * market time slips, so a process that slept (or a sink that blocked) is not buried under a burst.
 * Between events the loop gives way to sockets and timers every `SLICE_MS`, whatever the speed;
 * `Infinity` means as fast as the sink takes them.
 */
import { RiskError, shown } from "../../core/errors.ts";
import { type Clock, systemClock } from "../clock.ts";
import type { FeedEvent } from "./feed.ts";

/** What pacing asks of a clock. */
export type PaceClock = Pick<Clock, "now" | "after">;

/** Longest delay that is caught up by delivering faster than the speed. */
export const LATE_MS_MAX = 250;
/** Longest run of deliveries without giving way to the event loop. */
export const SLICE_MS = 5;
/** Longest single wait: timers overflow at 2^31 ms. */
export const WAIT_MS_MAX = 3_600_000;
export const SPEED_MIN = 0.001;

export type Sink = (event: FeedEvent) => void | Promise<void>;

export interface PaceOptions {
  /** Market time over wall time, at least `SPEED_MIN`; Infinity: without waiting. */
  readonly speed: number;
  readonly clock?: PaceClock;
}

export interface Playing {
  /** Settles when the feed has ended or was stopped; rejects with what feed or sink threw. */
  readonly done: Promise<void>;
  /** Delivers nothing more from now on. */
  stop(): void;
  /** Wall time by which the market has slipped behind its speed so far, ms. */
  slippedMs(): number;
  /** From where the next events are due; undefined before the first. */
  anchor(): Anchor | undefined;
}

/** Where wall time and market time were together. */
export interface Anchor {
  /** Ms since the epoch. */
  readonly wall: number;
  /** Ms since the epoch. */
  readonly market: number;
}

/** @throws RiskError out_of_bounds when the speed is below `SPEED_MIN` or not a number */
export function play(events: AsyncIterable<FeedEvent>, sink: Sink, options: PaceOptions): Playing {
  if (!(options.speed >= SPEED_MIN))
    throw new RiskError("out_of_bounds", {
      path: "speed",
      expected: `a number of at least ${SPEED_MIN}`,
      found: shown(options.speed),
    });
  return new Player(events, sink, options);
}

class Player implements Playing {
  readonly done: Promise<void>;
  readonly #speed: number;
  readonly #clock: PaceClock;
  #anchor: Anchor | undefined;
  #sliceFrom: number;
  #slippedMs = 0;
  #stopped = false;
  #wake: (() => void) | undefined;

  constructor(events: AsyncIterable<FeedEvent>, sink: Sink, options: PaceOptions) {
    this.#speed = options.speed;
    this.#clock = options.clock ?? systemClock;
    this.#sliceFrom = this.#clock.now();
    this.done = this.#deliver(events, sink);
  }

  stop(): void {
    this.#stopped = true;
    this.#wake?.();
  }

  slippedMs(): number {
    return this.#slippedMs;
  }

  anchor(): Anchor | undefined {
    return this.#anchor;
  }

  async #deliver(events: AsyncIterable<FeedEvent>, sink: Sink): Promise<void> {
    for await (const event of events) {
      await this.#due(event.at);
      if (this.#stopped) return;
      await sink(event);
    }
  }

  /** Waits until market time `at` has come, or until stopped. */
  async #due(at: number): Promise<void> {
    this.#anchor ??= { wall: this.#clock.now(), market: at };
    for (let ahead = this.#ahead(at); ahead > 0 && !this.#stopped; ahead = this.#ahead(at))
      await this.#wait(Math.min(ahead, WAIT_MS_MAX));
    if (this.#clock.now() - this.#sliceFrom >= SLICE_MS && !this.#stopped) await this.#wait(0);
    const late = -this.#ahead(at);
    if (late <= LATE_MS_MAX) return;
    this.#anchor = { wall: this.#clock.now(), market: at };
    // At infinite speed everything is late and nothing slips.
    if (Number.isFinite(this.#speed)) this.#slippedMs += late;
  }

  #ahead(at: number): number {
    const { wall, market } = this.#anchor ?? { wall: 0, market: at };
    return wall + (at - market) / this.#speed - this.#clock.now();
  }

  #wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#clock.after(ms, () => this.#wake?.());
      this.#wake = () => {
        this.#wake = undefined;
        this.#sliceFrom = this.#clock.now();
        cancel();
        resolve();
      };
    });
  }
}
