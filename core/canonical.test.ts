/** Canonical JSON: the RFC's own example, the order of names, and everything JSON cannot say. */
import { describe, expect, it } from "vitest";
import { CANONICAL_DEPTH_MAX, canonicalJson } from "./canonical.ts";

describe("canonicalJson", () => {
  it("writes numbers and strings as the example of RFC 8785 3.2.2 does", () => {
    const document = {
      numbers: [Number("333333333.33333329"), 1e30, 4.5, 2e-3, 0.000000000000000000000000001],
      string: '€$\u000f\nA\'B"\\\\"/',
      literals: [null, true, false],
    };
    expect(canonicalJson(document)).toBe(
      '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],' +
        '"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
    );
  });

  it("sorts names by UTF-16 code unit, as RFC 8785 3.2.3 does", () => {
    const names = ["€", "\r", "\ufb33", "1", "😀", "\u0080", "ö"];
    const document = Object.fromEntries(names.map((name, i) => [name, i]));
    const sorted = Object.keys(JSON.parse(canonicalJson(document)) as object).filter(
      (n) => n !== "1",
    );
    expect(sorted).toEqual(["\r", "\u0080", "ö", "€", "😀", "\ufb33"]);
    expect(canonicalJson({ b: 1, a: { d: 2, c: 3 } })).toBe('{"a":{"c":3,"d":2},"b":1}');
  });

  it.each([
    ["zero", 0, "0"],
    ["minus zero", -0, "0"],
    ["the smallest double", 5e-324, "5e-324"],
    ["the largest", 1.7976931348623157e308, "1.7976931348623157e+308"],
    ["the last without an exponent", 1e20, "100000000000000000000"],
    ["the first with one", 1e21, "1e+21"],
    ["a small fraction", 1e-7, "1e-7"],
  ])("prints %s as ECMAScript does", (_, value, text) => {
    expect(canonicalJson(value)).toBe(text);
  });

  it.each([
    ["NaN", { a: [Number.NaN] }, "not_finite", "a[0]"],
    ["an infinity", { a: { b: Number.POSITIVE_INFINITY } }, "not_finite", "a.b"],
    ["undefined", { a: undefined }, "wrong_type", "a"],
    ["a function", { a: () => 1 }, "wrong_type", "a"],
    ["a bigint", [1n], "wrong_type", "[0]"],
    ["a lone surrogate", ["\ud800"], "wrong_type", "[0]"],
    ["a lone surrogate as a name", { "\udc00": 1 }, "wrong_type", "\udc00"],
  ])("refuses %s", (_, value, code, path) => {
    expect(() => canonicalJson(value)).toThrow(
      expect.objectContaining({ code, detail: expect.objectContaining({ path }) }),
    );
  });

  it("ends at its depth, so that a cycle is an error and not a full stack", () => {
    const cycle: { self?: unknown } = {};
    cycle.self = cycle;
    expect(() => canonicalJson(cycle)).toThrow(/limit_exceeded/);
    let deep: unknown = 1;
    for (let i = 0; i < CANONICAL_DEPTH_MAX; i++) deep = [deep];
    expect(canonicalJson(deep)).toHaveLength(2 * CANONICAL_DEPTH_MAX + 1);
  });
});
