/**
 * Keys on disk: `{keys: [{keyId, secret, principal, scopes}]}`, mode 0600.
 *
 * A file that others can read is refused, for then its secrets are none. It is written beside its
 * place and moved there, so a reader finds the old one or the new one and never half of either.
 */
import { randomBytes } from "node:crypto";
import { readFileSync, renameSync, type Stats, statSync, writeFileSync } from "node:fs";
import { check } from "../../core/check.ts";
import { RiskError } from "../../core/errors.ts";
import { parseJson } from "../../core/parse-json.ts";
import { list, object, text } from "../../core/shape.ts";
import { NAME_CHARACTERS_MAX } from "../protocol/limits.ts";
import { type Key, type Keys, keysOf, type NewKey, newKey, type StoredKey } from "./keys.ts";

/** Keys in one file. */
export const KEYS_MAX = 10_000;
/** Scopes of one key. */
export const SCOPES_MAX = 256;
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
 * @throws RiskError `unreadable_file` when others may read it, `malformed_file` when it is no key
 * file
 */
export function readKeyFile(path: string): readonly StoredKey[] {
  const stats = statOf(path);
  if (stats === undefined) return [];
  if ((stats.mode & OTHERS) !== 0) {
    const found = (stats.mode & 0o777).toString(8);
    throw new RiskError("unreadable_file", { path, expected: "mode 600", found: `mode ${found}` });
  }
  const keys = storedKeys(path, readFileSync(path, "utf8"));
  const twice = keys.find(({ keyId }, i) => keys.findIndex((key) => key.keyId === keyId) !== i);
  if (!twice) return keys;
  throw new RiskError("malformed_file", { path, expected: "each key once", found: twice.keyId });
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

/** Replaces the file, with mode 0600 from its first byte on. */
export function writeKeyFile(path: string, keys: readonly StoredKey[]): void {
  const draft = `${path}.${randomBytes(4).toString("hex")}.draft`;
  writeFileSync(draft, `${JSON.stringify({ keys }, null, 2)}\n`, {
    mode: PRIVATE_MODE,
    flag: "wx",
  });
  renameSync(draft, path);
}

/**
 * Makes a key, adds it to the file and gives it back: the only time its secret is shown.
 *
 * @throws RiskError `conflict` when the file has a key of that id, `limit_exceeded` when it is full
 */
export function addKey(path: string, wanted: NewKey): StoredKey {
  const keys = readKeyFile(path);
  const key = newKey(wanted);
  check(keyShape, key, "key");
  if (keys.length >= KEYS_MAX) {
    throw new RiskError("limit_exceeded", { path, expected: `at most ${KEYS_MAX} keys` });
  }
  if (keys.some(({ keyId }) => keyId === key.keyId)) {
    throw new RiskError("conflict", { path, expected: "an id that is free", found: key.keyId });
  }
  writeKeyFile(path, [...keys, key]);
  return key;
}

/** Takes a key out of the file; false when it had none of that id. */
export function revokeKey(path: string, keyId: string): boolean {
  const keys = readKeyFile(path);
  const left = keys.filter((key) => key.keyId !== keyId);
  if (left.length === keys.length) return false;
  writeKeyFile(path, left);
  return true;
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
      const now = stampOf(path);
      if (now === stamp) return undefined;
      stamp = now;
      try {
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
  return statSync(path, { throwIfNoEntry: false });
}
