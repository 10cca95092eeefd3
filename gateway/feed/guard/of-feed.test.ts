/** How a feed is judged follows from what it says of itself. */
import { describe, expect, it } from "vitest";
import { guardOf, isAlone } from "./of-feed.ts";

describe("a feed", () => {
  it.each([
    ["sim", { trusted: true }],
    ["replay", { trusted: true, barMs: 7_200_000 }],
    ["push", { trusted: true, barMs: 7_200_000 }],
  ] as const)("%s is judged by %j: only a simulation comes as it trades", (name, expected) => {
    expect(guardOf({ name, trusted: true, barMs: 7_200_000 })).toEqual(expected);
  });

  it.each([
    [{}, false],
    [{ trusted: false }, true],
    [{ trusted: false, sources: ["a"] }, true],
    [{ trusted: false, sources: ["a", "b"] }, false],
  ])("with %j stands alone: %s", (options, alone) => {
    expect(isAlone(options)).toBe(alone);
  });
});
