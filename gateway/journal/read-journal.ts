/**
 * A journal as it lies on disk, read without disturbing it, whoever holds it.
 *
 * What may still change is copied (copy-database.ts): journal.db and the newest segment, each with
 * its log and its checksums. Sealed segments are read in place.
 */
import { constants, copyFileSync, existsSync, mkdirSync, statSync } from "node:fs";
import { RiskError } from "../../core/errors.ts";
import { BatchTable } from "./batch-table.ts";
import { inReading, sumsPath, walPath } from "./check-files.ts";
import { type Copies, makeCopies } from "./copies.ts";
import { copyDatabase } from "./copy-database.ts";
import { checkedChain, FIRST_LINK, type Link } from "./frames.ts";
import type { ListRecord } from "./list.ts";
import {
  anchorOf,
  foundSegments,
  listedSegments,
  readSealed,
  type Segment,
  segmentPath,
  turnsFolder,
} from "./segment-files.ts";
import { type DatabaseSync, inOurWords, openDatabase } from "./sqlite.ts";
import { accountPath, lineageOf, refuseTakenAway } from "./sqlite-store.ts";
import type { Chain, ChainHead, StoredBatch } from "./store.ts";

/** Attempts at a copy into which no segment was sealed. */
const COPIES_MAX = 5;

export interface ReadJournal {
  readonly lineage: string;
  /** Segments of the chain of Turns, oldest first. */
  readonly segments: readonly Segment[];
  head(chain: Chain): ChainHead;
  /**
   * Records from number `fromSeq` on that are kept, each held against its checksum and its place in
   * the chain. @throws RiskError corrupt naming the record, or the file and page
   */
  read(chain: Chain, fromSeq: number): Iterable<ListRecord>;
  /** Batches as they lie there, not held against anything. */
  batches(chain: Chain, fromSeq: number): Iterable<StoredBatch>;
  /** Removes the copies. */
  close(): void;
}

interface CopiedJournal extends Omit<ReadJournal, "close"> {
  /** Closes the copies and lets them be. */
  release(): void;
}

/** @throws RiskError unreadable_file; corrupt naming file and page, frame or record; unsupported */
export function readJournal(data: string): ReadJournal {
  if (!existsSync(accountPath(data))) {
    refuseTakenAway(data);
    const [expected, found] = ["a data folder with a journal", "no journal.db"];
    throw new RiskError("unreadable_file", { path: data, expected, found });
  }
  const copies = makeCopies();
  try {
    for (let attempt = 1; ; attempt++) {
      const journal = copyJournal(data, copies.path, attempt === COPIES_MAX);
      if (journal !== undefined) return { ...journal, close: () => closed(journal, copies) };
    }
  } catch (error) {
    copies.remove();
    throw error;
  }
}

function closed(journal: CopiedJournal, copies: Copies): void {
  journal.release();
  copies.remove();
}

/**
 * Copies the journal as it was at one moment into the new folder `to`; a gateway may start from it.
 *
 * @throws as `readJournal`, and unreadable_file when `to` cannot be written
 */
export function backUpJournal(data: string, to: string): void {
  for (let attempt = 1; ; attempt++) {
    inReading(to, () => mkdirSync(turnsFolder(to), { recursive: true, mode: 0o700 }));
    const journal = copyJournal(data, to, attempt === COPIES_MAX);
    if (journal === undefined) continue;
    journal.release();
    for (const { number } of journal.segments.slice(0, -1)) {
      const [from, path] = [segmentPath(data, number), segmentPath(to, number)];
      inReading(from, () => copyFileSync(from, path, constants.COPYFILE_FICLONE));
      inReading(from, () => copyFileSync(sumsPath(from), sumsPath(path)));
    }
    return;
  }
}

/** @returns undefined when the files changed too much meanwhile */
function copyJournal(data: string, to: string, isLast: boolean): CopiedJournal | undefined {
  mkdirSync(turnsFolder(to), { recursive: true, mode: 0o700 });
  const newest = Math.max(0, ...foundSegments(data));
  const before = stateOf(data, newest);
  try {
    // Turns first: they hold commands that the account chain then holds as well.
    if (newest > 0) copyDatabase(segmentPath(data, newest), segmentPath(to, newest), true);
    copyDatabase(accountPath(data), accountPath(to), false);
    return opened(data, to, newest);
  } catch (error) {
    // What a live gateway changes while it is copied may look broken; what lies still does not.
    if (isLast || before === stateOf(data, newest)) throw error;
    return undefined;
  }
}

/** Tells whether any of the files that may change did. */
function stateOf(data: string, newest: number): string {
  const paths = [accountPath(data), segmentPath(data, newest)];
  return paths
    .flatMap((path) => [path, walPath(path), sumsPath(path)])
    .map((path) => statSync(path, { throwIfNoEntry: false, bigint: true }))
    .map((found) => `${found?.size} ${found?.mtimeNs} ${found?.ino}`)
    .concat(String(Math.max(0, ...foundSegments(data)) === newest))
    .join("\n");
}

/** @returns undefined when the newest segment listed is not the one that was copied */
function opened(data: string, copies: string, newest: number): CopiedJournal | undefined {
  const accountDb = openCopy(accountPath(copies));
  try {
    const lineage = lineageOf(accountDb);
    const segments = listedSegments(data, accountDb);
    if (segments.at(-1)?.number !== newest && segments.length > 0) {
      accountDb.close();
      return undefined;
    }
    const newestDb = newest === 0 ? undefined : openCopy(segmentPath(copies, newest));
    return reading({ data, lineage, segments, accountDb, newestDb });
  } catch (error) {
    accountDb.close();
    throw error;
  }
}

interface Copy {
  readonly path: string;
  prepare: DatabaseSync["prepare"];
  close(): void;
}

function openCopy(path: string): Copy {
  const db = openDatabase(path);
  inOurWords(path, () => db.exec("PRAGMA locking_mode=EXCLUSIVE; PRAGMA cell_size_check=ON"));
  const prepare = (sql: string) => inOurWords(path, () => db.prepare(sql));
  return { path, prepare, close: () => db.close() };
}

interface Opened {
  readonly data: string;
  readonly lineage: string;
  readonly segments: readonly Segment[];
  readonly accountDb: Copy;
  readonly newestDb: Copy | undefined;
}

function reading({ data, lineage, segments, accountDb, newestDb }: Opened): CopiedJournal {
  const account = new BatchTable("account", accountDb, { readOnly: true });
  const newest =
    newestDb === undefined ? undefined : new BatchTable("turns", newestDb, { readOnly: true });

  function* turns(fromSeq: number): Generator<StoredBatch> {
    for (const [i, { number }] of segments.entries()) {
      const next = segments[i + 1];
      if (next === undefined) yield* newest?.read(fromSeq) ?? [];
      else if (next.first > fromSeq) yield* readSealed(data, number, fromSeq);
    }
  }

  function head(chain: Chain): ChainHead {
    if (chain === "account") return { firstSeq: 1, ...account.newest() };
    const last = segments.at(-1);
    const anchor = last === undefined ? undefined : anchorOf(last);
    const link: Link = newest?.newest(anchor) ?? account.newest();
    return { firstSeq: segments[0]?.first ?? 1, ...link };
  }

  function release(): void {
    accountDb.close();
    newestDb?.close();
  }

  const batches = (chain: Chain, fromSeq: number): Iterable<StoredBatch> =>
    chain === "account" ? account.read(fromSeq) : turns(fromSeq);

  return {
    lineage,
    segments,
    head,
    batches,
    read(chain, fromSeq) {
      const first = chain === "account" ? undefined : segments[0];
      const anchor = first === undefined ? FIRST_LINK : anchorOf(first);
      const after = fromSeq <= anchor.lastSeq + 1 ? anchor : undefined;
      return checkedChain(batches(chain, fromSeq), fromSeq, after);
    },
    release,
  };
}
