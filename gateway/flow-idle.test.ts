import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { eventsOf, flowOver, smallSim } from "./flow.test-kit.ts";
import { IDLE_MS, tickWhenIdle } from "./flow-idle.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function begun() {
  const feed = smallSim();
  const { flow } = flowOver(feed);
  const events = eventsOf(feed, 3);
  flow.accept(events[0]!);
  return { flow, events, state: flow.engine.state };
}

describe("a flow that hears nothing", () => {
  it("ticks once a wall second, market time standing", () => {
    const { flow, state } = begun();
    const before = { seq: state.seq, at: state.at };
    const stop = tickWhenIdle(flow);
    vi.advanceTimersByTime(3 * IDLE_MS);
    expect([state.seq - before.seq, state.at - before.at]).toEqual([3, 0]);
    stop();
    vi.advanceTimersByTime(3 * IDLE_MS);
    expect(state.seq - before.seq).toBe(3);
  });

  it("follows the market's own clock where there is one", () => {
    const { flow, state } = begun();
    const from = state.at;
    let now = from;
    const stop = tickWhenIdle(flow, () => now);
    for (let i = 0; i < 2; i++) {
      now += IDLE_MS;
      vi.advanceTimersByTime(IDLE_MS);
    }
    expect([state.at, state.market.asOfMs]).toEqual([from + 2 * IDLE_MS, from + 2 * IDLE_MS]);
    stop();
  });

  it("leaves a second alone in which a Turn was closed", () => {
    const { flow, events, state } = begun();
    const stop = tickWhenIdle(flow);
    vi.advanceTimersByTime(IDLE_MS / 2);
    flow.accept(events[1]!);
    const { seq } = state;
    vi.advanceTimersByTime(IDLE_MS);
    expect(state.seq).toBe(seq);
    vi.advanceTimersByTime(IDLE_MS);
    expect(state.seq).toBe(seq + 1);
    stop();
  });
});
