/**
 * A folder of whole files: what stands under a name was written to the end and is on disk.
 *
 *      draft ─ write, count ─ fsync ─ rename ─ fsync of the folder
 *
 * A disk that is full may write less than it was given and say no more than the count, so the count
 * is looked at. A file whose fsync failed is never tried again: nobody knows what the kernel has
 * dropped of it. What a crash left half written is a draft, and drafts are removed when the folder
 * is opened.
 */
import { mkdirSync, readdirSync, readFileSync, unlinkSync } from "node:fs";
import { open, rename, unlink } from "node:fs/promises";
import { join } from "node:path";
import { RiskError, shown } from "../../core/errors.ts";
import { pass } from "./fault.ts";

export interface Folder {
  /** Names of the files that are whole. */
  list(): readonly string[];
  /** @throws RiskError unreadable_file */
  read(name: string): Uint8Array;
  /**
   * Durable and whole under its name when it returns, or not there at all.
   *
   * @throws RiskError unreadable_file with what the disk said
   */
  write(name: string, bytes: Uint8Array): Promise<void> | void;
  /** What is not there is removed already. */
  remove(name: string): void;
}

/** The calls on files that it takes, as a kernel answers them: a simulation may be the disk. */
export interface FolderDisk {
  makeFolder(path: string): void;
  names(path: string): readonly string[];
  read(path: string): Uint8Array;
  remove(path: string): void;
  open(path: string, flags: string, mode?: number): Promise<DiskFile>;
  rename(from: string, to: string): Promise<void>;
  unlink(path: string): Promise<void>;
}

export interface DiskFile {
  write(bytes: Uint8Array, offset: number, length: number): Promise<{ bytesWritten: number }>;
  sync(): Promise<void>;
  close(): Promise<void>;
}

/** Bytes handed to the disk at a time. */
export const WRITE_BYTES_MAX = 8 * 1024 * 1024;

/** The disk of this machine. */
export const machineDisk: FolderDisk = {
  makeFolder: (path) => void mkdirSync(path, { recursive: true, mode: 0o700 }),
  names: (path) => readdirSync(path),
  read: (path) => readFileSync(path),
  remove: (path) => unlinkSync(path),
  ...{ open, rename, unlink },
};

const DRAFT = ".draft";
const NAME = /^[a-z0-9][a-z0-9.-]*$/;

/**
 * Opens the folder `path`, which is made where there is none, and removes the drafts in it.
 *
 * @throws RiskError unreadable_file
 */
export function openFolder(path: string, disk: FolderDisk = machineDisk): Folder {
  const names = () => attempt(path, () => disk.names(path));
  attempt(path, () => disk.makeFolder(path));
  for (const name of names()) if (name.endsWith(DRAFT)) remove(name);

  function remove(name: string): void {
    const file = fileOf(path, name);
    try {
      disk.remove(file);
    } catch (cause) {
      if (codeOf(cause) !== "ENOENT") throw unreadable(file, cause);
    }
  }

  return {
    list: () => names().filter((name) => !name.endsWith(DRAFT)),
    read(name) {
      const file = fileOf(path, name);
      return attempt(file, () => disk.read(file));
    },
    async write(name, bytes) {
      const file = fileOf(path, name);
      let left = file + DRAFT;
      try {
        await writeDraft(disk, left, bytes);
        pass("snapshot:before-rename");
        await disk.rename(left, file);
        pass("snapshot:after-rename");
        // Renamed and yet not safe counts as not written.
        left = file;
        await syncFolder(disk, path);
      } catch (cause) {
        await disk.unlink(left).catch(() => undefined);
        throw cause instanceof RiskError ? cause : unreadable(file, cause);
      }
    },
    remove,
  };
}

async function writeDraft(disk: FolderDisk, draft: string, bytes: Uint8Array): Promise<void> {
  pass("snapshot:before-write");
  const file = await disk.open(draft, "w", 0o600);
  try {
    let at = 0;
    while (at < bytes.length) {
      const length = Math.min(WRITE_BYTES_MAX, bytes.length - at);
      const { bytesWritten } = await file.write(bytes, at, length);
      if (bytesWritten === 0) throw cut(draft, bytes.length, at);
      at += bytesWritten;
    }
    pass("snapshot:after-write");
    await file.sync();
  } finally {
    await file.close();
  }
}

async function syncFolder(disk: FolderDisk, path: string): Promise<void> {
  const folder = await disk.open(path, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

function fileOf(path: string, name: string): string {
  if (NAME.test(name)) return join(path, name);
  const expected = "small letters, digits, dots and dashes";
  throw new RiskError("invariant_broken", { path, expected, found: shown(name) });
}

function attempt<T>(path: string, act: () => T): T {
  try {
    return act();
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

const codeOf = (cause: unknown): string =>
  cause instanceof Error && "code" in cause ? String(cause.code) : shown(cause);

function unreadable(path: string, cause: unknown): RiskError {
  const expected = "a folder that can be read and written";
  return new RiskError("unreadable_file", { path, expected, found: codeOf(cause) }, { cause });
}

function cut(path: string, length: number, at: number): RiskError {
  const expected = `${length} bytes written`;
  return new RiskError("unreadable_file", { path, expected, found: `${at}, and then none` });
}
