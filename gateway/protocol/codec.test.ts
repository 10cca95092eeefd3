/** Codecs: two ways to write one tree, and frames put together from two halves. */
import { describe, expect, it } from "vitest";
import { parseJson } from "../../core/parse-json.ts";
import { codecFor, codecs, defaultCodec } from "./codec.ts";
import { parseMsgpack } from "./msgpack.ts";

const DEPTH = 16;
const tree = { a: 1, b: [0.1, null, "é"], c: { d: true, e: -5, f: 2 ** 40 } };

describe.each(codecs)("codec $subprotocol", (codec) => {
  const read = (frame: Uint8Array): unknown =>
    codec.binary
      ? parseMsgpack(frame, DEPTH)
      : parseJson(new TextDecoder().decode(frame), { depthMax: DEPTH });

  it("writes what its reader reads back", () => {
    expect(read(codec.encode(tree))).toEqual(tree);
  });

  it("writes a notification of both halves as the whole one", () => {
    const own = { channel: "margin.mm-1.raw", type: "update", prev: 41, conflated: 0 };
    const shared = { seq: 42, turn: 9, epoch: "boot", ts: 1.5, markTs: 2, data: tree };
    const frame = codec.notification(
      { bytes: codec.members(own), count: 4 },
      { bytes: codec.members(shared), count: 6 },
    );
    expect(read(frame)).toEqual({
      jsonrpc: "2.0",
      method: "subscription",
      params: { ...own, ...shared },
    });
  });

  it("refuses a frame of the other kind", () => {
    const other = codec.binary ? "{}" : Uint8Array.of(0x80);
    expect(() => codec.decode(other, DEPTH)).toThrow(/malformed_frame/);
  });

  it("writes the same bytes for the same tree, whatever was written before", () => {
    const first = Uint8Array.from(codec.encode(tree));
    codec.encode({ other: "tree", of: ["another", "shape"] });
    expect(Uint8Array.from(codec.encode(tree))).toEqual(first);
  });
});

describe("codecFor", () => {
  it.each([
    [["slidewire.v1.json"], "slidewire.v1.json"],
    [["slidewire.v1.msgpack"], "slidewire.v1.msgpack"],
    [["slidewire.v2.json", "slidewire.v1.msgpack"], "slidewire.v1.msgpack"],
    [["slidewire.v2.json"], undefined],
    [[], undefined],
  ])("of %j is %s", (offered, subprotocol) => {
    expect(codecFor(offered)?.subprotocol).toBe(subprotocol);
  });

  it("leaves JSON to who offers nothing", () => {
    expect(defaultCodec.subprotocol).toBe("slidewire.v1.json");
  });
});
