/**
 * The three files of a database, held against each other before anything is read from them:
 *
 *      x.db      changes at checkpoints only     by x.pages, page by page
 *      x.db-wal  grows with every transaction    by its own checksums (wal.ts)
 *      x.pages   checksums of the pages of x.db  by itself (page-sums.ts)
 */
import { closeSync, existsSync, fstatSync, openSync, readSync } from "node:fs";
import { basename } from "node:path";
import { crc32 } from "node:zlib";
import { RiskError } from "../../core/errors.ts";
import { type PageSums, readPageSums } from "./page-sums.ts";
import { EMPTY_WAL, PAGE_BYTES, readWal, type Wal } from "./wal.ts";

/** Stands in the database's header: "SWJ1". */
export const APPLICATION_ID = 0x53574a31;
/** Version of all files of a journal. */
export const FORMAT_VERSION = 1;
const SQLITE_HEADER_BYTES = 100;
const CHUNK_PAGES = 256;

export const sumsPath = (path: string): string => path.replace(/\.db$/, ".pages");
export const walPath = (path: string): string => `${path}-wal`;

export interface CheckOptions {
  /** Commits were not waited for: what a power failure took of the log is no corruption. */
  readonly lazy: boolean;
  /** How many pages of the database are checked at most: the first one and the newest. */
  readonly pagesMax?: number;
}

export interface CheckedFiles {
  readonly sums: PageSums;
  readonly wal: Wal;
}

/** @throws RiskError corrupt naming file and page or frame; unsupported, unreadable_file */
export function checkFiles(path: string, options: CheckOptions): CheckedFiles {
  checkVersion(path);
  const files = readChecks(path, options);
  checkPages(path, { ...files, ...options });
  return files;
}

/** What the pages of a database are held against: its checksums and its log, both checked. */
export function readChecks(path: string, { lazy }: CheckOptions): CheckedFiles {
  const sums = inReading(sumsPath(path), () => readPageSums(sumsPath(path)));
  const log = walPath(path);
  const wal = existsSync(log) ? readWal(readAll(log), { path: log, lazy }) : EMPTY_WAL;
  if (!lazy && wal.pageCount > 0 && wal.committedBytes < sums.logBytes) {
    const [expected, found] = [`${sums.logBytes} bytes`, `${wal.committedBytes} whole ones`];
    throw new RiskError("corrupt", { path: log, expected, found });
  }
  return { sums, wal };
}

/** The version stands in the first page; a newer one may have other pages and checksums. */
export function checkVersion(path: string): void {
  refuseWithoutSums(path);
  const header = readAll(path, SQLITE_HEADER_BYTES);
  const view = new DataView(header.buffer);
  if (header.length < SQLITE_HEADER_BYTES || view.getUint32(68) !== APPLICATION_ID) {
    throw new RiskError("corrupt", { path, expected: "a journal", found: "something else" });
  }
  const version = view.getUint32(60);
  if (version === FORMAT_VERSION) return;
  throw new RiskError("unsupported", {
    path,
    expected: `version ${FORMAT_VERSION} of the journal, or a newer slidewire`,
    found: `version ${version}`,
  });
}

/** Checksums are there before their database is, and go after it. */
function refuseWithoutSums(path: string): void {
  const sums = sumsPath(path);
  if (existsSync(sums) || !existsSync(path)) return;
  const [expected, found] = [`the checksums of ${basename(path)}`, "no such file"];
  throw new RiskError("corrupt", { path: sums, expected, found });
}

export interface PageCheck extends CheckedFiles, CheckOptions {}

function checkPages(path: string, check: PageCheck): void {
  const { pagesMax = Number.POSITIVE_INFINITY } = check;
  const fd = inReading(path, () => openSync(path, "r"));
  try {
    const count = fstatSync(fd).size / PAGE_BYTES;
    checkSize(path, count, check);
    const from = Math.max(0, count - pagesMax);
    const chunk = new Uint8Array(CHUNK_PAGES * PAGE_BYTES);
    const checkAt = (page: number, pages: number) => {
      const length = pages * PAGE_BYTES;
      const read = inReading(path, () => readSync(fd, chunk, 0, length, page * PAGE_BYTES));
      checkChunk(path, chunk.subarray(0, read), page, check);
    };
    if (from > 0) checkAt(0, 1);
    for (let page = from; page < count; page += CHUNK_PAGES) checkAt(page, CHUNK_PAGES);
  } finally {
    closeSync(fd);
  }
}

function checkChunk(path: string, chunk: Uint8Array, first: number, check: PageCheck): void {
  for (let at = 0; at < chunk.length; at += PAGE_BYTES) {
    const number = first + at / PAGE_BYTES + 1;
    if (isRight(number, crc32(chunk.subarray(at, at + PAGE_BYTES)), check)) continue;
    throw wrongPage(path, number);
  }
}

export function wrongPage(path: string, number: number): RiskError {
  const [expected, found] = ["its checksum", "another checksum"];
  return new RiskError("corrupt", { path: `${path} page ${number}`, expected, found });
}

/** @throws RiskError corrupt */
export function checkSize(path: string, count: number, check: PageCheck): void {
  const { sums, wal, lazy } = check;
  const { base, pageCount } = sums;
  // With a log, some checkpoint may have begun: what it brings is in the log.
  const least = wal.pageCount > 0 || lazy ? base.length : pageCount;
  const most = Math.max(base.length, wal.pageCount, pageCount);
  const isRoom = count >= least || (isHalfway(check) && isLogged(wal, count + 1, least));
  if (Number.isInteger(count) && isRoom && count <= most) return;
  const expected = `${least * PAGE_BYTES} bytes`;
  throw new RiskError("corrupt", { path, expected, found: `${count * PAGE_BYTES} bytes` });
}

/** A checkpoint of this very log was begun, and need not have ended: for want of space, say. */
function isHalfway({ sums: { checkpointSalts }, wal }: CheckedFiles): boolean {
  return wal.pageCount > 0 && checkpointSalts.every((salt, i) => salt === wal.salts[i]);
}

/** Whether the log has every page from number `first` to `last`. */
function isLogged({ pages }: Wal, first: number, last: number): boolean {
  for (let page = first; page <= last; page++) if (!pages.has(page)) return false;
  return true;
}

/** Whether page `number` may have the checksum `sum`. */
export function isRight(number: number, sum: number, check: PageCheck): boolean {
  const { sums, wal, lazy } = check;
  const { base, pending } = sums;
  const said = base[number - 1];
  if (wal.pageCount === 0) {
    const newest = pending.get(number) ?? said;
    return sum === newest || (lazy && sum === said);
  }
  const logged = wal.pages.get(number);
  if (logged === undefined) return sum === said;
  // A checkpoint that was cut off may have torn the page; it is taken from the log again.
  return isHalfway(check) || sum === said || sum === crc32(logged);
}

/** The whole file, or its first bytes. @throws RiskError unreadable_file */
export function readAll(path: string, bytesMax = Number.POSITIVE_INFINITY): Uint8Array {
  return inReading(path, () => {
    const fd = openSync(path, "r");
    try {
      const bytes = new Uint8Array(Math.min(fstatSync(fd).size, bytesMax));
      let at = 0;
      while (at < bytes.length) {
        const read = readSync(fd, bytes, at, bytes.length - at, at);
        if (read === 0) break;
        at += read;
      }
      return bytes.subarray(0, at);
    } finally {
      closeSync(fd);
    }
  });
}

/** Runs `act`, which reads the file `path`. @throws RiskError unreadable_file */
export function inReading<T>(path: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    if (error instanceof RiskError) throw error;
    const found = (error as NodeJS.ErrnoException).code ?? String(error);
    const expected = "a file that can be read";
    throw new RiskError("unreadable_file", { path, expected, found }, { cause: error });
  }
}
