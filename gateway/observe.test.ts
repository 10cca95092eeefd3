/** Metrics: the text that a Prometheus server reads, to the letter. */
import { describe, expect, it } from "vitest";
import { createMetrics, METRICS_MAX } from "./observe.ts";

describe("metrics", () => {
  it("are written as Prometheus reads them", () => {
    const metrics = createMetrics();
    const sent = metrics.counter("sent_total", "Frames sent.");
    sent.add();
    sent.add(2);
    metrics.gauge("open", "Open now.").set(5);
    metrics.gauge("asked", "Asked at each rendering.", () => 7);
    const seconds = metrics.histogram("wait_seconds", "Waits.", [0.1, 1]);
    for (const value of [0.05, 0.1, 0.5, 3]) seconds.observe(value);
    expect(metrics.render()).toBe(
      [
        "# HELP sent_total Frames sent.",
        "# TYPE sent_total counter",
        "sent_total 3",
        "# HELP open Open now.",
        "# TYPE open gauge",
        "open 5",
        "# HELP asked Asked at each rendering.",
        "# TYPE asked gauge",
        "asked 7",
        "# HELP wait_seconds Waits.",
        "# TYPE wait_seconds histogram",
        'wait_seconds_bucket{le="0.1"} 2',
        'wait_seconds_bucket{le="1"} 3',
        'wait_seconds_bucket{le="+Inf"} 4',
        "wait_seconds_sum 3.65",
        "wait_seconds_count 4",
        "",
      ].join("\n"),
    );
  });

  it("are the same when asked for twice", () => {
    const metrics = createMetrics();
    metrics.counter("a_total", "A.").add();
    expect(metrics.counter("a_total", "A.").value()).toBe(1);
  });

  it("have plain names, and an end", () => {
    const metrics = createMetrics();
    expect(() => metrics.counter('a{account="mm-1"}', "A.")).toThrow(/invariant_broken/);
    for (let i = 0; i < METRICS_MAX; i++) metrics.counter(`m${i}`, "M.");
    expect(() => metrics.counter("one_more", "M.")).toThrow(/invariant_broken/);
  });
});
