/**
 * The ordered list that everything is folded from: one append, one read, whatever keeps it.
 *
 * `append` names the sequence number that it expects to write next; when another writer came first
 * it is refused as a conflict and nothing is written. So a writer that was deposed fails by itself.
 */
import { RiskError } from "../../core/errors.ts";

export interface OrderedList {
  /** Whether a record is on disk when its append has been answered. */
  readonly durable: boolean;
  /** Number of the newest record; 0 when empty. */
  lastSeq(): number;
  /**
   * Appends records numbered from `expectedSeq` on, all or none.
   *
   * @throws RiskError conflict when `expectedSeq` is not the next number
   */
  append(batch: readonly Uint8Array[], expectedSeq: number): Promise<void> | void;
  /**
   * Records from number `fromSeq` on that are still kept, ascending.
   *
   * Read it by `for await`: one on disk answers later.
   */
  read(fromSeq: number): Iterable<ListRecord> | AsyncIterable<ListRecord>;
}

export interface ListRecord {
  readonly seq: number;
  readonly bytes: Uint8Array;
}

/** A list whose records are at hand. */
export interface InstantList extends OrderedList {
  read(fromSeq: number): Iterable<ListRecord>;
}

/** Bytes that the list in memory keeps before it drops its oldest records. */
export const MEMORY_LIST_BYTES_MAX = 64 * 1024 * 1024;

/** A list in memory: a demonstration's journal, gone with the process. */
export function memoryList(bytesMax = MEMORY_LIST_BYTES_MAX): InstantList {
  let records: Uint8Array[] = [];
  let dropped = 0;
  let bytes = 0;

  function trim(): void {
    let drop = 0;
    while (bytes > bytesMax && drop < records.length - 1) bytes -= records[drop++]!.length;
    if (drop === 0) return;
    records = records.slice(drop);
    dropped += drop;
  }

  return {
    durable: false,
    lastSeq: () => dropped + records.length,
    append(batch, expectedSeq) {
      const next = dropped + records.length + 1;
      if (expectedSeq !== next) {
        throw new RiskError("conflict", { expected: `seq ${next}`, found: String(expectedSeq) });
      }
      for (const record of batch) {
        records.push(record);
        bytes += record.length;
      }
      // Dropping a quarter at a time keeps the cost of an append constant.
      if (bytes > bytesMax * 1.25) trim();
    },
    *read(fromSeq) {
      for (let i = Math.max(0, fromSeq - dropped - 1); i < records.length; i++) {
        yield { seq: dropped + i + 1, bytes: records[i]! };
      }
    },
  };
}
