/**
 * Files that are whole or not there: written beside, synced, renamed, the folder synced.
 *
 * A write may be shorter than asked without an error, so counts are checked; an fsync that failed
 * is never tried again on the same file, because the kernel may have dropped what it could not
 * write.
 */
import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import { dirname } from "node:path";

/** Ending of a file that is not yet whole. */
export const UNFINISHED = ".new";

/** Writes all of `bytes` at `position`. @throws what the system says, ENOSPC included */
export function writeWhole(fd: number, bytes: Uint8Array, position: number): void {
  for (let at = 0; at < bytes.length; ) {
    at += writeSync(fd, bytes, at, bytes.length - at, position + at);
  }
}

/** Of a file that is made here, unless it is said otherwise: nobody else reads it. */
const PRIVATE = 0o600;

/** Makes an empty file for others to open, unless there is one. @throws what the system says */
export function makePrivately(path: string): void {
  // One that is there is not even opened: closing it would end the locks on it.
  if (existsSync(path)) return;
  try {
    closeSync(openSync(path, "wx", PRIVATE));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
}

/**
 * Replaces the file, or makes it.
 *
 * @param mode who may read and write it, as far as the umask lets them
 * @throws what the system says, ENOSPC included
 */
export function writeFileDurably(path: string, bytes: Uint8Array, mode = PRIVATE): void {
  const unfinished = path + UNFINISHED;
  const fd = openSync(unfinished, "w", mode);
  try {
    writeWhole(fd, bytes, 0);
    fsyncSync(fd);
  } catch (error) {
    rmSync(unfinished, { force: true });
    throw error;
  } finally {
    closeSync(fd);
  }
  renameSync(unfinished, path);
  syncFolder(dirname(path));
}

/** Makes the names in a folder durable. */
export function syncFolder(folder: string): void {
  const fd = openSync(folder, "r");
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
