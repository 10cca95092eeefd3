import { describe, expect, it } from "vitest";
import { EXACT_DEPTH_MAX, exactText, fromExactText } from "./exact-json.ts";

const back = (value: unknown) => fromExactText(exactText(value));

describe("exact JSON", () => {
  it.each([
    ["null", null],
    ["texts, lone surrogates among them", ["", 'a"\\\n', "é", "\ud800", "😀"]],
    ["numbers to the bit", [0, 0.1, 5e-324, 1.797e308, -1 / 3, 2 ** 53]],
    ["minus zero", [-0, { a: -0 }]],
    ["bigints of any size", [0n, -1n, 2n ** 200n]],
    ["undefined members", { a: undefined, b: [undefined] }],
    [
      "maps in their order, nested",
      new Map([
        ["b", new Map([["x", 1n]])],
        ["a", new Map()],
      ]),
    ],
    [
      "maps by other keys",
      new Map<unknown, unknown>([
        [1, 2],
        [3n, null],
      ]),
    ],
    ["sets", new Set(["b", 1, 2n])],
    ["columns", Float64Array.from([1, -0, 0.1])],
    ["objects that use the tag", { "~": "map", of: [["~", { "~": 1 }]] }],
    ["names of integers and of prototypes", { 10: 1, 9: 2, constructor: 3, a: 4 }],
  ])("gives back %s", (_what, value) => {
    expect(back(value)).toStrictEqual(value);
  });

  it("keeps the order of entries and of members", () => {
    const map = new Map([
      ["z", 1],
      ["a", 2],
      ["5", 3],
    ]);
    expect([...(back(map) as Map<string, number>)]).toEqual([...map]);
    expect(Object.keys(back({ z: 1, a: 2 }) as object)).toEqual(["z", "a"]);
  });

  it("gives back an own member called __proto__", () => {
    const odd = JSON.parse('{"__proto__": 1, "a": 2}');
    expect(Object.entries(back(odd) as object)).toEqual(Object.entries(odd));
  });

  it.each([
    ["NaN", Number.NaN, /not_finite/],
    ["infinity", [Number.POSITIVE_INFINITY], /not_finite/],
    ["a function", { a: () => 1 }, /wrong_type/],
    ["a symbol", [Symbol("a")], /wrong_type/],
    ["an object of a class", new Date(0), /wrong_type/],
    ["other columns", new Uint8Array(2), /wrong_type/],
  ])("refuses %s, which it could not give back", (_what, value, error) => {
    expect(() => exactText(value)).toThrow(error);
  });

  it("refuses a circle and what is nested too deep", () => {
    const circle: unknown[] = [];
    circle.push(circle);
    expect(() => exactText(circle)).toThrow(/limit_exceeded/);
    let deep: unknown = 1;
    for (let i = 0; i < EXACT_DEPTH_MAX; i++) deep = [deep];
    expect(back(deep)).toStrictEqual(deep);
    expect(() => exactText([deep])).toThrow(/limit_exceeded/);
  });

  it.each(["", "{", '{"~": "other"}', '{"~": "bigint", "of": "x"}', '{"~": "bigint"}'])(
    "refuses the text %j",
    (text) => {
      expect(() => fromExactText(text)).toThrow(/malformed_json/);
    },
  );
});
