/**
 * Reads where a state frame stands without reading its figures: the generator has to stay idle.
 *
 *      params: {channel, type, prev, conflated, seq, turn, epoch, ts, markTs, data: {…}}
 *                        ──── looked at ──────────                      ──────
 *
 * JSON is cut before `data` and the short rest parsed; MessagePack is walked, and `data` stepped
 * over. Members may stand in any order: what is not found the short way is read in full.
 */
import { RiskError } from "../core/errors.ts";
import { parseJson } from "../core/parse-json.ts";
import { defaultLimits } from "../gateway/protocol/limits.ts";

export interface Glance {
  readonly type: "snapshot" | "update" | "hb";
  readonly prev: number;
  readonly seq: number;
  /** Versions skipped for a newer one. */
  readonly conflated: number;
  /** Market time of the newest mark behind the frame, ms. */
  readonly markTs: number;
}

export type CodecName = "json" | "msgpack";

/** The frame's place; undefined when it is no state frame (a reply, for one). */
export function glance(payload: Buffer, codec: CodecName): Glance | undefined {
  return glanceOf(codec === "json" ? jsonParams(payload) : packedParams(payload));
}

const WANTED = ["type", "prev", "seq", "conflated", "markTs"] as const;
type Found = Partial<Record<string, unknown>>;

function glanceOf(params: Found | undefined): Glance | undefined {
  if (params === undefined || !isComplete(params)) return undefined;
  return params as unknown as Glance;
}

const isComplete = (params: Found) => WANTED.every((name) => params[name] !== undefined);

const DATA = Buffer.from(',"data":');
const DEPTH_MAX = defaultLimits.depth;

function jsonParams(payload: Buffer): Found | undefined {
  const cut = payload.indexOf(DATA);
  if (cut > 0) {
    try {
      const head = JSON.parse(`${payload.toString("latin1", 0, cut)}}}`) as { params?: Found };
      if (head.params !== undefined && isComplete(head.params)) return head.params;
    } catch {
      // Not ours to judge: the whole frame says what it is.
    }
  }
  return (parseJson(payload.toString(), { depthMax: DEPTH_MAX }) as { params?: Found }).params;
}

interface Cursor {
  readonly bytes: Buffer;
  at: number;
}

function packedParams(bytes: Buffer): Found | undefined {
  const cursor = { bytes, at: 0 };
  for (let left = mapSize(cursor); left > 0; left--) {
    if (readName(cursor) === "params") return readWanted(cursor);
    skip(cursor, 1);
  }
  return undefined;
}

function readWanted(cursor: Cursor): Found {
  const found: Found = {};
  let missing = WANTED.length;
  for (let left = mapSize(cursor); left > 0 && missing > 0; left--) {
    const name = readName(cursor);
    if ((WANTED as readonly string[]).includes(name)) {
      found[name] = name === "type" ? readName(cursor) : readNumber(cursor);
      missing -= 1;
    } else skip(cursor, 1);
  }
  return found;
}

function mapSize(cursor: Cursor): number {
  const { bytes } = cursor;
  const type = bytes[cursor.at++];
  if (type !== undefined && (type & 0xf0) === 0x80) return type & 0x0f;
  if (type !== 0xde) throw unread(cursor);
  cursor.at += 2;
  return bytes.readUInt16BE(cursor.at - 2);
}

function readName(cursor: Cursor): string {
  const from = cursor.at;
  const type = cursor.bytes[from]!;
  skip(cursor, 1);
  if ((type & 0xe0) === 0xa0) return cursor.bytes.toString("latin1", from + 1, cursor.at);
  if (type === 0xd9) return cursor.bytes.toString("latin1", from + 2, cursor.at);
  throw unread(cursor);
}

function readNumber(cursor: Cursor): number {
  const { bytes, at } = cursor;
  const type = bytes[at]!;
  skip(cursor, 1);
  if (type <= 0x7f) return type;
  switch (type) {
    case 0xcb:
      return bytes.readDoubleBE(at + 1);
    case 0xcc:
      return bytes[at + 1]!;
    case 0xcd:
      return bytes.readUInt16BE(at + 1);
    case 0xce:
      return bytes.readUInt32BE(at + 1);
    case 0xcf:
      return Number(bytes.readBigUInt64BE(at + 1));
    default:
      throw unread(cursor);
  }
}

/** Bytes of a value of fixed size, its type byte included, by type; 0: not of fixed size. */
const FIXED = Uint8Array.from({ length: 256 }, (_, type) => {
  if (type <= 0x7f || type >= 0xe0 || [0xc0, 0xc2, 0xc3].includes(type)) return 1;
  if (type >= 0xa0 && type <= 0xbf) return 1 + (type & 0x1f);
  if (type === 0xca) return 5;
  if (type === 0xcb) return 9;
  return type >= 0xcc && type <= 0xd3 ? 1 + (1 << (type & 0x03)) : 0;
});

/** Steps over `count` values, whatever is in them. */
function skip(cursor: Cursor, count: number): void {
  const { bytes } = cursor;
  for (let left = count; left > 0; left--) {
    const type = bytes[cursor.at]!;
    const fixed = FIXED[type];
    if (fixed === undefined) throw unread(cursor);
    if (fixed > 0) cursor.at += fixed;
    else left += enter(cursor, type);
  }
  if (cursor.at > bytes.length) throw unread(cursor);
}

/** Steps over a text or the header of a container; answers how many values stand in it. */
function enter(cursor: Cursor, type: number): number {
  const { bytes, at } = cursor;
  if (type < 0xa0) {
    cursor.at += 1;
    return (type & 0x0f) * (type < 0x90 ? 2 : 1);
  }
  const width = { 217: 1, 218: 2, 219: 4, 220: 2, 221: 4, 222: 2, 223: 4 }[type];
  if (width === undefined || at + 1 + width > bytes.length) throw unread(cursor);
  const size = bytes.readUIntBE(at + 1, width);
  cursor.at += 1 + width + (type <= 0xdb ? size : 0);
  if (type <= 0xdb) return 0;
  return type <= 0xdd ? size : 2 * size;
}

function unread({ bytes, at }: Cursor): RiskError {
  const found = `byte ${at} of ${bytes.length}`;
  return new RiskError("malformed_frame", { expected: "a state frame in MessagePack", found });
}
