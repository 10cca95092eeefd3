/**
 * Turns in one file, for cases and exports: each record after its length.
 *
 *      u32 length, little-endian ─ bytes of the Turn ─ u32 length ─ bytes …
 *
 * The chain of hashes inside the Turns says whether one is missing or was changed; this only cuts.
 */
import { HEADER_BYTES, TURN_JSON_BYTES_MAX } from "../../core/engine/turn.ts";
import { RiskError } from "../../core/errors.ts";

/** Bytes of one record: a Turn that is full in every part. */
export const RECORD_BYTES_MAX = TURN_JSON_BYTES_MAX + 2 * 1024 * 1024;
const LENGTH_BYTES = 4;

export function turnFile(records: readonly Uint8Array[]): Uint8Array {
  const total = records.reduce((sum, { length }) => sum + LENGTH_BYTES + length, 0);
  const file = new Uint8Array(total);
  const view = new DataView(file.buffer);
  let at = 0;
  for (const record of records) {
    view.setUint32(at, record.length, true);
    file.set(record, at + LENGTH_BYTES);
    at += LENGTH_BYTES + record.length;
  }
  return file;
}

/** @throws RiskError malformed_file with the number of the record that does not fit */
export function readTurnFile(file: Uint8Array): Uint8Array[] {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const records: Uint8Array[] = [];
  for (let at = 0; at < file.length; ) {
    const left = file.length - at;
    const length = left < LENGTH_BYTES ? 0 : view.getUint32(at, true);
    if (length < HEADER_BYTES || length > RECORD_BYTES_MAX || length > left - LENGTH_BYTES) {
      throw new RiskError("malformed_file", {
        path: `record ${records.length + 1}`,
        expected: `a length of ${HEADER_BYTES} to ${left - LENGTH_BYTES} bytes`,
        found: String(length),
      });
    }
    at += LENGTH_BYTES;
    records.push(file.subarray(at, at + length));
    at += length;
  }
  return records;
}
