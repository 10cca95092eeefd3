/**
 * One gateway for a data folder, by a lock of the operating system that ends with its process.
 *
 * It is SQLite's own lock, on an empty database of its own: so it is held before any file of the
 * journal is read, and nothing that reads the journal can lose it by closing a file (POSIX locks
 * of a process end when it closes any descriptor of the file).
 */
import { accessSync, constants, mkdirSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { RiskError } from "../../core/errors.ts";
import { makePrivately } from "./durable-file.ts";
import { inOurWords, openDatabase } from "./sqlite.ts";

const LOCK_FILE = "journal.lock";

export interface Lock {
  /**
   * A lock lasts as long as its file has its name: once that is gone or another file's, somebody
   * else may hold a lock of the same name. @returns what became of the file; undefined: all is well
   */
  lost(): string | undefined;
  release(): void;
}

/**
 * Makes the folder when it is not there, and holds it.
 *
 * @throws RiskError in_use, unreadable_file when it cannot be written
 */
export function lockFolder(data: string): Lock {
  prepareFolder(data);
  try {
    return lockFile(join(data, LOCK_FILE), { waitMs: 0 });
  } catch (error) {
    if ((error as RiskError).code !== "in_use") throw error;
    const [expected, found] = ["a folder that no other gateway uses", "another gateway"];
    throw new RiskError("in_use", { path: data, expected, found }, { cause: error });
  }
}

/**
 * Makes the file when it is not there, and holds it. It stays when the lock goes.
 *
 * @throws RiskError in_use when somebody else still holds it after `waitMs`, unreadable_file
 */
export function lockFile(path: string, { waitMs }: { readonly waitMs: number }): Lock {
  inOurWords(path, () => makePrivately(path));
  const lock = openDatabase(path);
  try {
    const words = `PRAGMA busy_timeout=${waitMs}; PRAGMA journal_mode=MEMORY; BEGIN EXCLUSIVE`;
    inOurWords(path, () => lock.exec(words));
  } catch (error) {
    lock.close();
    throw error;
  }
  const held = identity(path);
  return {
    lost() {
      const found = identity(path);
      if (found === held && found !== undefined) return undefined;
      return `${basename(path)} is ${found === undefined ? "gone" : "another file"}`;
    },
    release: () => lock.close(),
  };
}

/** Which file has the name now; undefined when none has. */
function identity(path: string): string | undefined {
  const found = statSync(path, { throwIfNoEntry: false, bigint: true });
  return found && `${found.dev} ${found.ino}`;
}

/** Makes the folder when it is not there, for its owner alone. @throws RiskError unreadable_file */
export function prepareFolder(data: string): void {
  try {
    mkdirSync(data, { recursive: true, mode: 0o700 });
    accessSync(data, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    throw unwritable(data, error);
  }
}

/** A file or folder that is there and cannot be written. */
export function unwritable(path: string, error: unknown): RiskError {
  const found = (error as NodeJS.ErrnoException).code ?? String(error);
  const expected = "a folder and files that can be written";
  return new RiskError("unreadable_file", { path, expected, found }, { cause: error });
}
