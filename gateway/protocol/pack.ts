/**
 * Writes MessagePack: plain maps with text names, so that any language reads them.
 *
 * The one file that knows `msgpackr`. Its shared records are off: a frame stands for itself,
 * which is what lets one encoding serve every subscriber. What comes in is read by msgpack.ts
 * instead.
 */
import { Packr } from "msgpackr";

const packr = new Packr({
  useRecords: false,
  variableMapSize: true,
  encodeUndefinedAsNil: true,
  mapsAsObjects: true,
});

/** The value's bytes; they belong to the caller. */
export function packMsgpack(value: unknown): Uint8Array {
  return packr.pack(value);
}
