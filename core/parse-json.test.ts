/** The JSON reader: equal to JSON.parse on what both take, stricter on what it should not take. */
import { describe, expect, it } from "vitest";
import { seededChance } from "./chance.test-kit.ts";
import { RiskError } from "./errors.ts";
import { parseJson } from "./parse-json.ts";

const depthMax = 16;

describe("parseJson", () => {
  it.each([
    ["null", "null"],
    ["true", " true "],
    ["a number", "-12.5e-3"],
    ["zero", "0"],
    ["a text with escapes", '"a\\u00e9\\n\\"\\\\\\/"'],
    ["a pair of surrogates", '"\\ud83d\\ude00"'],
    ["an empty object", "{ }"],
    ["an empty array", "[ ]"],
    ["nesting", '{"a":[1,{"b":[]}],"c":{"d":null}}'],
  ])("reads %s as JSON.parse does", (_, text) => {
    expect(parseJson(text, { depthMax })).toEqual(JSON.parse(text));
  });

  it.each([
    ["nothing", "", "malformed_json"],
    ["two documents", "{} {}", "malformed_json"],
    ["a trailing comma", "[1,]", "malformed_json"],
    ["a leading zero", "01", "malformed_json"],
    ["a plus", "+1", "malformed_json"],
    ["hexadecimal", "0x10", "malformed_json"],
    ["NaN", "NaN", "malformed_json"],
    ["single quotes", "{'a':1}", "malformed_json"],
    ["an unquoted name", "{a:1}", "malformed_json"],
    ["a raw line break in a text", '"a\nb"', "malformed_json"],
    ["a bad escape", '"\\x41"', "malformed_json"],
    ["an open text", '"abc', "malformed_json"],
    ["an open object", '{"a":1', "malformed_json"],
    ["an infinity by its exponent", "1e999", "not_finite"],
    ["a name that stands twice", '{"a":1,"a":2}', "unknown_key"],
    ["a name twice by its escape", '{"a":1,"\\u0061":2}', "unknown_key"],
    ["__proto__", '{"__proto__":{"admin":true}}', "unknown_key"],
    ["__proto__ by its escape", '{"\\u005f_proto__":1}', "unknown_key"],
  ])("refuses %s", (_, text, code) => {
    expect(() => parseJson(text, { depthMax })).toThrow(expect.objectContaining({ code }));
  });

  it("takes nesting up to its limit and not a level more", () => {
    const nested = (depth: number) => "[".repeat(depth) + "]".repeat(depth);
    expect(() => parseJson(nested(depthMax + 1), { depthMax })).not.toThrow();
    expect(() => parseJson(nested(depthMax + 2), { depthMax })).toThrow(/limit_exceeded/);
    expect(() => parseJson(nested(60_000), { depthMax })).toThrow(/limit_exceeded/);
  });

  it("takes text up to its length and not a character more", () => {
    const limits = { depthMax, charactersMax: 4, name: "note" };
    expect(parseJson("null", limits)).toBeNull();
    expect(refusalOf(() => parseJson("null ", limits))).toMatchObject({
      code: "limit_exceeded",
      detail: { path: "note", expected: "at most 4 characters", found: "5" },
    });
  });

  it.each([
    ["a name that stands twice", '{"a":\n[0,{"b":1,\n"b":2}]}', "unknown_key", "a[1].b", 3],
    [
      "a name like the prototype's",
      '{"a b":{"__proto__":1}}',
      "unknown_key",
      '["a b"].__proto__',
      1,
    ],
    ["a number without end", '{"a":[1,\n2e999]}', "not_finite", "a[1]", 2],
    ["a mark too many", '{"a":\n\n1,}', "malformed_json", "note", 3],
    ["nesting", "\n[[[[[]]]]]", "limit_exceeded", "note", 2],
  ])("tells where %s is, and its line where the text has a name", (_, text, code, path, line) => {
    const told = refusalOf(() => parseJson(text, { depthMax: 3, name: "note" }));
    expect({ code: told.code, path: told.detail.path, line: told.detail.line }).toEqual({
      code,
      path,
      line,
    });
    expect(told.detail.expected).toBeTruthy();
    expect(told.detail.found).toBeTruthy();
  });

  it("tells the character, and no line, where the text has no name", () => {
    expect(refusalOf(() => parseJson('{"a" 1}', { depthMax })).detail).toEqual({
      expected: '":"',
      found: '"1" at character 5',
    });
    expect(refusalOf(() => parseJson('{"a":1,"a":2}', { depthMax })).detail).toEqual({
      path: "a",
      expected: "each name once",
      found: '"a"',
    });
  });

  it("agrees with JSON.parse on 50,000 mutated requests, or refuses; seed 7", () => {
    const chance = seededChance(7);
    const request =
      '{"jsonrpc":"2.0","id":7,"method":"auth","params":{"a":[1.5,"é\\n",null,true]}}';
    let taken = 0;
    for (let i = 0; i < 50_000; i++) {
      const text = chance.mutated(request);
      let ours: unknown;
      try {
        ours = parseJson(text, { depthMax });
      } catch (error) {
        if (!(error instanceof RiskError)) throw error;
        continue;
      }
      taken += 1;
      if (JSON.stringify(ours) !== JSON.stringify(JSON.parse(text)))
        expect(text).toBe("read alike");
    }
    expect(taken).toBeGreaterThan(1_000);
  });

  it.each([
    ["a frame of 64 KiB", 65_536, 50],
    ["a document of 1 MiB", 1_048_576, 2_000],
  ])("reads %s in time, whatever it is made of", (_, bytes, msMax) => {
    const worst = [
      `"${"a".repeat(bytes)}"`,
      `"${"\\n".repeat(bytes / 2)}"`,
      `[${"0,".repeat(bytes / 2)}0]`,
      " ".repeat(bytes),
      `{${Array.from({ length: Math.floor(bytes / 11) }, (_, i) => `"n${i}":${i}`).join(",")}}`,
      `1${"0".repeat(bytes)}`,
    ];
    for (const text of worst) {
      const before = performance.now();
      try {
        parseJson(text, { depthMax });
      } catch (error) {
        if (!(error instanceof RiskError)) throw error;
      }
      expect(performance.now() - before).toBeLessThan(msMax);
    }
  });
});

function refusalOf(run: () => unknown): RiskError {
  try {
    run();
  } catch (error) {
    if (error instanceof RiskError) return error;
    throw error;
  }
  throw new RiskError("invariant_broken", { expected: "a refusal", found: "none" });
}
