/**
 * Keys on disk: `{keys: [{keyId, secret, principal, scopes}]}`, mode 0600.
 *
 * A file that others can read is refused, for then its secrets are none. It is written beside its
 * place and moved there, so a reader finds the old one or the new one and never half of either, and
 * it is on disk before anybody is told: no power cut brings a revoked key back. Whoever changes it
 * holds a lock from the reading to the writing, so of two changes neither is lost.
 */
import { readFileSync, rmSync, type Stats, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { check } from "../../core/check.ts";
import { RiskError } from "../../core/errors.ts";
import { parseJson } from "../../core/parse-json.ts";
import { list, object, text } from "../../core/shape.ts";
import { UNFINISHED, writeFileDurably } from "../journal/durable-file.ts";
import { type Lock, lockFile, unwritable } from "../journal/folder-lock.ts";
import { NAME_CHARACTERS_MAX } from "../protocol/limits.ts";
import { type Key, type Keys, keysOf, type NewKey, newKey, type StoredKey } from "./keys.ts";

/** Keys in one file. */
export const KEYS_MAX = 10_000;
/** Scopes of one key. */
export const SCOPES_MAX = 256;
/** How long a change waits for others of the same folder, ms. */
export const KEYS_WAIT_MS = 10_000;
/** Beside the key files of a folder; held while one of them is changed. */
export const KEYS_LOCK = "keys.lock";
/** Nesting of a key file. */
const DEPTH_MAX = 4;
const PRIVATE_MODE = 0o600;
const OTHERS = 0o077;

const name = text({ max: NAME_CHARACTERS_MAX });
const keyShape = object({
  keyId: text({
    max: NAME_CHARACTERS_MAX,
    pattern: /^[A-Za-z0-9._-]+$/,
    form: `id of 1 to ${NAME_CHARACTERS_MAX} letters, digits, dots, dashes or underscores`,
  }),
  secret: text({ min: 32, max: 256 }),
  principal: name,
  scopes: list(name, { min: 1, max: SCOPES_MAX }),
});
const fileShape = object({ keys: list(keyShape, { max: KEYS_MAX }) });

/**
 * The keys in the file; an absent one holds none.
 *
 * @throws RiskError `unreadable_file` when others may read it or we may not, `malformed_file` when
 * it is no key file
 */
export function readKeyFile(path: string): readonly StoredKey[] {
  const stats = statOf(path);
  if (stats === undefined) return [];
  if ((stats.mode & OTHERS) !== 0) {
    const found = (stats.mode & 0o777).toString(8);
    throw new RiskError("unreadable_file", { path, expected: "mode 600", found: `mode ${found}` });
  }
  const keys = storedKeys(path, contentOf(path));
  const twice = keys.find(({ keyId }, i) => keys.findIndex((key) => key.keyId === keyId) !== i);
  if (!twice) return keys;
  throw new RiskError("malformed_file", { path, expected: "each key once", found: twice.keyId });
}

function contentOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw unreadable(path, error);
  }
}

function storedKeys(path: string, content: string): readonly StoredKey[] {
  try {
    return check(fileShape, parseJson(content, { depthMax: DEPTH_MAX })).keys;
  } catch (cause) {
    if (!(cause instanceof RiskError)) throw cause;
    // Only the place is repeated: what stood there may be a secret.
    const { path: at, expected = "a key file" } = cause.detail;
    const where = at === undefined ? path : `${path}: ${at}`;
    throw new RiskError("malformed_file", { path: where, expected });
  }
}

/** Replaces the file, with mode 0600 from its first byte on. @throws RiskError unreadable_file */
function writeKeyFile(path: string, keys: readonly StoredKey[]): void {
  const content = Buffer.from(`${JSON.stringify({ keys }, null, 2)}\n`);
  try {
    // What a crash left there may have had another mode.
    rmSync(path + UNFINISHED, { force: true });
    writeFileDurably(path, content, PRIVATE_MODE);
  } catch (error) {
    throw unwritable(path, error);
  }
}

/**
 * Replaces what the file holds while nobody else changes it.
 *
 * @param change the keys that it shall hold, from those that it holds; undefined leaves it
 * @param waitMs for how long others may be at it
 * @returns whether it was replaced
 * @throws RiskError as `readKeyFile` and `change`; `conflict` when others are at it for longer,
 * `unreadable_file` when it cannot be written
 */
export function changeKeyFile(
  path: string,
  change: (keys: readonly StoredKey[]) => readonly StoredKey[] | undefined,
  waitMs: number = KEYS_WAIT_MS,
): boolean {
  const lock = lockOf(path, waitMs);
  try {
    const keys = change(readKeyFile(path));
    if (keys !== undefined) writeKeyFile(path, keys);
    return keys !== undefined;
  } finally {
    lock.release();
  }
}

function lockOf(path: string, waitMs: number): Lock {
  try {
    return lockFile(join(dirname(path), KEYS_LOCK), { waitMs });
  } catch (error) {
    if (!(error instanceof RiskError) || error.code !== "in_use") throw error;
    const expected = `a moment within ${waitMs} ms when nobody else changes the keys`;
    throw new RiskError("conflict", { path, expected }, { cause: error });
  }
}

/**
 * Makes a key, adds it to the file and gives it back: the only time its secret is shown.
 *
 * @throws RiskError as `changeKeyFile`; `conflict` also when the file has a key of that id,
 * `limit_exceeded` when it is full
 */
export function addKey(path: string, wanted: NewKey): StoredKey {
  const key = newKey(wanted);
  check(keyShape, key, "key");
  changeKeyFile(path, (keys) => {
    if (keys.length >= KEYS_MAX) {
      throw new RiskError("limit_exceeded", { path, expected: `at most ${KEYS_MAX} keys` });
    }
    if (keys.some(({ keyId }) => keyId === key.keyId)) {
      throw new RiskError("conflict", { path, expected: "an id that is free", found: key.keyId });
    }
    return [...keys, key];
  });
  return key;
}

/** Takes a key out of the file; false when it had none of that id. @throws as `changeKeyFile` */
export function revokeKey(path: string, keyId: string): boolean {
  if (statOf(path) === undefined) return false;
  return changeKeyFile(path, (keys) => {
    const left = keys.filter((key) => key.keyId !== keyId);
    return left.length === keys.length ? undefined : left;
  });
}

export interface KeyFileOptions {
  /** Its keys are refused from any other machine. */
  readonly loopbackOnly: boolean;
}

/**
 * The file's keys, read again whenever it changes.
 *
 * @throws RiskError as `readKeyFile` does, on the first reading
 */
export function openKeyFile(path: string, { loopbackOnly }: KeyFileOptions): Keys {
  const load = (): Keys => keysOf(readKeyFile(path).map((key): Key => ({ ...key, loopbackOnly })));
  let stamp = stampOf(path);
  let loaded = load();
  return {
    find: (keyId) => loaded.find(keyId),
    refresh() {
      try {
        const now = stampOf(path);
        if (now === stamp) return undefined;
        stamp = now;
        loaded = load();
        return undefined;
      } catch (error) {
        if (error instanceof RiskError) return error;
        throw error;
      }
    },
  };
}

/** Changes whenever the file is replaced or written. */
function stampOf(path: string): string {
  const stats = statOf(path);
  return stats === undefined ? "" : `${stats.ino} ${stats.mtimeMs} ${stats.size} ${stats.mode}`;
}

function statOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch (error) {
    throw unreadable(path, error);
  }
}

function unreadable(path: string, error: unknown): RiskError {
  const found = (error as NodeJS.ErrnoException).code ?? String(error);
  return new RiskError("unreadable_file", { path, expected: "a file that can be read", found });
}
