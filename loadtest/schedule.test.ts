/** The schedule: from a sender's gauges to the moment at which every mark was due. */
import { describe, expect, it } from "vitest";
import { RiskError } from "../core/errors.ts";
import { dueMs, readingsOf, type Schedule, scheduleOf, windowFrom } from "./schedule.ts";

const schedule: Schedule = { speed: 10, wallMs: 1_000_000, marketMs: 50_000 };

describe("dueMs", () => {
  it.each([
    ["the anchor itself", 50_000, 1_000_000],
    ["a mark after it", 51_000, 1_000_100],
    ["a mark before it", 49_000, 999_900],
  ])("places %s", (_, market, wall) => {
    expect(dueMs(schedule, market)).toBe(wall);
  });
});

describe("windowFrom", () => {
  it.each([
    ["between two marks", 1_000_050, 2, 51_000, 20],
    ["on a mark", 1_000_100, 2, 51_000, 20],
    ["before the anchor", 999_950, 1, 50_000, 10],
    ["shorter than a mark", 1_000_050, 0.01, 51_000, 1],
  ])("begins with the first mark to come, seen %s", (_, nowMs, seconds, firstMs, count) => {
    const window = windowFrom(schedule, { nowMs, seconds, stepMs: 1_000 });
    expect([window.firstMs, window.count]).toEqual([firstMs, count]);
    expect(window.lastMs).toBe(firstMs + (count - 1) * 1_000);
    expect(window.startMs).toBeGreaterThanOrEqual(nowMs);
    expect(window.endMs - window.startMs).toBeCloseTo(count * 100, 6);
  });
});

describe("scheduleOf", () => {
  it("reads the gauges of a feed that plays", () => {
    const text = [
      "# TYPE slidewire_feed_speed gauge",
      "slidewire_feed_speed 10",
      "slidewire_feed_anchor_wall_ms 1795371975514.775",
      "slidewire_feed_anchor_market_ms 1718582400000",
      'slidewire_ping_seconds_bucket{le="+Inf"} 5',
      "",
    ].join("\n");
    expect(scheduleOf(readingsOf(text))).toEqual({
      speed: 10,
      wallMs: 1_795_371_975_514.775,
      marketMs: 1_718_582_400_000,
    });
  });

  it.each([
    ["has no feed", ""],
    ["has not begun", "slidewire_feed_speed 10\nslidewire_feed_anchor_wall_ms 0"],
    ["does not pace", "slidewire_feed_speed 0\nslidewire_feed_anchor_wall_ms 5"],
  ])("refuses a sender that %s", (_, text) => {
    expect(() => scheduleOf(readingsOf(text))).toThrow(RiskError);
  });
});
