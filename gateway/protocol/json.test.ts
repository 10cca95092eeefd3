/** The JSON reader: equal to JSON.parse on what both take, stricter on what it should not take. */
import { describe, expect, it } from "vitest";
import { RiskError } from "../../core/errors.ts";
import { seededChance } from "./chance.test-kit.ts";
import { parseJson } from "./json.ts";

const DEPTH = 16;

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
    expect(parseJson(text, DEPTH)).toEqual(JSON.parse(text));
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
    expect(() => parseJson(text, DEPTH)).toThrow(expect.objectContaining({ code }));
  });

  it("takes nesting up to its limit and not a level more", () => {
    const nested = (depth: number) => "[".repeat(depth) + "]".repeat(depth);
    expect(() => parseJson(nested(DEPTH + 1), DEPTH)).not.toThrow();
    expect(() => parseJson(nested(DEPTH + 2), DEPTH)).toThrow(/limit_exceeded/);
    expect(() => parseJson(nested(60_000), DEPTH)).toThrow(/limit_exceeded/);
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
        ours = parseJson(text, DEPTH);
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

  it("reads the largest frame within 50 ms, whatever it is made of", () => {
    const bytes = 65_536;
    const worst = [
      `"${"a".repeat(bytes)}"`,
      `"${"\\n".repeat(bytes / 2)}"`,
      `[${"0,".repeat(bytes / 2)}0]`,
      " ".repeat(bytes),
      `{${Array.from({ length: 6_000 }, (_, i) => `"n${i}":${i}`).join(",")}}`,
      `1${"0".repeat(bytes)}`,
    ];
    for (const text of worst) {
      const before = performance.now();
      try {
        parseJson(text, DEPTH);
      } catch (error) {
        if (!(error instanceof RiskError)) throw error;
      }
      expect(performance.now() - before).toBeLessThan(50);
    }
  });
});
