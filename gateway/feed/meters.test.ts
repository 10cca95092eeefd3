/** The feed's gauges: they say when a mark was due, also after the market slipped. */
import { describe, expect, it } from "vitest";
import { createMetrics } from "../observe.ts";
import { feedGauges, feedMeters } from "./meters.ts";
import type { Anchor, Playing } from "./pace.ts";

function playingAt(anchor: Anchor | undefined, slippedMs = 0): Playing {
  return {
    done: Promise.resolve(),
    stop: () => {},
    slippedMs: () => slippedMs,
    anchor: () => anchor,
  };
}

function gaugesOf(playing: Playing, speed: number) {
  const metrics = createMetrics();
  feedMeters(metrics, playing, speed);
  return Object.values(feedGauges).map((name) => metrics.gauge(name, "").value());
}

describe("feedMeters", () => {
  it.each([
    ["before the first event", undefined, 60, 0, [60, 0, 0, 0]],
    ["once it plays", { wall: 250, market: 5_000 }, 60, 0, [60, 250, 5_000, 0]],
    ["after a slip", { wall: 900, market: 9_000 }, 10, 410, [10, 900, 9_000, 410]],
    ["without pacing", { wall: 1, market: 2 }, Number.POSITIVE_INFINITY, 0, [0, 1, 2, 0]],
  ])("tells speed, anchor and slip %s", (_, anchor, speed, slipped, expected) => {
    expect(gaugesOf(playingAt(anchor, slipped), speed)).toEqual(expected);
  });
});
