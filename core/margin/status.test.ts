import { describe, expect, it } from "vitest";
import { statuses, statusOf } from "./status.ts";

const requirement = { initial: 100, maintenance: 80 };

describe("the status of an account", () => {
  it.each([
    ["healthy", 110, 110],
    ["healthy at exactly its initial margin", 100, 100],
    ["restricted just below it", 99.999, 101],
    ["restricted at exactly the call", 90, 80 / 0.8],
    ["marginCall just above it", 90, 80 / 0.8 - 1e-9],
    ["marginCall at exactly its maintenance margin", 90, 80],
    ["liquidation just below it", 90, 79.999],
    ["liquidation at nothing", 0, 0],
    ["deficit just below nothing", -1, -1e-9],
  ])("is %s", (expected, initial, maintenance) => {
    const status = statusOf(requirement, { initial, maintenance }, 0.8, false);
    expect(status).toBe(expected.split(" ")[0]);
  });

  it("is healthy with nothing at all", () => {
    const none = { initial: 0, maintenance: 0 };
    expect(statusOf(none, none, 0.9, false)).toBe("healthy");
  });

  it("is called by the share that the terms say", () => {
    const equity = { initial: 200, maintenance: 100 };
    expect(statusOf(requirement, equity, 0.79, false)).toBe("marginCall");
    expect(statusOf(requirement, equity, 0.81, false)).toBe("healthy");
  });

  it.each([
    [-100, -100],
    [1000, 1000],
  ])("is incomplete before anything else (%d, %d)", (initial, maintenance) => {
    expect(statusOf(requirement, { initial, maintenance }, 0.9, true)).toBe("incomplete");
  });

  it("never gets better as equity falls", () => {
    const rank = (equity: number) =>
      statuses.indexOf(statusOf(requirement, { initial: equity, maintenance: equity }, 0.9, false));
    for (let equity = 150; equity > -20; equity -= 0.5) {
      expect(rank(equity - 0.5)).toBeLessThanOrEqual(rank(equity));
    }
  });

  it("is one of seven words, from bad to good", () => {
    expect(statuses).toEqual([
      "incomplete",
      "deficit",
      "liquidation",
      "marginCall",
      "restricted",
      "recovered",
      "healthy",
    ]);
  });
});
