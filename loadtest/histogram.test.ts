/** The histogram against sorting everything, and against the library whose layout it has. */
import { build } from "hdr-histogram-js";
import { describe, expect, it } from "vitest";
import { openHistogram, TRACKED_US_MAX } from "./histogram.ts";

const shares = [0, 0.001, 0.5, 0.9, 0.99, 0.999, 1];

/** Latencies as they come: most small, some huge. Seeded; in ms with µs digits. */
function sample(seed: number, count: number): number[] {
  let state = seed;
  return Array.from({ length: count }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.round(1_000 * Math.exp((state / 2 ** 32) ** 3 * 14)) / 1_000;
  });
}

/** The definition: the value at rank ⌈share · count⌉ of the sorted list. */
function byDefinition(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(1, Math.ceil(share * values.length)) - 1]!;
}

describe("openHistogram", () => {
  it.each([1, 2, 3])("finds every quantile to a thousandth (seed %d)", (seed) => {
    const values = sample(seed, 10_000);
    const histogram = openHistogram();
    for (const ms of values) histogram.record(ms);
    for (const share of shares) {
      const exact = byDefinition(values, share);
      const found = histogram.quantileMs(share);
      expect(found).toBeGreaterThanOrEqual(exact);
      expect(found).toBeLessThanOrEqual(exact * (1 + 1 / 1_024));
    }
  });

  it("agrees with hdr-histogram-js counter by counter", () => {
    const peer = build({
      lowestDiscernibleValue: 1,
      highestTrackableValue: TRACKED_US_MAX,
      numberOfSignificantValueDigits: 3,
    });
    const histogram = openHistogram();
    for (const ms of sample(4, 10_000)) {
      histogram.record(ms);
      peer.recordValue(Math.round(ms * 1_000));
    }
    for (const share of [0.01, 0.5, 0.9, 0.99, 0.999]) {
      const found = Math.round(histogram.quantileMs(share) * 1_000);
      expect(found).toBe(peer.getValueAtPercentile(100 * share));
    }
  });

  it.each([
    ["the last exact value", 2.047, 2.047],
    ["the first that shares a counter", 2.048, 2.048],
    ["less than nothing", -3, 0],
    ["more than is tracked", 1e10, 1e10],
  ])("keeps %s", (_, ms, expected) => {
    const histogram = openHistogram();
    histogram.record(ms);
    if (ms <= 1e9) expect(histogram.quantileMs(1)).toBe(expected);
    expect(histogram.maxMs).toBe(expected);
    expect(histogram.count).toBe(1);
  });

  it("answers 0 when nothing was recorded", () => {
    const empty = openHistogram();
    expect([empty.count, empty.maxMs, empty.quantileMs(0.99)]).toEqual([0, 0, 0]);
  });
});
