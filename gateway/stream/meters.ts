/** What the stream counts. Names are part of the contract: dashboards and alerts read them. */
import type { Counter, Gauge, Histogram, Metrics } from "../observe.ts";

export interface StreamMeters {
  readonly connections: Gauge;
  readonly watchers: Gauge;
  readonly frames: Counter;
  readonly frameBytes: Counter;
  /** Versions that a reader was spared because a newer one was there. */
  readonly conflated: Counter;
  /** Frames that a library let go of: always 0, or it is a defect. */
  readonly dropped: Counter;
  readonly requests: Counter;
  readonly refusals: Counter;
  readonly slowClosed: Counter;
  readonly faults: Counter;
  readonly roundTrip: Histogram;
}

const ROUND_TRIP_SECONDS = [0.001, 0.005, 0.02, 0.1, 0.5, 2, 10];

export function streamMeters(metrics: Metrics): StreamMeters {
  const counter = (name: string, help: string) => metrics.counter(`slidewire_${name}_total`, help);
  return {
    connections: metrics.gauge("slidewire_connections", "Open WebSocket connections."),
    watchers: metrics.gauge("slidewire_subscriptions", "Channels watched, over all connections."),
    frames: counter("frames_sent", "State frames and heartbeats sent."),
    frameBytes: counter("frame_bytes_sent", "Bytes of state frames and heartbeats sent."),
    conflated: counter("conflated", "Versions that a reader was spared for a newer one."),
    dropped: counter("dropped", "Frames lost by a transport. Anything but 0 is a defect."),
    requests: counter("requests", "Requests received, HTTP and WebSocket."),
    refusals: counter("request_errors", "Requests answered with an error."),
    slowClosed: counter("slow_readers_closed", "Connections closed with 4410."),
    faults: counter("faults", "Defects of our own met while serving."),
    roundTrip: metrics.histogram(
      "slidewire_ping_seconds",
      "Time from a ping behind the data to its pong.",
      ROUND_TRIP_SECONDS,
    ),
  };
}
