/**
 * Cuts the bytes of a WebSocket server into frames (RFC 6455 5.2), whole and unmasked ones only.
 *
 *      | FIN rsv opcode | mask len7 | len16 or len64 | payload |
 *
 * It reads what a gateway sends and refuses the rest (fragments, masks, compression), which none of
 * ours uses: a generator has to be cheap.
 */
import { RiskError, shown } from "../core/errors.ts";

/** Largest payload that is taken, bytes: a margin frame of 500 legs is below a tenth of it. */
export const PAYLOAD_BYTES_MAX = 4 * 1024 * 1024;

export const opcodes = { text: 0x1, binary: 0x2, close: 0x8, ping: 0x9, pong: 0xa } as const;

/** `payload` is a view, good until the call returns. */
export type OnFrame = (opcode: number, payload: Buffer) => void;

/** @throws RiskError `unsupported`, `limit_exceeded` from the call that meets the frame */
export function openUnframer(onFrame: OnFrame): (chunk: Buffer) => void {
  let rest: Buffer | undefined;
  return (chunk) => {
    const bytes = rest === undefined ? chunk : Buffer.concat([rest, chunk]);
    let at = 0;
    for (;;) {
      const size = sizeAt(bytes, at);
      if (size === undefined || bytes.length - at < size.header + size.payload) break;
      const from = at + size.header;
      at = from + size.payload;
      onFrame(bytes[from - size.header]! & 0x0f, bytes.subarray(from, at));
    }
    rest = at === bytes.length ? undefined : bytes.subarray(at);
  };
}

/** Sizes of the frame that begins at `at`; undefined while its header is not there in full. */
function sizeAt(bytes: Buffer, at: number): { header: number; payload: number } | undefined {
  if (bytes.length - at < 2) return undefined;
  const [first, second] = [bytes[at]!, bytes[at + 1]!];
  if ((first & 0xf0) !== 0x80 || (second & 0x80) !== 0) {
    throw new RiskError("unsupported", {
      path: "frame",
      expected: "a whole, unmasked, uncompressed frame",
      found: shown(`0x${first.toString(16)} 0x${second.toString(16)}`),
    });
  }
  if (second < 126) return { header: 2, payload: second };
  const header = second === 126 ? 4 : 10;
  if (bytes.length - at < header) return undefined;
  const payload = header === 4 ? bytes.readUInt16BE(at + 2) : Number(bytes.readBigUInt64BE(at + 2));
  if (payload <= PAYLOAD_BYTES_MAX) return { header, payload };
  throw new RiskError("limit_exceeded", {
    path: "frame",
    expected: `at most ${PAYLOAD_BYTES_MAX} bytes`,
    found: `${payload}`,
  });
}

/** A frame from a client: masked, as every server demands. */
export function masked(opcode: number, payload: Uint8Array, mask: Uint8Array): Buffer {
  const long = payload.length >= 126;
  const header = long ? 8 : 6;
  const frame = Buffer.allocUnsafe(header + payload.length);
  frame[0] = 0x80 | opcode;
  frame[1] = 0x80 | (long ? 126 : payload.length);
  if (payload.length > 0xffff) {
    throw new RiskError("limit_exceeded", { path: "frame", expected: "at most 65535 bytes" });
  }
  if (long) frame.writeUInt16BE(payload.length, 2);
  frame.set(mask, header - 4);
  for (let i = 0; i < payload.length; i++) frame[header + i] = payload[i]! ^ mask[i % 4]!;
  return frame;
}
