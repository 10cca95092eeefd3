/**
 * What the pacing of a feed tells of itself: when marks were due, and how far the market slipped.
 *
 *      a mark of market time m is due at   wall + (m - market) / speed
 *
 * Whoever measures latency from outside needs that moment, and not the one at which a busy process
 * got round to the mark: otherwise the delays that matter most are the ones left out.
 */
import type { Metrics } from "../observe.ts";
import type { Playing } from "./pace.ts";

/** Names are part of the contract: dashboards and the load test read them. */
export const feedGauges = {
  speed: "slidewire_feed_speed",
  wallMs: "slidewire_feed_anchor_wall_ms",
  marketMs: "slidewire_feed_anchor_market_ms",
  slippedMs: "slidewire_feed_slipped_ms",
} as const;

/**
 * Adds the gauges of a feed under way to the registry.
 *
 * @param speed market time over wall time; Infinity, a feed without waiting, is shown as 0
 */
export function feedMeters(metrics: Metrics, playing: Playing, speed: number): void {
  const { wallMs, marketMs, slippedMs } = feedGauges;
  const paced = Number.isFinite(speed) ? speed : 0;
  metrics.gauge(feedGauges.speed, "Market time over wall time; 0 without pacing.", () => paced);
  metrics.gauge(
    wallMs,
    "Wall time of the pacing anchor, ms since the epoch.",
    () => playing.anchor()?.wall ?? 0,
  );
  metrics.gauge(
    marketMs,
    "Market time of the pacing anchor, ms since the epoch.",
    () => playing.anchor()?.market ?? 0,
  );
  metrics.gauge(slippedMs, "Wall time by which the market fell behind its speed, ms.", () =>
    playing.slippedMs(),
  );
}
