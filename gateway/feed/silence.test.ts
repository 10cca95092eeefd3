import { describe, expect, it } from "vitest";
import type { FeedEvent } from "./feed.ts";
import type { PaceClock } from "./pace.ts";
import { SILENCE_MS, watchSilence } from "./silence.ts";

/** A clock that rings when it is moved. */
function manualClock(): PaceClock & { move(ms: number): void } {
  let now = 0;
  let alarms: { readonly at: number; readonly ring: () => void }[] = [];
  return {
    now: () => now,
    after(ms, ring) {
      const alarm = { at: now + ms, ring };
      alarms.push(alarm);
      return () => {
        alarms = alarms.filter((other) => other !== alarm);
      };
    },
    move(ms) {
      now += ms;
      const due = alarms.filter(({ at }) => at <= now);
      alarms = alarms.filter(({ at }) => at > now);
      for (const { ring } of due) ring();
    },
  };
}

const event = (at: number): FeedEvent => ({ kind: "marks", at, marks: [] });

function watched(speed: number) {
  const clock = manualClock();
  const passed: number[] = [];
  const events: number[] = [];
  const silence = watchSilence({
    sink: (of) => void events.push(of.at),
    idle: (at) => passed.push(at),
    speed,
    clock,
  });
  return { clock, passed, events, silence };
}

describe("watchSilence", () => {
  it("passes events through and says nothing while they come", () => {
    const { clock, passed, events, silence } = watched(60);
    for (let i = 0; i < 10; i++) {
      silence.sink(event(1_000 * i));
      clock.move(SILENCE_MS / 2);
    }
    expect([passed, events.length]).toEqual([[], 10]);
  });

  it.each([
    // speed  market time after one, two and three silent seconds
    [1, [5_000 + 1_000, 5_000 + 2_000, 5_000 + 3_000]],
    [60, [5_000 + 60_000, 5_000 + 120_000, 5_000 + 180_000]],
  ])("lets market time go on at speed %i, a wall second at a time", (speed, expected) => {
    const { clock, passed, silence } = watched(speed);
    silence.sink(event(5_000));
    for (let i = 0; i < 3; i++) clock.move(SILENCE_MS);
    expect(passed).toEqual(expected);
  });

  it.each([
    ["before the first event", 60, false],
    ["at infinite speed", Number.POSITIVE_INFINITY, true],
  ])("says nothing %s", (_, speed, marked) => {
    const { clock, passed, silence } = watched(speed);
    if (marked) silence.sink(event(5_000));
    clock.move(SILENCE_MS);
    expect(passed).toEqual([]);
  });

  it("says nothing more once stopped", () => {
    const { clock, passed, silence } = watched(1);
    silence.sink(event(5_000));
    silence.stop();
    clock.move(SILENCE_MS);
    expect(passed).toEqual([]);
  });
});
