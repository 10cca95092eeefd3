/**
 * Segments of the chain of Turns: DATA/turns/00000001.db, 00000002.db, …
 *
 * Each begins where the one before ended; which there are, and what each follows, stands in the
 * account chain's database. Only the newest is written to; an older one has no log, never changes,
 * and is dropped whole.
 */
import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { RiskError } from "../../core/errors.ts";
import { BatchTable } from "./batch-table.ts";
import { checkFiles, inReading, sumsPath, walPath } from "./check-files.ts";
import type { Link } from "./frames.ts";
import { type DatabaseSync, inOurWords, openUnchanging, type StatementSync } from "./sqlite.ts";
import type { StoredBatch } from "./store.ts";

const TURNS_FOLDER = "turns";

export interface Segment {
  readonly number: number;
  /** Number of the first Turn that it may hold. */
  readonly first: number;
  /** Hash of the batch that it follows. */
  readonly prev: Uint8Array;
  /** When it was begun, wall time, ms since the epoch. */
  readonly openedMs: number;
}

/** What a segment's first batch follows. */
export const anchorOf = ({ first, prev }: Segment): Link => ({ lastSeq: first - 1, hash: prev });

export const turnsFolder = (data: string): string => join(data, TURNS_FOLDER);

export function segmentPath(data: string, number: number): string {
  return join(data, TURNS_FOLDER, `${String(number).padStart(8, "0")}.db`);
}

export function makeSegmentTable(db: DatabaseSync): void {
  db.exec(`CREATE TABLE segments(number INTEGER PRIMARY KEY, first INTEGER NOT NULL,
    prev BLOB NOT NULL, openedMs INTEGER NOT NULL) STRICT`);
}

/** Those that are listed, oldest first. @throws RiskError corrupt when one is missing */
export function listedSegments(
  data: string,
  db: { readonly path: string; prepare(sql: string): StatementSync },
): Segment[] {
  const sql = "SELECT number, first, prev, openedMs FROM segments ORDER BY number";
  const rows = inOurWords(db.path, () => db.prepare(sql).all());
  const segments = rows.map(
    (row): Segment => ({
      number: row["number"] as number,
      first: row["first"] as number,
      prev: row["prev"] as Uint8Array,
      openedMs: row["openedMs"] as number,
    }),
  );
  segments.forEach(({ number }, i) => {
    const expectedNumber = segments[0]!.number + i;
    const path = segmentPath(data, expectedNumber);
    if (number === expectedNumber && existsSync(path)) return;
    const [expected, found] = ["a segment of the chain of Turns", "no such file"];
    throw new RiskError("corrupt", { path, expected, found });
  });
  return segments;
}

/**
 * Batches of a segment that is not written to, all its files checked.
 *
 * @throws RiskError corrupt naming file and page
 */
export function* readSealed(data: string, number: number, fromSeq: number): Generator<StoredBatch> {
  const path = segmentPath(data, number);
  checkFiles(path, { lazy: true });
  const db = openUnchanging(path);
  try {
    const of = { path, prepare: (sql: string) => inOurWords(path, () => db.prepare(sql)) };
    yield* new BatchTable("turns", of, { readOnly: true }).read(fromSeq);
  } finally {
    db.close();
  }
}

/** Numbers of the segments that lie in the folder, listed or not. */
export function foundSegments(data: string): number[] {
  const folder = turnsFolder(data);
  if (!existsSync(folder)) return [];
  const names = inReading(folder, () => readdirSync(folder));
  return names.filter((name) => /^\d{8}\.db$/.test(name)).map((name) => Number(name.slice(0, 8)));
}

export function removeSegment(data: string, number: number): void {
  const path = segmentPath(data, number);
  for (const file of [path, walPath(path), sumsPath(path)]) rmSync(file, { force: true });
}
