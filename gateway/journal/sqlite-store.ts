/**
 * The journal's store on disk, in SQLite files of a data folder:
 *
 *      journal.lock               who holds the folder (folder-lock.ts)
 *      journal.db, -wal, .pages   the account chain, for ever; which segments there are; lineage
 *      turns/00000001.db, …       the chain of Turns, in segments (turn-segments.ts)
 *
 * The account chain is written with synchronous=FULL: a commit returns when the log is synced.
 * Turns are written lazily; what a power failure takes of them, a snapshot stands for.
 */
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { RiskError } from "../../core/errors.ts";
import { BatchTable, makeBatchTable } from "./batch-table.ts";
import { inReading, sumsPath, walPath } from "./check-files.ts";
import { CheckedDatabase, LOG_BYTES_MAX, makeDatabase } from "./checked-database.ts";
import { pass } from "./fault.ts";
import { type Lock, lockFolder } from "./folder-lock.ts";
import type { Link } from "./frames.ts";
import { readPageSums } from "./page-sums.ts";
import { foundSegments, makeSegmentTable } from "./segment-files.ts";
import { type DatabaseSync, inOurWords, isHeld, type StatementSync } from "./sqlite.ts";
import type { Chain, ChainHead, JournalStore, StoredBatch } from "./store.ts";
import { defaultRetention, type Retention, TurnSegments } from "./turn-segments.ts";

export const accountPath = (data: string): string => join(data, "journal.db");

export interface SqliteStoreOptions {
  readonly retention?: Partial<Retention>;
  /** Bytes of a log before a checkpoint, of either chain. */
  readonly logBytesMax?: number;
  /** Wall time, ms since the epoch. */
  readonly now: () => number;
}

/**
 * Opens the store of a folder, made when there is none.
 *
 * @throws RiskError in_use; corrupt naming file and page, frame or record; unsupported for a newer
 *   version; unreadable_file when it cannot be read or written; journal_full
 */
export function openSqliteStore(data: string, options: SqliteStoreOptions): SqliteStore {
  const lock = lockFolder(data);
  try {
    const path = accountPath(data);
    if (existsSync(path)) refuseHeld(data);
    else make(data);
    const account = new CheckedDatabase(path, {
      lazy: false,
      logBytesMax: options.logBytesMax ?? LOG_BYTES_MAX.account,
    });
    const retention = { ...defaultRetention, ...options.retention };
    const turns = new TurnSegments(account, {
      data,
      retention,
      logBytesMax: options.logBytesMax ?? LOG_BYTES_MAX.turns,
      now: options.now,
    });
    return new SqliteStore(account, turns, lock);
  } catch (error) {
    lock.release();
    throw error;
  }
}

/**
 * Somebody took journal.lock away from a gateway that runs: it still holds the database, and must
 * not find its log cut.
 */
function refuseHeld(data: string): void {
  if (!isHeld(accountPath(data))) return;
  const [expected, found] = ["a folder that no other gateway uses", "its journal.db held"];
  throw new RiskError("in_use", { path: data, expected, found });
}

function make(data: string): void {
  refuseTakenAway(data);
  const path = accountPath(data);
  makeDatabase(path, (db) => makeAccountTables(db, randomBytes(16).toString("hex")));
}

/** @throws RiskError corrupt when journal.db is missing from what has been a gateway's folder */
export function refuseTakenAway(data: string): void {
  // Making it may have been cut off before its first record; otherwise somebody took it away.
  if (!hasHistory(data)) return;
  const [expected, found] = ["the account chain of the journal", "no such file"];
  throw new RiskError("corrupt", { path: accountPath(data), expected, found });
}

function hasHistory(data: string): boolean {
  const path = accountPath(data);
  if (existsSync(walPath(path)) || foundSegments(data).length > 0) return true;
  const sums = sumsPath(path);
  if (!existsSync(sums)) return false;
  const { pending, checkpointSalts } = inReading(sums, () => readPageSums(sums));
  return pending.size > 0 || checkpointSalts.some((salt) => salt !== 0);
}

function makeAccountTables(db: DatabaseSync, lineage: string): void {
  makeBatchTable(db);
  makeSegmentTable(db);
  db.exec("CREATE TABLE meta(name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT");
  db.prepare("INSERT INTO meta(name, value) VALUES ('lineage', ?)").run(lineage);
}

/** @throws RiskError corrupt */
export function lineageOf(db: {
  readonly path: string;
  prepare(sql: string): StatementSync;
}): string {
  const row = inOurWords(db.path, () =>
    db.prepare("SELECT value FROM meta WHERE name = 'lineage'").get(),
  );
  const lineage = String(row?.["value"]);
  if (/^[0-9a-f]{32}$/.test(lineage)) return lineage;
  const expected = "a lineage of 32 hex digits";
  throw new RiskError("corrupt", { path: db.path, expected, found: lineage });
}

export class SqliteStore implements JournalStore {
  readonly lineage: string;
  readonly #account: CheckedDatabase;
  readonly #table: BatchTable;
  readonly #turns: TurnSegments;
  readonly #lock: Lock;
  #head: Link;
  #failed: RiskError | undefined;

  constructor(account: CheckedDatabase, turns: TurnSegments, lock: Lock) {
    this.#account = account;
    this.#table = new BatchTable("account", account);
    this.#turns = turns;
    this.#lock = lock;
    this.lineage = lineageOf(account);
    this.#head = this.#table.newest();
  }

  head(chain: Chain): ChainHead {
    if (chain === "turns") return this.#turns.head();
    return { firstSeq: 1, ...this.#head };
  }

  /** Turns from number `seq` on are kept, whatever their age and bytes: a snapshot needs them. */
  keepTurns(seq: number): void {
    this.#turns.keepFrom(seq);
  }

  commit(batches: readonly StoredBatch[]): void {
    if (this.#failed !== undefined) throw this.#failed;
    try {
      this.#refuseUnlocked();
      if (batches[0]?.chain === "turns") this.#turns.commit(batches);
      else this.#commitAccount(batches);
    } catch (error) {
      throw this.#failure(error);
    }
  }

  /** Another gateway may give the same numbers by now: nothing is acknowledged any more. */
  #refuseUnlocked(): void {
    const found = this.#lock.lost();
    if (found === undefined) return;
    const expected = "the lock of the data folder in its place";
    throw new RiskError("journal_failed", { expected, found });
  }

  #commitAccount(batches: readonly StoredBatch[]): void {
    this.#account.run(() => {
      for (const batch of batches) this.#table.insert(batch);
      pass("journal:after-write");
    });
    const { lastSeq, hash } = batches.at(-1)!;
    this.#head = { lastSeq, hash };
    this.#account.keepLogSmall();
  }

  /** After any fault but a full disk nobody knows what is on it: nothing is written any more. */
  #failure(error: unknown): RiskError {
    if (error instanceof RiskError && error.code === "journal_full") return error;
    const detail = error instanceof RiskError ? error.detail : { found: String(error) };
    this.#failed = new RiskError("journal_failed", detail, { cause: error });
    return this.#failed;
  }

  read(chain: Chain, fromSeq: number): Iterable<StoredBatch> {
    return chain === "turns" ? this.#turns.read(fromSeq) : this.#table.read(fromSeq);
  }

  /** After a failure the files stay as they are, for whoever opens them next to judge. */
  close(): void {
    if (this.#failed === undefined) {
      this.#turns.close();
      this.#account.close();
    }
    this.#lock.release();
  }
}
