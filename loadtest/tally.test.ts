/** The open-loop account, on moments that the test decides. */
import { describe, expect, it } from "vitest";
import type { Glance } from "./glance.ts";
import { type Schedule, windowFrom } from "./schedule.ts";
import { openTally, type Tally } from "./tally.ts";

/** Ten marks a second: mark k, of market time 1,000 k, is due at wall time 100 k. */
const schedule: Schedule = { speed: 10, wallMs: 0, marketMs: 0 };
/** Marks 10 to 14, due at 1,000 to 1,400. */
const window = windowFrom(schedule, { nowMs: 1_000, seconds: 0.5, stepMs: 1_000 });

function update(seq: number, mark: number, more: Partial<Glance> = {}): Glance {
  return { type: "update", prev: seq - 1, seq, conflated: 0, markTs: 1_000 * mark, ...more };
}

/** A tally of one subscriber that has seen mark 9, in the window. */
function begun(): Tally {
  const tally = openTally(1);
  tally.frame(0, update(1, 9, { type: "snapshot", prev: 0 }), 100, 905);
  tally.open(window);
  return tally;
}

function latencies({ latency }: Tally): number[] {
  return Array.from({ length: latency.count }, (_, i) =>
    latency.quantileMs((i + 1) / latency.count),
  ).map((ms) => Math.round(ms));
}

describe("a tally", () => {
  it("takes each mark from its intended moment", () => {
    const tally = begun();
    [5, 7, 9, 11, 13].forEach((late, i) => {
      tally.frame(0, update(i + 2, 10 + i), 100, 1_000 + 100 * i + late);
    });
    expect(latencies(tally)).toEqual([5, 7, 9, 11, 13]);
    expect(tally.settled()).toBe(true);
    expect([tally.frames, tally.frameBytes, tally.dropped, tally.unseen]).toEqual([5, 500, 0, 0]);
  });

  it("charges the marks that one frame covers, each from its own moment", () => {
    const tally = begun();
    tally.frame(0, update(2, 14), 100, 1_450);
    expect(latencies(tally)).toEqual([50, 150, 250, 350, 450]);
    expect([tally.frames, tally.settled()]).toEqual([1, true]);
  });

  it("charges marks that never came as late as they are at the end", () => {
    const tally = begun();
    tally.frame(0, update(2, 12), 100, 1_205);
    tally.close(1_900);
    expect(latencies(tally)).toEqual([5, 105, 205, 500, 600]);
    expect(tally.unseen).toBe(2);
  });

  it("leaves out what was due before the window and after it", () => {
    const tally = begun();
    tally.frame(0, update(2, 9), 100, 1_001);
    tally.frame(0, update(3, 10), 100, 1_002);
    tally.frame(0, update(4, 20), 100, 2_000);
    expect(latencies(tally)).toEqual([2, 600, 700, 800, 900]);
    tally.frame(0, update(5, 21), 100, 2_100);
    expect(tally.latency.count).toBe(5);
  });

  it.each([
    ["the next version", update(2, 10), 0],
    ["a version after a lost one", update(3, 10), 1],
    ["one that the sender skipped to, and says so", update(4, 10, { prev: 1, conflated: 2 }), 0],
    ["a heartbeat", update(7, 9, { type: "hb" }), 0],
  ])("knows a lost frame: %s", (_, frame, dropped) => {
    const tally = begun();
    tally.frame(0, frame, 100, 1_010);
    expect(tally.dropped).toBe(dropped);
    expect(tally.conflated).toBe(frame.conflated);
  });

  it("keeps subscribers apart, and waits for the last of them", () => {
    const tally = openTally(2);
    tally.frame(0, update(1, 9, { type: "snapshot" }), 100, 900);
    expect(tally.begun).toBe(1);
    tally.frame(1, update(5, 9, { type: "snapshot" }), 100, 900);
    expect(tally.begun).toBe(2);
    tally.open(window);
    tally.frame(0, update(2, 14), 100, 1_400);
    expect(tally.settled()).toBe(false);
    tally.frame(1, update(6, 14), 100, 1_400);
    expect([tally.settled(), tally.dropped, tally.latency.count]).toEqual([true, 0, 10]);
  });

  it("charges every mark to a subscriber that saw nothing at all", () => {
    const tally = openTally(1);
    tally.open(window);
    tally.close(1_400);
    expect(latencies(tally)).toEqual([0, 100, 200, 300, 400]);
  });
});
