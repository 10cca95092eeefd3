/** The guard's gauges: they say what the guard says. */
import { expect, it } from "vitest";
import { createMetrics } from "../../observe.ts";
import { all, openRoom, START_MS } from "./guard.test-kit.ts";
import { guardMeters } from "./meters.ts";

it("the guard's gauges tell reasons, states and quarantined sources", () => {
  const metrics = createMetrics();
  const room = openRoom({ sources: ["a", "b", "c"] });
  guardMeters(metrics, room.guard);
  room.say("BTC", START_MS, all(["a", "b", "c"], 100));
  for (let i = 1; i <= 5; i++)
    room.say("BTC", START_MS + i * 1_000, { a: 150, b: 100, c: Number.NaN });
  room.guard.review(START_MS + 9_000);
  const lines = metrics.render().split("\n");
  expect(lines).toEqual(
    expect.arrayContaining([
      "slidewire_marks_state 1",
      "slidewire_marks_stale 1",
      "slidewire_marks_quarantined_sources 1",
      "slidewire_marks_refused_not_finite 5",
      "slidewire_marks_refused_unknown 0",
    ]),
  );
});
