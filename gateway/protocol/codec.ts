/**
 * The two ways a frame is written, one per subprotocol.
 *
 *      slidewire.v1.json      text frames; also what a client gets that offers no subprotocol
 *      slidewire.v1.msgpack   binary frames, plain maps
 *
 * A codec also writes a channel's frame in two parts, for the costly one (the figures) is the same
 * for all subscribers and the cheap one (what this subscriber saw before) is not:
 *
 *      {jsonrpc, method, params: { channel, type, prev, conflated | seq, turn, …, data }}
 *                                  per subscriber                 | shared
 */
import { RiskError } from "../../core/errors.ts";
import { parseJson } from "../../core/parse-json.ts";
import { parseMsgpack } from "./msgpack.ts";
import { packMsgpack } from "./pack.ts";

export interface Codec {
  readonly subprotocol: string;
  /** Frames are binary, not text. */
  readonly binary: boolean;
  encode(tree: unknown): Uint8Array;
  /** @throws RiskError when the frame is not of this codec, or too deep */
  decode(frame: string | Uint8Array, depthMax: number): unknown;
  /** The members of an object of 1 to 15, without what encloses them. */
  members(tree: object): Uint8Array;
  /** A notification whose params are these two sets of members, one after the other. */
  notification(own: Members, shared: Members): Uint8Array;
}

/** Encoded members and how many they are. */
export interface Members {
  readonly bytes: Uint8Array;
  readonly count: number;
}

const utf8 = new TextEncoder();
const NOTIFICATION_OPEN = utf8.encode('{"jsonrpc":"2.0","method":"subscription","params":{');
const COMMA = utf8.encode(",");
const NOTIFICATION_CLOSE = utf8.encode("}}");

const jsonCodec: Codec = {
  subprotocol: "slidewire.v1.json",
  binary: false,
  encode: (tree) => utf8.encode(JSON.stringify(tree)),
  decode(frame, depthMax) {
    if (typeof frame === "string") return parseJson(frame, { depthMax });
    throw new RiskError("malformed_frame", { expected: "a text frame", found: "a binary one" });
  },
  members: (tree) => utf8.encode(JSON.stringify(tree).slice(1, -1)),
  notification: (own, shared) =>
    joined([NOTIFICATION_OPEN, own.bytes, COMMA, shared.bytes, NOTIFICATION_CLOSE]),
};

/** `{jsonrpc, method, params}` up to the header of `params`, whose low bits say how many it has. */
const PACKED_OPEN = joined([
  Uint8Array.of(0x83),
  packMsgpack({ jsonrpc: "2.0", method: "subscription" }).subarray(1),
  packMsgpack("params"),
]);
const FIXMAP = 0x80;

const msgpackCodec: Codec = {
  subprotocol: "slidewire.v1.msgpack",
  binary: true,
  encode: packMsgpack,
  decode(frame, depthMax) {
    if (typeof frame !== "string") return parseMsgpack(frame, depthMax);
    throw new RiskError("malformed_frame", { expected: "a binary frame", found: "a text one" });
  },
  members: (tree) => packMsgpack(tree).subarray(1),
  notification(own, shared) {
    const header = Uint8Array.of(FIXMAP + own.count + shared.count);
    return joined([PACKED_OPEN, header, own.bytes, shared.bytes]);
  },
};

export const codecs: readonly Codec[] = [jsonCodec, msgpackCodec];
export const defaultCodec = jsonCodec;

/** The first of the offered subprotocols that is known; undefined when none is. */
export function codecFor(offered: readonly string[]): Codec | undefined {
  for (const name of offered) {
    const known = codecs.find(({ subprotocol }) => subprotocol === name);
    if (known) return known;
  }
  return undefined;
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((bytes, part) => bytes + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
