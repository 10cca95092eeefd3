/** Frames out of bytes, however the network cut them. */
import { describe, expect, it } from "vitest";
import { RiskError } from "../core/errors.ts";
import { masked, opcodes, openUnframer, PAYLOAD_BYTES_MAX } from "./unframe.ts";

/** A server's frame, by the drawing in RFC 6455 5.2. */
function frame(opcode: number, payload: Buffer): Buffer {
  const { length } = payload;
  const header = Buffer.alloc(length < 126 ? 2 : length < 65_536 ? 4 : 10);
  header[0] = 0x80 | opcode;
  header[1] = length < 126 ? length : length < 65_536 ? 126 : 127;
  if (header.length === 4) header.writeUInt16BE(length, 2);
  if (header.length === 10) header.writeBigUInt64BE(BigInt(length), 2);
  return Buffer.concat([header, payload]);
}

function cut(bytes: Buffer, size: number): [opcode: number, payload: string][] {
  const found: [number, string][] = [];
  const take = openUnframer((opcode, payload) => found.push([opcode, payload.toString("latin1")]));
  for (let at = 0; at < bytes.length; at += size) take(bytes.subarray(at, at + size));
  return found;
}

const sizes = [0, 1, 125, 126, 127, 65_535, 65_536];

describe("openUnframer", () => {
  it.each(sizes)("finds a payload of %d bytes between its neighbours", (size) => {
    const payload = Buffer.alloc(size, "x");
    const bytes = Buffer.concat([
      frame(opcodes.ping, Buffer.from("n")),
      frame(opcodes.binary, payload),
      frame(opcodes.text, Buffer.from("after")),
    ]);
    expect(cut(bytes, bytes.length)).toEqual([
      [opcodes.ping, "n"],
      [opcodes.binary, payload.toString()],
      [opcodes.text, "after"],
    ]);
  });

  it("finds the same wherever the bytes are cut", () => {
    const bytes = Buffer.concat([1, 125, 126, 300].map((n) => frame(1, Buffer.alloc(n, "y"))));
    const whole = cut(bytes, bytes.length);
    expect(whole).toHaveLength(4);
    for (let size = 1; size < 20; size++) expect(cut(bytes, size)).toEqual(whole);
  });

  it.each([
    ["a fragment", Buffer.of(0x01, 0x00)],
    ["a compressed frame", Buffer.of(0xc1, 0x00)],
    ["a masked frame", Buffer.of(0x81, 0x80, 0, 0, 0, 0)],
    ["a frame over the limit", Buffer.of(0x82, 127, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff)],
  ])("refuses %s", (_, bytes) => {
    expect(PAYLOAD_BYTES_MAX).toBeLessThan(0xffffffff);
    expect(() => cut(bytes, bytes.length)).toThrow(RiskError);
  });
});

describe("masked", () => {
  it.each([0, 1, 125, 126, 65_535])("hides %d bytes under the mask and nothing else", (size) => {
    const payload = Buffer.alloc(size, "pong");
    const mask = Buffer.of(1, 2, 3, 4);
    const sent = masked(opcodes.pong, payload, mask);
    const header = size < 126 ? 6 : 8;
    expect(sent[0]).toBe(0x80 | opcodes.pong);
    expect(sent[1]! & 0x7f).toBe(size < 126 ? size : 126);
    expect(sent.subarray(header - 4, header)).toEqual(mask);
    expect(sent.subarray(header).map((byte, i) => byte ^ mask[i % 4]!)).toEqual(payload);
  });

  it("refuses what no request of ours is", () => {
    expect(() => masked(1, new Uint8Array(65_536), Buffer.alloc(4))).toThrow(RiskError);
  });
});
