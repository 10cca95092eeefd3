/**
 * Counts latencies at three significant digits over any span, in a fixed 180 kB.
 *
 * The layout of an HdrHistogram: below 2,048 every microsecond has its own counter; from there each
 * doubling of the value has 1,024 counters, so a counter is never wider than 1/1,024 of its value.
 *
 *      value    0 ……… 2047 | 2048 …… 4095 | 4096 …… 8191 | …
 *      width        1      |      2       |      4       |
 *
 * Own code, because the command measures in the installed package too, where the library that its
 * test compares it with is absent.
 */
const HALF = 1_024;
const FULL = 2 * HALF;
/** Longest latency that is told apart, µs: 35 minutes. Beyond it `max` stays exact. */
export const TRACKED_US_MAX = 2 ** 31 - 1;
const COUNTERS = indexOf(TRACKED_US_MAX) + 1;

export interface Histogram {
  /** @param ms ≥ 0; less counts as 0 */
  record(ms: number): void;
  readonly count: number;
  /** The largest recorded value, exact; 0 when empty. */
  readonly maxMs: number;
  /**
   * The least value, to 0.1 %, that at least this share of all recorded do not exceed.
   *
   * @param share in [0, 1]
   * @returns 0 when empty
   */
  quantileMs(share: number): number;
}

export function openHistogram(): Histogram {
  const counts = new Float64Array(COUNTERS);
  let count = 0;
  let maxMs = 0;
  return {
    get count() {
      return count;
    },
    get maxMs() {
      return maxMs;
    },
    record(ms) {
      const us = Math.min(Math.max(Math.round(ms * 1_000), 0), TRACKED_US_MAX);
      counts[indexOf(us)]! += 1;
      count += 1;
      if (ms > maxMs) maxMs = ms;
    },
    quantileMs(share) {
      if (count === 0) return 0;
      const rank = Math.max(1, Math.ceil(share * count));
      let below = 0;
      for (let index = 0; index < COUNTERS; index++) {
        below += counts[index]!;
        if (below >= rank) return Math.min(highest(index) / 1_000, maxMs);
      }
      return maxMs;
    },
  };
}

/** Doublings of a value beyond the exact range: 0 below 2,048. */
function doublings(us: number): number {
  return Math.max(0, 31 - Math.clz32(us) - 10);
}

function indexOf(us: number): number {
  const shift = doublings(us);
  return shift * HALF + (us >>> shift);
}

/** The largest value that a counter stands for. */
function highest(index: number): number {
  if (index < FULL) return index;
  const shift = Math.floor(index / HALF) - 1;
  return (index - shift * HALF + 1) * 2 ** shift - 1;
}
