/**
 * A SQLite file of which no bit changes unseen (check-files.ts), while somebody writes to it.
 *
 *      run ─► transaction in the log ─► checksums of its pages ─► …
 *      checkpoint ─► "all so far" synced ─► log into the database ─► log cut to nothing
 *
 * SQLite takes no checkpoint by itself (wal_autocheckpoint=0) but when its process ends without a
 * `close`; the checksums know what the database holds then. After a failed transaction the log is
 * cut to what it was, so that no frames of it lie behind the next one.
 */
import {
  closeSync,
  existsSync,
  fdatasyncSync,
  fstatSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
} from "node:fs";
import { dirname } from "node:path";
import { crc32 } from "node:zlib";
import { RiskError } from "../../core/errors.ts";
import {
  APPLICATION_ID,
  type CheckedFiles,
  checkFiles,
  FORMAT_VERSION,
  readAll,
  sumsPath,
  walPath,
} from "./check-files.ts";
import { makePrivately, syncFolder, UNFINISHED, writeFileDurably } from "./durable-file.ts";
import { type PageSums, readPageSums, sumsFile } from "./page-sums.ts";
import { PageSumsFile } from "./page-sums-file.ts";
import { type DatabaseSync, inOurWords, openDatabase, type StatementSync } from "./sqlite.ts";
import { type LoggedFrames, loggedFrames, PAGE_BYTES } from "./wal.ts";

/**
 * Bytes of a log before its pages are brought into the database. Commits wait meanwhile: the more
 * bytes, the rarer and the longer; the account chain's is chosen so that one in 150 groups of 1,000
 * commands meets a checkpoint.
 */
export const LOG_BYTES_MAX = { account: 32 * 1024 * 1024, turns: 8 * 1024 * 1024 } as const;
/** Pages that are checked when a database is opened: 64 MiB. */
const OPEN_PAGES_MAX = 16_384;
const CACHE_KIB = 16_384;

export interface CheckedOptions {
  /** A commit does not wait for the disk. */
  readonly lazy: boolean;
  readonly logBytesMax: number;
}

/**
 * Makes the files of a new database, whole or not at all.
 *
 * @param build its tables
 */
export function makeDatabase(path: string, build: (db: DatabaseSync) => void): void {
  const unfinished = path + UNFINISHED;
  for (const left of [unfinished, walPath(unfinished)]) rmSync(left, { force: true });
  inOurWords(path, () => {
    // Its log will have the mode of the database.
    makePrivately(unfinished);
    const db = openDatabase(unfinished);
    try {
      db.exec(`PRAGMA page_size=${PAGE_BYTES}; PRAGMA application_id=${APPLICATION_ID};
        PRAGMA user_version=${FORMAT_VERSION}; PRAGMA locking_mode=EXCLUSIVE;
        PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL`);
      build(db);
    } finally {
      db.close();
    }
    const pages = readAll(unfinished);
    const sums = Array.from({ length: pages.length / PAGE_BYTES }, (_, i) =>
      crc32(pages.subarray(i * PAGE_BYTES, (i + 1) * PAGE_BYTES)),
    );
    writeFileDurably(sumsPath(path), sumsFile(sums, [0, 0]));
    renameSync(unfinished, path);
    syncFolder(dirname(path));
  });
}

export class CheckedDatabase {
  readonly path: string;
  readonly #db: DatabaseSync;
  readonly #sums: PageSumsFile;
  readonly #lazy: boolean;
  readonly #logBytesMax: number;
  #log: number | undefined;
  #logBytes: number;
  /** A checkpoint that found no space is tried again when the log has grown so far. */
  #checkpointAt: number;

  /** @throws RiskError corrupt naming file and page or frame; unsupported, unreadable_file */
  constructor(path: string, { lazy, logBytesMax }: CheckedOptions) {
    this.path = path;
    this.#logBytesMax = logBytesMax;
    this.#checkpointAt = logBytesMax;
    this.#lazy = lazy;
    const { sums, wal } = checkFiles(path, { lazy, pagesMax: OPEN_PAGES_MAX });
    // A tail that was never acknowledged; SQLite would pass over it, and write into it.
    if (wal.tailBytes > 0) {
      inOurWords(path, () => truncateSync(walPath(path), wal.committedBytes));
    }
    this.#logBytes = wal.committedBytes;
    this.#sums = new PageSumsFile(sumsPath(path), trueSums(path, { sums, wal }));
    this.#db = openDatabase(path);
    inOurWords(path, () => {
      this.#db.exec(`PRAGMA locking_mode=EXCLUSIVE; PRAGMA cache_size=-${CACHE_KIB};
        PRAGMA synchronous=${lazy ? "NORMAL" : "FULL"}; PRAGMA wal_autocheckpoint=0;
        PRAGMA cell_size_check=ON; PRAGMA journal_mode=WAL`);
    });
    if (wal.pageCount === 0) return;
    // What was said of the pages may lack the last transactions.
    this.#say({ ...wal, entries: sumsOf(wal.pages) });
    // The log ends here: after a failed sync, what is read of it need not be on the disk.
    this.#checkpointIfSpace();
  }

  prepare(sql: string): StatementSync {
    return inOurWords(this.path, () => this.#db.prepare(sql));
  }

  /** Bytes of the database without its log. */
  bytes(): number {
    return inOurWords(this.path, () => statSync(this.path).size);
  }

  /**
   * Runs `act` in a transaction.
   *
   * @throws RiskError journal_full: nothing was changed; any other: nothing may be written again
   */
  run(act: () => void): void {
    try {
      inOurWords(this.path, () => {
        this.#db.exec("BEGIN IMMEDIATE");
        act();
        this.#db.exec("COMMIT");
      });
    } catch (error) {
      this.#undo();
      throw error;
    }
    this.#sayNew();
  }

  /** Brings the log into the database when it is large enough. @throws RiskError journal_failed */
  keepLogSmall(): void {
    if (this.#logBytes >= this.#checkpointAt) this.#checkpointIfSpace();
  }

  #checkpointIfSpace(): void {
    try {
      this.checkpoint();
    } catch (error) {
      if ((error as RiskError).code !== "journal_full") throw error;
      this.#checkpointAt = this.#logBytes + this.#logBytesMax / 8;
    }
  }

  /** @throws RiskError journal_full: tried in vain, all is as it was; corrupt, journal_failed */
  checkpoint(): void {
    if (this.#logBytes === 0) return;
    // Nobody waited for a lazy log; what is said of it must not outlive it.
    if (this.#lazy) inOurWords(this.path, () => fdatasyncSync(this.#logFile()));
    this.#sums.checkpoint();
    inOurWords(this.path, () => {
      const [row] = this.#db.prepare("PRAGMA wal_checkpoint(TRUNCATE)").all();
      if (row?.["busy"] === 0) return;
      throw new RiskError("journal_failed", { path: this.path, found: "a checkpoint was held up" });
    });
    this.#logBytes = 0;
    this.#checkpointAt = this.#logBytesMax;
  }

  /** Leaves the database without a log, when there is space. */
  close(): void {
    this.#checkpointIfSpace();
    if (this.#log !== undefined) closeSync(this.#log);
    this.#sums.close();
    this.#db.close();
  }

  #logFile(): number {
    this.#log ??= openSync(walPath(this.path), "r");
    return this.#log;
  }

  /** Says what pages the transactions since the last time made. */
  #sayNew(): void {
    const { size } = inOurWords(this.path, () => fstatSync(this.#logFile()));
    if (size === this.#logBytes) return;
    const bytes = new Uint8Array(size - this.#logBytes);
    inOurWords(this.path, () => readSync(this.#logFile(), bytes, 0, bytes.length, this.#logBytes));
    const frames = loggedFrames(bytes, this.#logBytes === 0);
    this.#logBytes = size;
    this.#say({ ...frames, committedBytes: size, entries: sumsOf(frames.pages) });
  }

  #say({ pageCount, salts, committedBytes, entries }: Said): void {
    this.#sums.commit({ pageCount, salts, logBytes: committedBytes, entries });
  }

  #undo(): void {
    try {
      this.#db.exec("ROLLBACK");
    } catch {
      // SQLite rolls back by itself when the disk is full.
    }
    const log = walPath(this.path);
    if (!existsSync(log)) return;
    try {
      if (statSync(log).size > this.#logBytes) truncateSync(log, this.#logBytes);
    } catch (error) {
      throw new RiskError("journal_failed", { path: log, found: String(error) }, { cause: error });
    }
  }
}

/**
 * What is said of the pages, without transactions that are in neither log nor database: a power
 * failure took them, or SQLite brought them into the database when a process ended.
 */
function trueSums(path: string, { sums, wal }: CheckedFiles): PageSums {
  const isTrue = wal.pageCount > 0 && sums.logBytes <= wal.committedBytes;
  if (sums.pending.size === 0 || isTrue) return sums;
  const fd = inOurWords(path, () => openSync(path, "r"));
  const page = new Uint8Array(PAGE_BYTES);
  const base = sums.base.slice(0, fstatSync(fd).size / PAGE_BYTES);
  for (const number of sums.pending.keys()) {
    const length = readSync(fd, page, 0, PAGE_BYTES, (number - 1) * PAGE_BYTES);
    if (length > 0) base[number - 1] = crc32(page);
  }
  closeSync(fd);
  const file = sumsPath(path);
  inOurWords(file, () => writeFileDurably(file, sumsFile(base, sums.checkpointSalts)));
  return readPageSums(file);
}

interface Said extends Omit<LoggedFrames, "pages"> {
  readonly committedBytes: number;
  readonly entries: ReadonlyMap<number, number>;
}

function sumsOf(pages: ReadonlyMap<number, Uint8Array>): Map<number, number> {
  return new Map([...pages].map(([page, content]) => [page, crc32(content)]));
}
