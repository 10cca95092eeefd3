/**
 * The MessagePack reader: the inverse of the writer, and deaf to what the protocol does not use.
 */
import { describe, expect, it } from "vitest";
import { seededChance } from "../../core/chance.test-kit.ts";
import { RiskError } from "../../core/errors.ts";
import { parseMsgpack } from "./msgpack.ts";
import { packMsgpack } from "./pack.ts";

const DEPTH = 16;
const bytes = (...all: number[]) => Uint8Array.from(all);

describe("parseMsgpack", () => {
  it.each([
    ["nil", null],
    ["booleans", [true, false]],
    ["small integers", [0, 1, 127, -1, -32]],
    ["integers of every size", [128, 255, 256, 65_535, 65_536, 2 ** 32 - 1, 2 ** 40, 2 ** 53 - 1]],
    [
      "negative integers of every size",
      [-33, -128, -129, -32_768, -32_769, -(2 ** 31), -(2 ** 40)],
    ],
    ["floats", [0.1, -1.5, 1e300, 5e-324]],
    ["texts of every length", ["", "é😀", "a".repeat(31), "b".repeat(300), "c".repeat(70_000)]],
    ["long arrays", Array.from({ length: 70_000 }, (_, i) => i)],
    ["maps", { a: 1, b: { c: [1, { d: null }] } }],
    ["a long map", Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`n${i}`, i]))],
  ])("reads back %s", (_, value) => {
    expect(parseMsgpack(packMsgpack(value), DEPTH)).toEqual(value);
  });

  it.each([
    ["uint64", bytes(0xcf, 0, 0, 0, 0, 0, 0, 1, 0), 256],
    ["int64", bytes(0xd3, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe), -2],
    ["float32", bytes(0xca, 0x3f, 0xc0, 0, 0), 1.5],
    ["int8", bytes(0xd0, 0x80), -128],
    ["int16", bytes(0xd1, 0x80, 0), -32_768],
    ["str8", bytes(0xd9, 1, 0x61), "a"],
    ["array16", bytes(0xdc, 0, 1, 7), [7]],
    ["map16", bytes(0xde, 0, 1, 0xa1, 0x61, 7), { a: 7 }],
  ])("reads %s, which other writers use", (_, frame, value) => {
    expect(parseMsgpack(frame, DEPTH)).toEqual(value);
  });

  it.each([
    ["nothing", bytes(), "malformed_frame"],
    ["bytes after the value", bytes(1, 2), "malformed_frame"],
    ["a text cut short", bytes(0xa5, 0x61), "malformed_frame"],
    ["a text that is no UTF-8", bytes(0xa1, 0xff), "malformed_frame"],
    ["a name that is no text", bytes(0x81, 1, 2), "malformed_frame"],
    ["four billion items announced", bytes(0xdd, 255, 255, 255, 255), "malformed_frame"],
    ["four billion members announced", bytes(0xdf, 255, 255, 255, 255), "malformed_frame"],
    ["a name that stands twice", bytes(0x82, 0xa1, 0x61, 1, 0xa1, 0x61, 2), "unknown_key"],
    ["__proto__", packMsgpack(new Map([["__proto__", 1]])), "unknown_key"],
    ["an unsafe integer", bytes(0xcf, 255, 255, 255, 255, 255, 255, 255, 255), "out_of_bounds"],
    ["NaN", bytes(0xcb, 0x7f, 0xf8, 0, 0, 0, 0, 0, 0), "not_finite"],
    ["an infinity", bytes(0xca, 0x7f, 0x80, 0, 0), "not_finite"],
    ["the type that is never used", bytes(0xc1), "unsupported"],
    ["binary", bytes(0xc4, 1, 0), "unsupported"],
    ["an extension", bytes(0xd4, 0, 0), "unsupported"],
    ["a record definition", bytes(0xd4, 0x72, 0x40, 0x91, 0xa1, 0x61, 1), "unsupported"],
    ["a timestamp", bytes(0xd6, 0xff, 0, 0, 0, 0), "unsupported"],
    ["a long extension", bytes(0xc9, 0, 0, 0, 1, 5, 0), "unsupported"],
  ])("refuses %s", (_, frame, code) => {
    expect(() => parseMsgpack(frame, DEPTH)).toThrow(expect.objectContaining({ code }));
  });

  it("takes nesting up to its limit and not a level more", () => {
    const nested = (depth: number) => Uint8Array.from([...Array(depth).fill(0x91), 0x90]);
    expect(() => parseMsgpack(nested(DEPTH), DEPTH)).not.toThrow();
    expect(() => parseMsgpack(nested(DEPTH + 1), DEPTH)).toThrow(/limit_exceeded/);
    expect(() => parseMsgpack(nested(60_000), DEPTH)).toThrow(/limit_exceeded/);
  });

  it("answers 100,000 random frames with a value or a typed error; seed 11", () => {
    const chance = seededChance(11);
    const request = packMsgpack({
      jsonrpc: "2.0",
      id: 7,
      method: "auth",
      params: { a: [1.5, "é"] },
    });
    let refused = 0;
    for (let i = 0; i < 100_000; i++) {
      const frame = i % 2 === 0 ? chance.bytes(chance.below(64)) : Uint8Array.from(request);
      if (i % 2 === 1) frame[chance.below(frame.length)] = chance.below(256);
      try {
        parseMsgpack(frame, DEPTH);
      } catch (error) {
        refused += 1;
        if (!(error instanceof RiskError)) throw error;
      }
    }
    expect(refused).toBeGreaterThan(50_000);
  });
});
