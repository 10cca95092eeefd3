/**
 * Records in a batch, and batches in a chain: what makes a changed bit visible.
 *
 *      body   length u32 │ CRC-32 u32 │ bytes │ length u32 │ CRC-32 u32 │ bytes …
 *      hash   SHA-256( prev 32 │ chain u8 │ firstSeq u64 │ lastSeq u64 │ body )
 *
 * Little-endian. The checksum names the record that is bad; the chain of hashes says that none is
 * missing, moved or replaced. A record's checksum is made where it enters the journal, so it also
 * covers the way through memory to the disk.
 */
import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import { RiskError } from "../../core/errors.ts";
import type { ListRecord } from "./list.ts";
import { type Chain, chains, type StoredBatch } from "./store.ts";
import { RECORD_BYTES_MAX } from "./turn-file.ts";

export const FRAME_BYTES = 8;
export const HASH_BYTES = 32;
export const FIRST_BATCH_HASH = new Uint8Array(HASH_BYTES);

/** Bytes that `record` takes in a body. */
export const framedBytes = (record: Uint8Array): number => FRAME_BYTES + record.length;

/** Body of a batch. */
export function frameRecords(records: readonly Uint8Array[]): Uint8Array {
  let total = 0;
  for (const record of records) total += framedBytes(record);
  const body = new Uint8Array(total);
  const view = new DataView(body.buffer);
  let at = 0;
  for (const record of records) {
    view.setUint32(at, record.length, true);
    view.setUint32(at + 4, crc32(record), true);
    body.set(record, at + FRAME_BYTES);
    at += FRAME_BYTES + record.length;
  }
  return body;
}

export type Unchained = Pick<StoredBatch, "chain" | "firstSeq" | "lastSeq" | "body">;

/** The batch as it follows one whose hash is `prev`. */
export function chained(batch: Unchained, prev: Uint8Array): StoredBatch {
  return { ...batch, prev, hash: batchHash(batch, prev) };
}

function batchHash({ chain, firstSeq, lastSeq, body }: Unchained, prev: Uint8Array): Uint8Array {
  const numbers = new DataView(new ArrayBuffer(17));
  numbers.setUint8(0, chains.indexOf(chain));
  numbers.setBigUint64(1, BigInt(firstSeq), true);
  numbers.setBigUint64(9, BigInt(lastSeq), true);
  return createHash("sha256").update(prev).update(numbers).update(body).digest();
}

/** What a batch must follow. */
export interface Link {
  readonly lastSeq: number;
  readonly hash: Uint8Array;
}

/** What the first batch of a chain follows. */
export const FIRST_LINK: Link = { lastSeq: 0, hash: FIRST_BATCH_HASH };

/**
 * The records of a batch, every one checked, in the order of their numbers.
 *
 * @param after the batch before it; undefined when it is the first that is read
 * @throws RiskError corrupt naming chain and record
 */
export function checkedRecords(batch: StoredBatch, after: Link | undefined): ListRecord[] {
  const { chain, firstSeq, lastSeq } = batch;
  if (after !== undefined) {
    const skips = lastSeq === firstSeq - 1 && lastSeq > after.lastSeq;
    if (firstSeq !== after.lastSeq + 1 && !skips) {
      throw corrupt(chain, after.lastSeq + 1, `record ${after.lastSeq + 1}`, `record ${firstSeq}`);
    }
    if (!sameBytes(batch.prev, after.hash)) {
      throw corrupt(chain, firstSeq, "a batch that follows the one before it", "another chain");
    }
  }
  // Records first, because a checksum names the very one.
  const records = recordsOf(batch);
  if (!sameBytes(batchHash(batch, batch.prev), batch.hash)) {
    throw corrupt(chain, firstSeq, "the hash of its batch", "another hash");
  }
  return records;
}

/**
 * The records of a batch by their frames.
 *
 * @param sums whether checksums are held against the bytes; false when that was done before
 * @throws RiskError corrupt naming chain and record
 */
export function recordsOf(
  { chain, firstSeq, lastSeq, body }: Unchained,
  { sums } = { sums: true },
): ListRecord[] {
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  const records: ListRecord[] = [];
  for (let at = 0; at < body.length; ) {
    const seq = firstSeq + records.length;
    const left = body.length - at - FRAME_BYTES;
    const length = left < 0 ? -1 : view.getUint32(at, true);
    if (length < 0 || length > left || length > RECORD_BYTES_MAX) {
      throw corrupt(chain, seq, `a record of at most ${Math.max(left, 0)} bytes`, String(length));
    }
    const bytes = body.subarray(at + FRAME_BYTES, at + FRAME_BYTES + length);
    if (sums && crc32(bytes) !== view.getUint32(at + 4, true)) {
      throw corrupt(chain, seq, "the checksum of the record", "another checksum");
    }
    records.push({ seq, bytes });
    at += FRAME_BYTES + length;
  }
  if (records.length === lastSeq - firstSeq + 1) return records;
  const expected = `${lastSeq - firstSeq + 1} records in the batch`;
  throw corrupt(chain, firstSeq, expected, String(records.length));
}

/**
 * All records of the batches from number `fromSeq` on, every batch checked against the one before.
 *
 * @param after what the first batch must follow, when that is known
 * @throws RiskError corrupt naming chain and record
 */
export function* checkedChain(
  batches: Iterable<StoredBatch>,
  fromSeq: number,
  after?: Link,
): Generator<ListRecord> {
  let link = after;
  for (const batch of batches) {
    const records = checkedRecords(batch, link);
    link = batch;
    for (const record of records) if (record.seq >= fromSeq) yield record;
  }
}

export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}

/** The record of a chain that is not what it was when it was written. */
export function corrupt(chain: Chain, seq: number, expected: string, found: string): RiskError {
  return new RiskError("corrupt", { path: `${chain} record ${seq}`, expected, found });
}
