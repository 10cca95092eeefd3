/**
 * The previews that were approved, as files: what stood behind a hash of the list can be read
 * again, by a method or with `sha256sum`.
 *
 *      previews/HASH.json      canonical JSON, and HASH is its SHA-256
 *
 * A file is on disk before its decision is sent to the list. What the decisions that are kept name
 * is never removed; of the rest there is room for thousands.
 */
import { createHash } from "node:crypto";
import { RiskError, shown } from "../../../core/errors.ts";
import type { Folder } from "../../journal/folder.ts";
import type { PreviewDocument } from "./preview.ts";
import type { Seen } from "./seen.ts";

/** Bytes of a preview's canonical JSON. */
export const PREVIEW_BYTES_MAX = 65_536;
/** Files; beyond it those are removed that no kept decision names. */
export const PREVIEW_FILES_MAX = 4_096;

const FILE = /^([0-9a-f]{64})\.json$/;

export interface KeptPreviews {
  /**
   * Durable when it returns.
   *
   * @throws RiskError `journal_full`
   */
  keep(seen: Pick<Seen, "hash" | "text">): Promise<void>;
  /** @throws RiskError `unknown_value`, or `corrupt` when it is not what was approved */
  read(hash: string): PreviewDocument;
}

/** @param named hashes that must not be removed */
export function openKeptPreviews(folder: Folder, named: () => ReadonlySet<string>): KeptPreviews {
  const hashes = (): readonly string[] =>
    folder.list().flatMap((name) => FILE.exec(name)?.[1] ?? []);

  function makeRoom(): void {
    const all = hashes();
    if (all.length < PREVIEW_FILES_MAX) return;
    const needed = named();
    for (const hash of all) if (!needed.has(hash)) folder.remove(`${hash}.json`);
  }

  return {
    async keep({ hash, text }) {
      try {
        makeRoom();
        await folder.write(`${hash}.json`, Buffer.from(text));
      } catch (cause) {
        const found =
          cause instanceof RiskError ? (cause.detail.found ?? cause.code) : shown(cause);
        const expected = "room for the preview that is approved";
        throw new RiskError("journal_full", { path: "previews", expected, found }, { cause });
      }
    },
    read(hash) {
      if (!hashes().includes(hash)) {
        const expected = "the hash of an approved preview that is kept";
        throw new RiskError("unknown_value", { path: "params.hash", expected, found: shown(hash) });
      }
      const text = textOf(folder, `${hash}.json`);
      if (hashOf(text) === hash) return JSON.parse(text) as PreviewDocument;
      throw new RiskError("corrupt", { path: `previews/${hash}.json`, expected: "its own hash" });
    },
  };
}

/** @returns 64 hex digits */
export const hashOf = (text: string): string => createHash("sha256").update(text).digest("hex");

/** The folder's own refusal names a path of this machine, which is nothing to a caller. */
function textOf(folder: Folder, name: string): string {
  try {
    return Buffer.from(folder.read(name)).toString();
  } catch (cause) {
    throw new RiskError("unreadable_file", { path: `previews/${name}` }, { cause });
  }
}
