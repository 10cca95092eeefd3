/** How a feed is judged follows from what it says of itself. */
import { describe, expect, it } from "vitest";
import { guardOf, isAlone } from "./of-feed.ts";

describe("a feed", () => {
  it.each([
    ["sim", { sources: ["a"], trusted: true }],
    ["replay", { sources: ["a"], trusted: true, barMs: 7_200_000 }],
    ["push", { sources: ["a"], trusted: true, barMs: 7_200_000 }],
  ] as const)("%s is judged by %j: only a simulation comes as it trades", (name, expected) => {
    const of = { trusted: true, barMs: 7_200_000 };
    expect(guardOf({ name, sources: [{ name: "a" }], ...of })).toEqual(expected);
  });

  it("of several sources is judged by all of them, whoever vouches for it", () => {
    const sources = [{ name: "a" }, { name: "b" }];
    const of = { name: "push", trusted: true, barMs: 60_000 } as const;
    expect(guardOf({ ...of, sources })).toMatchObject({ sources: ["a", "b"], trusted: false });
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
