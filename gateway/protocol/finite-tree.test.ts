/** The last look at figures: every place where a NaN could hide. */
import { describe, expect, it } from "vitest";
import { requireFinite } from "./finite-tree.ts";

describe("requireFinite", () => {
  it.each([[0], ["NaN"], [null], [undefined], [{ a: [1, { b: -1e300 }], c: "x" }], [[]]])(
    "lets %j pass",
    (tree) => {
      expect(() => requireFinite(tree)).not.toThrow();
    },
  );

  it.each([
    ["at the top", Number.NaN],
    ["in a member", { equity: Number.NaN }],
    ["in a list", { rows: [1, Number.POSITIVE_INFINITY] }],
    ["deep down", { a: { b: [{ c: Number.NEGATIVE_INFINITY }] } }],
  ])("stops what is not finite %s", (_, tree) => {
    expect(() => requireFinite(tree)).toThrow(/risk_not_finite/);
  });

  it("stops a cycle", () => {
    const cycle: { self?: unknown } = {};
    cycle.self = cycle;
    expect(() => requireFinite(cycle)).toThrow(/invariant_broken/);
  });
});
