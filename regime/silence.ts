/**
 * Silence: what a feed that has stopped for long adds to the initial side.
 *
 * Nobody knows the price, so what new risk must hold widens hour by hour toward the class's prior
 * range. The publisher's own value and the maintenance side are held: a silence is no evidence
 * about the market and liquidates nobody. For the same reason the width goes when the feed has been
 * back for as long as counts as a long silence; what the market did meanwhile has by then come in
 * as a return. Were it put into the value, every gap would have to be forgotten at the pace of
 * a fall, and a market that closes every week would never come down again.
 */
import type { Pace } from "./pace.ts";

export interface Silence {
  /** Unrounded; 0: nothing is added. */
  value: number;
  /** Bars with marks on end while it lasts. */
  freshBars: number;
}

export const startSilence = (): Silence => ({ value: 0, freshBars: 0 });

export interface Held {
  /** Bars without marks on end. */
  readonly staleBars: number;
  /** The publisher's value, and the range that a silence leads to. */
  readonly range: number;
  readonly prior: number;
}

/** One bar passes. */
export function foldSilence(silence: Silence, pace: Pace, held: Held): void {
  const { staleBars, range, prior } = held;
  silence.freshBars = staleBars === 0 ? silence.freshBars + 1 : 0;
  if (staleBars >= pace.longStaleBars) {
    const widened = Math.max(silence.value, range) * pace.staleWiden;
    silence.value = Math.min(prior, widened);
  }
  if (silence.value <= range || silence.freshBars >= pace.longStaleBars) silence.value = 0;
}
