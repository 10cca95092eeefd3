/**
 * SQLite, as Node has it built in, and its errors in our words.
 *
 * Node 22 warns that it is experimental; whoever starts a gateway need not read that. Loading is
 * the moment of the warning, so only that moment is covered.
 */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { RiskError, shown } from "../../core/errors.ts";

export type { DatabaseSync, StatementSync };

const { DatabaseSync: Database } = loaded();

function loaded(): typeof import("node:sqlite") {
  const { emitWarning } = process;
  process.emitWarning = (warning: string | Error, ...rest: unknown[]) => {
    if (String(warning).includes("SQLite")) return;
    Reflect.apply(emitWarning, process, [warning, ...rest]);
  };
  try {
    return process.getBuiltinModule("node:sqlite");
  } finally {
    process.emitWarning = emitWarning;
  }
}

/** Opens a file to write, made when it is not there. @throws as `inOurWords` says */
export function openDatabase(path: string): DatabaseSync {
  return inOurWords(path, () => new Database(path));
}

/** Opens a file that nobody changes, without a lock, a log or a trace. */
export function openUnchanging(path: string): DatabaseSync {
  const url = urlOf(path, "?immutable=1&mode=ro");
  return inOurWords(path, () => new Database(url, { readOnly: true }));
}

/**
 * Whether a process holds the database by an exclusive lock, which is asked without reading its
 * log and without writing, but that a log of no bytes may be made.
 */
export function isHeld(path: string): boolean {
  const db = inOurWords(
    path,
    () => new Database(urlOf(path, "?mode=ro&readonly_shm=1"), { readOnly: true }),
  );
  try {
    db.prepare("SELECT 1 FROM sqlite_master").get();
    return false;
  } catch (error) {
    // Without a lock it does not read the log, for which it would have to write.
    return ((error as { errcode?: number }).errcode ?? 0) % 256 === BUSY;
  } finally {
    db.close();
  }
}

function urlOf(path: string, search: string): URL {
  const url = new URL(`file:${encodeURI(path).replaceAll("?", "%3f").replaceAll("#", "%23")}`);
  url.search = search;
  return url;
}

/** Primary result codes, and extended ones of I/O: https://www.sqlite.org/rescode.html */
const BUSY = 5;
const READONLY = 8;
const IOERR = 10;
const CORRUPT = 11;
const FULL = 13;
const CANTOPEN = 14;
const NOTADB = 26;
const IOERR_SHORT_READ = 522;

/**
 * Runs `act` on the database `path`.
 *
 * @throws RiskError in_use, unreadable_file, corrupt; journal_full when there is no space, and
 *   journal_failed for any other fault of the disk: after a failed fsync nobody knows what is on it
 */
export function inOurWords<T>(path: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    throw translated(path, error);
  }
}

function translated(path: string, error: unknown): RiskError {
  if (error instanceof RiskError) return error;
  const { errcode, code, message } = error as { errcode?: number; code?: string; message: string };
  const found = shown(errcode === undefined ? (code ?? message) : `${message} (${errcode})`);
  const of = (name: RiskError["code"], expected: string) =>
    new RiskError(name, { path, expected, found }, { cause: error });
  if (code === "ENOSPC" || code === "EDQUOT") return of("journal_full", "space on the disk");
  if (errcode === undefined) return of("journal_failed", "a disk that can be written");
  switch (errcode & 0xff) {
    case FULL:
      return of("journal_full", "space on the disk");
    case BUSY:
      return of("in_use", "nobody else at it");
    case READONLY:
    case CANTOPEN:
      return of("unreadable_file", "a file that can be read and written");
    case CORRUPT:
    case NOTADB:
      return of("corrupt", "a database");
    case IOERR:
      if (errcode === IOERR_SHORT_READ) return of("corrupt", "a whole file");
      return of("journal_failed", "a disk that can be read and written");
    default:
      return of("journal_failed", "a database that can be written");
  }
}
