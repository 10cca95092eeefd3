/**
 * A copy of a database that somebody may be writing to, as it was at one moment.
 *
 *      x.db copied ─► x.pages, x.db-wal copied ─► pages that do not agree taken again ─► all agree
 *                         └─ a checkpoint fell into it: once more ◄────────────────┘
 *
 * The database is long to copy, and checkpoints change some of its pages meanwhile; checksums and
 * log are short, and say which. Whether a checkpoint came is seen by the log, which begins anew.
 */
import {
  closeSync,
  constants,
  copyFileSync,
  existsSync,
  fstatSync,
  ftruncateSync,
  openSync,
  readSync,
  rmSync,
  statSync,
} from "node:fs";
import { crc32 } from "node:zlib";
import { RiskError } from "../../core/errors.ts";
import {
  checkSize,
  checkVersion,
  inReading,
  isRight,
  type PageCheck,
  readAll,
  readChecks,
  sumsPath,
  walPath,
  wrongPage,
} from "./check-files.ts";
import { writeWhole } from "./durable-file.ts";
import { PAGE_BYTES } from "./wal.ts";

/** Attempts at checksums and log into which no checkpoint falls. */
const ATTEMPTS_MAX = 50;
const LOG_HEADER_BYTES = 32;
const CHUNK_BYTES = 256 * PAGE_BYTES;

/**
 * Copies the database `from`, with its log and checksums, to `to`.
 *
 * @param lazy see check-files.ts
 * @throws RiskError corrupt naming the file that is broken; unsupported, unreadable_file
 */
export function copyDatabase(from: string, to: string, lazy: boolean): void {
  checkVersion(from);
  copyFile(from, to);
  const source = inReading(from, () => openSync(from, "r"));
  const copy = inReading(to, () => openSync(to, "r+"));
  try {
    const sums = pageSums(copy);
    for (let attempt = 1; ; attempt++) {
      const error = settle({ from, to, lazy, source, copy, sums });
      if (error === undefined) return;
      if (attempt === ATTEMPTS_MAX || error.log === logOf(from)) throw named(error.error, from, to);
    }
  } finally {
    closeSync(source);
    closeSync(copy);
  }
}

interface Copying {
  readonly from: string;
  readonly to: string;
  readonly lazy: boolean;
  readonly source: number;
  readonly copy: number;
  /** CRC-32 of the pages of the copy. */
  readonly sums: number[];
}

/** @returns what does not agree, and the state of the log that it was held against */
function settle(copying: Copying): { readonly error: unknown; readonly log: string } | undefined {
  const { from, to, lazy } = copying;
  const log = logOf(from);
  try {
    copyFile(sumsPath(from), sumsPath(to));
    rmSync(walPath(to), { force: true });
    if (existsSync(walPath(from))) copyFile(walPath(from), walPath(to));
    takeAgain(copying, { ...readChecks(to, { lazy }), lazy });
  } catch (error) {
    return { error, log };
  }
  if (beginningOf(log) === beginningOf(logOf(from))) return undefined;
  const [expected, found] = ["a copy without a checkpoint", "one after the other"];
  return { error: new RiskError("in_use", { path: from, expected, found }), log };
}

/** Takes the pages that do not agree from the source again. @throws RiskError corrupt */
function takeAgain({ to, source, copy, sums }: Copying, check: PageCheck): void {
  const { size } = fstatSync(source);
  ftruncateSync(copy, size);
  checkSize(to, size / PAGE_BYTES, check);
  sums.length = size / PAGE_BYTES;
  const page = new Uint8Array(PAGE_BYTES);
  for (let number = 1; number <= sums.length; number++) {
    const known = sums[number - 1];
    if (known !== undefined && isRight(number, known, check)) continue;
    readSync(source, page, 0, PAGE_BYTES, (number - 1) * PAGE_BYTES);
    writeWhole(copy, page, (number - 1) * PAGE_BYTES);
    sums[number - 1] = crc32(page);
    if (!isRight(number, sums[number - 1]!, check)) throw wrongPage(to, number);
  }
}

function pageSums(fd: number): number[] {
  const sums: number[] = [];
  const chunk = new Uint8Array(CHUNK_BYTES);
  for (let from = 0; ; from += CHUNK_BYTES) {
    const length = readSync(fd, chunk, 0, CHUNK_BYTES, from);
    for (let at = 0; at + PAGE_BYTES <= length; at += PAGE_BYTES) {
      sums.push(crc32(chunk.subarray(at, at + PAGE_BYTES)));
    }
    if (length < CHUNK_BYTES) return sums;
  }
}

function copyFile(from: string, to: string): void {
  inReading(from, () => copyFileSync(from, to, constants.COPYFILE_FICLONE));
}

/** The header of the log, which each checkpoint ends, and what tells whether anything changed. */
function logOf(path: string): string {
  const log = walPath(path);
  const header = existsSync(log) ? Buffer.from(readAll(log, LOG_HEADER_BYTES)).toString("hex") : "";
  const { size, mtimeMs } = inReading(sumsPath(path), () => statSync(sumsPath(path)));
  return `${header} ${size} ${mtimeMs}`;
}

const beginningOf = (log: string): string => log.split(" ")[0]!;

/** The error by the name of the file, not of its copy. */
function named(error: unknown, from: string, to: string): unknown {
  if (!(error instanceof RiskError) || error.detail.path === undefined) return error;
  const stem = (path: string) => path.replace(/\.db$/, "");
  const path = error.detail.path.replace(stem(to), stem(from));
  return new RiskError(error.code, { ...error.detail, path }, { cause: error });
}
