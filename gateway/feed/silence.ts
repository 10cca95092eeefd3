/**
 * Lets time pass where the market is silent: a wall second without an event is a second of decay
 * too.
 *
 * Market time goes on at the speed of the feed from the last event; the next event is further away
 * still, or it would have come. When a feed has ended its market stands and nothing passes.
 */
import type { FeedEvent } from "./feed.ts";
import type { PaceClock, Sink } from "./pace.ts";

/** Wall time without an event after which time is let pass, ms. */
export const SILENCE_MS = 1_000;

export interface Silence {
  /** Takes the feed's events on their way to the sink. */
  readonly sink: Sink;
  stop(): void;
}

export interface SilenceOptions {
  readonly sink: Sink;
  /** Told the market time that it is by now, ms since the epoch. */
  readonly idle: (at: number) => void;
  /** Market seconds per wall second. */
  readonly speed: number;
  readonly clock: PaceClock;
}

export function watchSilence({ sink, idle, speed, clock }: SilenceOptions): Silence {
  let last: { readonly wall: number; readonly market: number } | undefined;
  let cancel = clock.after(SILENCE_MS, look);

  function look(): void {
    cancel = clock.after(SILENCE_MS, look);
    if (last === undefined || !Number.isFinite(speed)) return;
    const silent = clock.now() - last.wall;
    if (silent >= SILENCE_MS) idle(Math.floor(last.market + silent * speed));
  }

  return {
    sink(event: FeedEvent) {
      last = { wall: clock.now(), market: event.at };
      return sink(event);
    },
    stop: () => cancel(),
  };
}
