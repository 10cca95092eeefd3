/** The generator's own lateness, on a clock that the test moves. */
import { describe, expect, it } from "vitest";
import { RING_MS, type RingClock, watchLateness } from "./lateness.ts";

function handClock() {
  let nowMs = 100;
  let waiting: { atMs: number; ring: () => void } | undefined;
  const clock: RingClock = {
    now: () => nowMs,
    after(ms, ring) {
      waiting = { atMs: nowMs + ms, ring };
      return () => {
        waiting = undefined;
      };
    },
  };
  /** The machine is `lateMs` late with the ring that waits. */
  function ring(lateMs: number) {
    const due = waiting!;
    nowMs = due.atMs + lateMs;
    due.ring();
  }
  return { clock, ring, waits: () => waiting !== undefined };
}

describe("watchLateness", () => {
  it("is not late when every ring is on time", () => {
    const { clock, ring } = handClock();
    const { late } = watchLateness(clock);
    for (let i = 0; i < 10; i++) ring(0);
    expect([late.count, late.maxMs]).toEqual([10, 0]);
  });

  it("counts every ring that a stall swallowed, each from its own moment", () => {
    const { clock, ring } = handClock();
    const { late } = watchLateness(clock);
    ring(3 * RING_MS);
    expect(late.count).toBe(4);
    const quantiles = [0.25, 0.5, 0.75, 1].map((share) => Math.round(late.quantileMs(share)));
    expect(quantiles).toEqual([0, 5, 10, 15]);
  });

  it("rings on the old beat after a stall", () => {
    const { clock, ring } = handClock();
    const { late } = watchLateness(clock);
    ring(2);
    ring(0);
    expect([late.count, late.quantileMs(0.5), late.maxMs]).toEqual([2, 0, 2]);
  });

  it("leaves no bell behind", () => {
    const { clock, ring, waits } = handClock();
    const { stop } = watchLateness(clock);
    ring(0);
    stop();
    expect(waits()).toBe(false);
  });
});
