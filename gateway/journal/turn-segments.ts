/**
 * The chain of Turns as it is written: into the newest segment, the oldest dropped by age or bytes.
 *
 *      begin file ─► list it (durable) ─► write … ─► full or old ─► seal: no log ─► begin the next
 *      too old or too much ─► unlist it (durable) ─► remove file
 *
 * A crash in between leaves a file that is not listed and that nothing relies on.
 */
import { mkdirSync, statSync } from "node:fs";
import { RiskError } from "../../core/errors.ts";
import { BatchTable, makeBatchTable } from "./batch-table.ts";
import { CheckedDatabase, makeDatabase } from "./checked-database.ts";
import { syncFolder } from "./durable-file.ts";
import { FIRST_LINK, type Link } from "./frames.ts";
import {
  anchorOf,
  foundSegments,
  listedSegments,
  readSealed,
  removeSegment,
  type Segment,
  segmentPath,
  turnsFolder,
} from "./segment-files.ts";
import { inOurWords } from "./sqlite.ts";
import type { ChainHead, StoredBatch } from "./store.ts";

export interface Retention {
  /** Turns are kept so long, ms. */
  readonly ageMs: number;
  /** Bytes of all segments together. */
  readonly bytes: number;
  /** Bytes at which a segment is sealed. */
  readonly segmentBytes: number;
}

const HOUR_MS = 3_600_000;

export const defaultRetention: Retention = {
  ageMs: 48 * HOUR_MS,
  bytes: 1024 * 1024 * 1024,
  segmentBytes: 32 * 1024 * 1024,
};
/** Age at which a segment is sealed, so that Turns are dropped by the hour. */
const SEGMENT_AGE_MS = HOUR_MS;

export interface SegmentsOptions {
  readonly data: string;
  readonly retention: Retention;
  /** Bytes of a segment's log before a checkpoint. */
  readonly logBytesMax: number;
  /** Wall time, ms since the epoch. */
  readonly now: () => number;
}

interface Open {
  readonly segment: Segment;
  readonly file: CheckedDatabase;
  readonly table: BatchTable;
}

export class TurnSegments {
  readonly #account: CheckedDatabase;
  readonly #options: SegmentsOptions;
  readonly #bytes = new Map<number, number>();
  #segments: Segment[];
  #open: Open;
  #head: Link;
  /** Sealing that found no space is tried again at so many bytes. */
  #sealAt: number;
  /** Turns from here on are kept, whatever their age. */
  #keepFrom = Number.POSITIVE_INFINITY;

  /** @throws RiskError corrupt naming file and page or frame */
  constructor(account: CheckedDatabase, options: SegmentsOptions) {
    const { data, retention } = options;
    this.#account = account;
    this.#options = options;
    this.#sealAt = retention.segmentBytes;
    inOurWords(data, () => mkdirSync(turnsFolder(data), { recursive: true, mode: 0o700 }));
    this.#segments = listedSegments(data, account);
    const listed = new Set(this.#segments.map(({ number }) => number));
    for (const number of foundSegments(data)) if (!listed.has(number)) removeSegment(data, number);
    const newest = this.#segments.at(-1);
    if (newest === undefined) {
      inOurWords(data, () => syncFolder(data));
      this.#open = this.#begin(1, FIRST_LINK);
    } else {
      this.#open = this.#opened(newest);
    }
    this.#head = this.#open.table.newest(anchorOf(this.#open.segment));
  }

  head(): ChainHead {
    const { lastSeq, hash } = this.#head;
    return { firstSeq: this.#segments[0]!.first, lastSeq, hash };
  }

  keepFrom(seq: number): void {
    this.#keepFrom = seq;
  }

  /** @throws RiskError journal_full, journal_failed */
  commit(batches: readonly StoredBatch[]): void {
    const { file, table } = this.#open;
    file.run(() => {
      for (const batch of batches) table.insert(batch);
    });
    this.#head = batches.at(-1) ?? this.#head;
    file.keepLogSmall();
    this.#sealWhenDue();
  }

  *read(fromSeq: number): Generator<StoredBatch> {
    // Segments may be sealed, begun and dropped while somebody reads.
    let number = this.#segments[0]!.number;
    for (const { first, number: of } of this.#segments) if (first <= fromSeq) number = of;
    for (; ; number++) {
      if (number === this.#open.segment.number) return yield* this.#open.table.read(fromSeq);
      yield* readSealed(this.#options.data, number, fromSeq);
    }
  }

  close(): void {
    this.#open.file.close();
  }

  #opened(segment: Segment): Open {
    const file = new CheckedDatabase(segmentPath(this.#options.data, segment.number), {
      lazy: true,
      logBytesMax: this.#options.logBytesMax,
    });
    return { segment, file, table: new BatchTable("turns", file) };
  }

  #begin(number: number, { lastSeq, hash }: Link): Open {
    const { data, now } = this.#options;
    const segment: Segment = {
      number,
      first: lastSeq + 1,
      prev: hash,
      openedMs: Math.floor(now()),
    };
    removeSegment(data, number);
    makeDatabase(segmentPath(data, number), makeBatchTable);
    this.#account.run(() => {
      const sql = "INSERT INTO segments(number, first, prev, openedMs) VALUES (?, ?, ?, ?)";
      this.#account.prepare(sql).run(number, segment.first, hash, segment.openedMs);
    });
    this.#segments.push(segment);
    return this.#opened(segment);
  }

  #sealWhenDue(): void {
    const { segment, file } = this.#open;
    const { now, retention } = this.#options;
    const bytes = file.bytes();
    const isOld = now() - segment.openedMs >= Math.min(SEGMENT_AGE_MS, retention.ageMs);
    if (bytes < this.#sealAt && !isOld) return;
    try {
      file.checkpoint();
      this.#open = this.#begin(segment.number + 1, this.#head);
      file.close();
      this.#sealAt = retention.segmentBytes;
      this.#dropWhatIsOver();
    } catch (error) {
      if (!(error instanceof RiskError) || error.code !== "journal_full") throw error;
      this.#sealAt = bytes + retention.segmentBytes / 8;
    }
  }

  #dropWhatIsOver(): void {
    const { now, retention, data } = this.#options;
    const isOver = ([, next]: readonly Segment[]) =>
      next !== undefined &&
      next.first <= this.#keepFrom &&
      (now() - next.openedMs > retention.ageMs || this.#totalBytes() > retention.bytes);
    while (isOver(this.#segments)) {
      const { number } = this.#segments[0]!;
      this.#account.run(() => {
        this.#account.prepare("DELETE FROM segments WHERE number = ?").run(number);
      });
      this.#segments.shift();
      this.#bytes.delete(number);
      removeSegment(data, number);
    }
  }

  #totalBytes(): number {
    let total = 0;
    for (const { number } of this.#segments) total += this.#sealedBytes(number);
    return total;
  }

  /** A sealed segment does not change. */
  #sealedBytes(number: number): number {
    if (number === this.#open.segment.number) return this.#open.file.bytes();
    const known = this.#bytes.get(number) ?? segmentBytes(this.#options.data, number);
    this.#bytes.set(number, known);
    return known;
  }
}

const segmentBytes = (data: string, number: number): number => {
  const path = segmentPath(data, number);
  return inOurWords(path, () => statSync(path).size);
};
