/**
 * Reads MessagePack from strangers: plain maps, arrays, texts, numbers, booleans and nil.
 *
 * A general decoder also takes extension types, records that refer to earlier frames, and lengths
 * that promise four billion items. None of that is part of this protocol, so none of it is read:
 *
 *      0x00-7f 0xe0-ff cc-d3   integers; 64-bit ones only where a double holds them exactly
 *      ca cb                   floats, finite
 *      a0-bf d9-db             texts, UTF-8
 *      80-8f de df             maps, names are texts and stand once
 *      90-9f dc dd             arrays
 *      c0 c2 c3                nil, false, true
 *      c1 c4-c9 d4-d8          never used, binary, extensions: refused
 *
 * A length is compared with the bytes that are left before anything is reserved for it.
 */
import { join } from "../../core/check.ts";
import { RiskError } from "../../core/errors.ts";
import { refuseName } from "../../core/parse-json.ts";

interface Cursor {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  at: number;
  readonly depthMax: number;
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * The one value that `bytes` hold.
 *
 * @throws RiskError `malformed_frame`, `limit_exceeded`, `not_finite`, `unknown_key` or
 *   `unsupported`, naming the byte
 */
export function parseMsgpack(bytes: Uint8Array, depthMax: number): unknown {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const cursor: Cursor = { bytes, view, at: 0, depthMax };
  const value = readValue(cursor, 0);
  if (cursor.at < bytes.length) throw malformed(cursor.at, "the end of the frame");
  return value;
}

function readValue(cursor: Cursor, depth: number): unknown {
  if (depth > cursor.depthMax) {
    throw new RiskError("limit_exceeded", { expected: `nesting of at most ${cursor.depthMax}` });
  }
  const type = readUint(cursor, 1);
  if (type <= 0x7f) return type;
  if (type <= 0x8f) return readMap(cursor, type & 0x0f, depth);
  if (type <= 0x9f) return readArray(cursor, type & 0x0f, depth);
  if (type <= 0xbf) return readText(cursor, type & 0x1f);
  if (type >= 0xe0) return type - 0x100;
  return readTagged(cursor, type, depth);
}

function readTagged(cursor: Cursor, type: number, depth: number): unknown {
  switch (type) {
    case 0xc0:
      return null;
    case 0xc2:
      return false;
    case 0xc3:
      return true;
    case 0xca:
    case 0xcb:
      return readFloat(cursor, type === 0xca ? 4 : 8);
    case 0xcc:
    case 0xcd:
    case 0xce:
      return readUint(cursor, 1 << (type - 0xcc));
    case 0xcf:
    case 0xd3:
      return readLong(cursor, type === 0xd3);
    case 0xd0:
    case 0xd1:
    case 0xd2:
      return readInt(cursor, 1 << (type - 0xd0));
    case 0xd9:
    case 0xda:
    case 0xdb:
      return readText(cursor, readUint(cursor, 1 << (type - 0xd9)));
    case 0xdc:
    case 0xdd:
      return readArray(cursor, readUint(cursor, 2 << (type - 0xdc)), depth);
    case 0xde:
    case 0xdf:
      return readMap(cursor, readUint(cursor, 2 << (type - 0xde)), depth);
    default:
      throw new RiskError("unsupported", {
        expected: "maps, arrays, texts, numbers, booleans or nil",
        found: `type 0x${type.toString(16)} at byte ${cursor.at - 1}`,
      });
  }
}

function readMap(cursor: Cursor, count: number, depth: number): Record<string, unknown> {
  need(cursor, 2 * count);
  const members: Record<string, unknown> = {};
  for (let i = 0; i < count; i++) {
    const at = cursor.at;
    const name = readValue(cursor, depth + 1);
    if (typeof name !== "string") throw malformed(at, "a text as a name");
    refuseName(members, name, () => ({ path: join("", name) }));
    members[name] = readValue(cursor, depth + 1);
  }
  return members;
}

function readArray(cursor: Cursor, count: number, depth: number): unknown[] {
  need(cursor, count);
  const items: unknown[] = [];
  for (let i = 0; i < count; i++) items.push(readValue(cursor, depth + 1));
  return items;
}

function readText(cursor: Cursor, bytes: number): string {
  need(cursor, bytes);
  const from = cursor.at;
  cursor.at += bytes;
  try {
    return utf8.decode(cursor.bytes.subarray(from, cursor.at));
  } catch {
    throw malformed(from, "UTF-8");
  }
}

function readUint(cursor: Cursor, bytes: number): number {
  const at = advance(cursor, bytes);
  if (bytes === 1) return cursor.view.getUint8(at);
  return bytes === 2 ? cursor.view.getUint16(at) : cursor.view.getUint32(at);
}

function readInt(cursor: Cursor, bytes: number): number {
  const at = advance(cursor, bytes);
  if (bytes === 1) return cursor.view.getInt8(at);
  return bytes === 2 ? cursor.view.getInt16(at) : cursor.view.getInt32(at);
}

function readLong(cursor: Cursor, signed: boolean): number {
  const at = advance(cursor, 8);
  const long = signed ? cursor.view.getBigInt64(at) : cursor.view.getBigUint64(at);
  const value = Number(long);
  if (Number.isSafeInteger(value)) return value;
  throw new RiskError("out_of_bounds", {
    expected: "an integer of at most 2^53 - 1 in size",
    found: String(long),
  });
}

function readFloat(cursor: Cursor, bytes: 4 | 8): number {
  const at = advance(cursor, bytes);
  const value = bytes === 4 ? cursor.view.getFloat32(at) : cursor.view.getFloat64(at);
  if (Number.isFinite(value)) return value;
  throw new RiskError("not_finite", { expected: "a finite number", found: String(value) });
}

function advance(cursor: Cursor, bytes: number): number {
  need(cursor, bytes);
  cursor.at += bytes;
  return cursor.at - bytes;
}

function need({ bytes, at }: Cursor, count: number): void {
  if (bytes.length - at < count) throw malformed(at, `${count} more bytes`);
}

function malformed(at: number, expected: string): RiskError {
  return new RiskError("malformed_frame", { expected, found: `otherwise at byte ${at}` });
}
