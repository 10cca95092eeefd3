import { describe, expect, it } from "vitest";
import type { Frame } from "./client.ts";
import { Sight } from "./sight.ts";

const frame = (type: string, seq: number, prev: number, events: readonly object[] = []): Frame => ({
  ...{ channel: "fills.a", type, seq, prev, epoch: "e", turn: 1, data: { events } },
});

function seen(...frames: readonly Frame[]) {
  const sight = new Sight();
  return { sight, wrong: frames.map((one) => sight.note(one)).filter((one) => one !== undefined) };
}
const snapshot = frame("snapshot", 5, 0, [
  { seq: 3, prev: 0 },
  { seq: 5, prev: 3 },
]);

describe("what a reader sees of events", () => {
  it("is right when each follows the one before", () => {
    const { sight, wrong } = seen(snapshot, frame("update", 9, 5), frame("hb", 9, 9));
    expect(wrong).toEqual([]);
    expect(sight.difference([3, 5, 9, 12])).toBeUndefined();
  });

  it.each([
    ["an event twice", [snapshot, frame("update", 5, 3)]],
    ["a gap", [snapshot, frame("update", 9, 7)]],
    ["a snapshot of an older state", [snapshot, frame("snapshot", 3, 0, [{ seq: 3, prev: 0 }])]],
    [
      "a snapshot with a hole",
      [
        frame("snapshot", 5, 0, [
          { seq: 3, prev: 0 },
          { seq: 5, prev: 4 },
        ]),
      ],
    ],
  ])("is wrong with %s", (_, frames) => {
    expect(seen(...frames).wrong).toHaveLength(1);
  });

  it("is not what was done when one was never told", () => {
    const { sight } = seen(snapshot, frame("update", 9, 5));
    expect(sight.difference([3, 5, 7, 9])).toBe("saw 3 5 9, done were 3 5 7 9");
  });
});
