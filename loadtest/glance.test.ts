/** A glance at a frame finds what reading all of it finds, in both codecs. */
import { describe, expect, it } from "vitest";
import { RiskError } from "../core/errors.ts";
import { codecs } from "../gateway/protocol/codec.ts";
import { type CodecName, glance } from "./glance.ts";

const figures = {
  account: "condor-1",
  seq: 999,
  equity: { initial: -1.5e-300, maintenance: 115_455.40100000007 },
  missing: [],
  notice: null,
  live: true,
  dead: false,
  counts: [-1, -33, -129, -70_000, 5, 200, 60_000, 5_000_000_000],
  text: "x".repeat(300),
  long: "y".repeat(70_000),
  rows: Array.from({ length: 40 }, (_, i) => ({ i, value: i / 3 })),
  many: Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`key${i}`, i])),
};

const place = { type: "update", prev: 41, seq: 42, conflated: 0, markTs: 1_718_582_639_000 };
const { seq: _, ...laterOn } = place;
const known = { channel: "margin.condor-1.raw", epoch: "995f4c27c05335c2", turn: 242, ts: 1.5e12 };
const names: readonly CodecName[] = ["json", "msgpack"];

function encode(codec: CodecName, tree: object): Buffer {
  const found = codecs.find(({ subprotocol }) => subprotocol.endsWith(codec))!;
  return Buffer.from(found.encode(tree));
}

const frameOf = (params: object) => ({ jsonrpc: "2.0", method: "subscription", params });

describe.each(names)("a glance at %s", (codec) => {
  it.each([
    ["the gateway's order", { ...known, ...place, data: figures }],
    ["figures first", { data: figures, ...place, ...known }],
    ["figures between", { seq: 42, data: figures, ...known, ...laterOn }],
    ["a heartbeat", { ...known, ...place, type: "hb" }],
    ["counts of every size", { ...known, ...place, prev: 200, seq: 70_000, conflated: 65_000 }],
    ["counts beyond 32 bits", { ...known, ...place, prev: 2 ** 33, seq: 2 ** 33 + 1 }],
  ])("finds its place: %s", (_, params: typeof place & object) => {
    const { type, prev, seq, conflated, markTs } = params;
    const found = glance(encode(codec, frameOf(params)), codec);
    expect(found).toMatchObject({ type, prev, seq, conflated, markTs });
  });

  it("sees that a reply is no state frame", () => {
    const reply = { jsonrpc: "2.0", id: 7, result: { seq: 1 }, us: { in: 1, out: 2 } };
    expect(glance(encode(codec, reply), codec)).toBeUndefined();
  });

  it("sees that a frame without its place is none", () => {
    expect(glance(encode(codec, frameOf({ ...known, data: figures })), codec)).toBeUndefined();
  });
});

describe("a glance at a broken frame", () => {
  it.each([1, 20, 60, 90])("ends in an error and not beyond its %d bytes", (size) => {
    const whole = encode("msgpack", frameOf({ data: figures, ...place }));
    expect(() => glance(whole.subarray(0, size), "msgpack")).toThrow(RiskError);
  });
});
