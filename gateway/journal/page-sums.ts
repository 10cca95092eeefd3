/**
 * Checksums of the pages of a database file, so that no bit of it changes unseen: x.pages.
 *
 *      header  magic "SWPS", version u32, CRC-32 of both
 *      block   kind u32, entries u32, pages u32, salts 2 x u32, log bytes f64,
 *              CRC-32 of these, begun with that of the block before,
 *              entries x { page u32, CRC-32 of the page u32 }, CRC-32 of entries likewise
 *      block   …
 *
 * A `commit` says what pages a transaction made, once it is in the log; it is not synced, for the
 * log is. A `checkpoint` says that all so far go from the log into the database, and is synced
 * before they do. So the database holds what was said up to the last checkpoint, or, when somebody
 * else took one (SQLite does when its process ends), up to the end; and a log that is shorter than
 * was said has been cut.
 */
import { readFileSync } from "node:fs";
import { crc32 } from "node:zlib";
import { RiskError } from "../../core/errors.ts";
import { isZero, PAGE_BYTES } from "./wal.ts";

const MAGIC = 0x53505753;
const VERSION = 1;
const HEADER_BYTES = 12;
const BLOCK_BYTES = 32;
const ENTRY_BYTES = 8;
const kinds = ["commit", "checkpoint"] as const;

export interface SumsBlock {
  readonly kind: (typeof kinds)[number];
  /** Pages of the database after it. */
  readonly pageCount: number;
  /** Which log: see wal.ts. */
  readonly salts: readonly [number, number];
  /** Bytes of that log up to here. */
  readonly logBytes: number;
  /** CRC-32 of each page that changed, by its number. */
  readonly entries: ReadonlyMap<number, number>;
}

/** What the blocks of a file add up to. */
export interface PageSums {
  /** CRC-32 of each page as of the last checkpoint, by page number - 1. */
  readonly base: number[];
  /** Of the pages that changed since. */
  readonly pending: Map<number, number>;
  /** Pages with those changes. */
  pageCount: number;
  /** The log of the last checkpoint. */
  checkpointSalts: readonly [number, number];
  /** Bytes of the log that the last block spoke of; 0 behind a checkpoint. */
  logBytes: number;
  /** Bytes of whole blocks. */
  bytes: number;
  /** Checksum of the last block, which the next one continues. */
  link: number;
}

/** @throws RiskError corrupt naming the block, unsupported for a newer version */
export function readPageSums(path: string): PageSums {
  const file = readFileSync(path);
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const sums: PageSums = {
    ...{ base: [], pending: new Map(), pageCount: 0, checkpointSalts: [0, 0], logBytes: 0 },
    ...{ bytes: HEADER_BYTES, link: readHeader(view, path) },
  };
  for (let number = 1; sums.bytes < file.length; number++) {
    const read = readBlock(view, sums);
    if (read === "torn" || (read === "wrong" && hasLostBlock(file, sums.bytes))) break;
    if (read === "wrong") throw broken(`${path} block ${number}`);
    applyBlock(sums, read.block);
    sums.bytes = read.end;
    sums.link = read.link;
  }
  return sums;
}

export function applyBlock(sums: PageSums, block: SumsBlock): void {
  for (const [page, sum] of block.entries) sums.pending.set(page, sum);
  sums.pageCount = block.pageCount;
  sums.logBytes = block.logBytes;
  if (block.kind === "commit") return;
  for (const [page, sum] of sums.pending) sums.base[page - 1] = sum;
  sums.base.length = block.pageCount;
  sums.pending.clear();
  sums.checkpointSalts = block.salts;
  sums.logBytes = 0;
}

function readHeader(view: DataView, path: string): number {
  const isWhole = view.byteLength >= HEADER_BYTES;
  const link = isWhole ? crc32(slice(view, 0, 8)) : 0;
  if (!isWhole || view.getUint32(0, true) !== MAGIC || view.getUint32(8, true) !== link) {
    throw broken(`${path} header`);
  }
  const version = view.getUint32(4, true);
  if (version === VERSION) return link;
  const [expected, found] = [`version ${VERSION}`, `version ${version}`];
  throw new RiskError("unsupported", { path, expected, found });
}

/** @returns "torn" where the file ends inside a block, "wrong" where a checksum does not agree */
function readBlock(view: DataView, { bytes: at, link }: PageSums) {
  if (view.byteLength - at < BLOCK_BYTES) return "torn";
  const first = crc32(slice(view, at, BLOCK_BYTES - 4), link);
  const kind = kinds[view.getUint32(at, true)];
  if (kind === undefined || view.getUint32(at + BLOCK_BYTES - 4, true) !== first) return "wrong";
  const count = view.getUint32(at + 4, true);
  const entriesAt = at + BLOCK_BYTES;
  const end = entriesAt + count * ENTRY_BYTES + 4;
  if (end > view.byteLength) return "torn";
  const next = crc32(slice(view, entriesAt, count * ENTRY_BYTES), first);
  if (view.getUint32(end - 4, true) !== next) return "wrong";
  const entries = new Map<number, number>();
  for (let entry = entriesAt; entry < end - 4; entry += ENTRY_BYTES) {
    entries.set(view.getUint32(entry, true), view.getUint32(entry + 4, true));
  }
  const block: SumsBlock = {
    kind,
    pageCount: view.getUint32(at + 8, true),
    salts: [view.getUint32(at + 12, true), view.getUint32(at + 16, true)],
    logBytes: view.getFloat64(at + 20, true),
    entries,
  };
  return { block, end, link: next };
}

/** Whether a block of the disk behind `from` was never written: commits are not synced. */
function hasLostBlock(file: Uint8Array, from: number): boolean {
  if (isZero(file, from, Math.min(from + BLOCK_BYTES, file.length))) return true;
  for (let at = Math.ceil(from / PAGE_BYTES) * PAGE_BYTES; at < file.length; at += PAGE_BYTES) {
    const end = Math.min(at + PAGE_BYTES, file.length);
    // So many bytes hold the number of some page, which is never 0.
    if (end - at >= 2 * ENTRY_BYTES && isZero(file, at, end)) return true;
  }
  return false;
}

const slice = (view: DataView, at: number, length: number): Uint8Array =>
  new Uint8Array(view.buffer, view.byteOffset + at, length);

const broken = (path: string): RiskError =>
  new RiskError("corrupt", { path, expected: "its checksum", found: "another checksum" });

/** A block as it follows one whose checksum is `link`, and its own checksum. */
export function blockBytes(block: SumsBlock, link: number) {
  const bytes = new Uint8Array(BLOCK_BYTES + block.entries.size * ENTRY_BYTES + 4);
  const view = new DataView(bytes.buffer);
  const { kind, entries, pageCount, salts, logBytes } = block;
  [kinds.indexOf(kind), entries.size, pageCount, ...salts].forEach((word, i) => {
    view.setUint32(4 * i, word, true);
  });
  view.setFloat64(20, logBytes, true);
  const first = crc32(bytes.subarray(0, BLOCK_BYTES - 4), link);
  view.setUint32(BLOCK_BYTES - 4, first, true);
  let at = BLOCK_BYTES;
  for (const [page, sum] of entries) {
    view.setUint32(at, page, true);
    view.setUint32(at + 4, sum, true);
    at += ENTRY_BYTES;
  }
  const next = crc32(bytes.subarray(BLOCK_BYTES, at), first);
  view.setUint32(at, next, true);
  return { bytes, link: next };
}

/** A whole file that says `base`, as of a checkpoint of the log `salts`. */
export function sumsFile(base: readonly number[], salts: readonly [number, number]): Uint8Array {
  const header = new Uint8Array(HEADER_BYTES);
  const view = new DataView(header.buffer);
  view.setUint32(0, MAGIC, true);
  view.setUint32(4, VERSION, true);
  const link = crc32(header.subarray(0, 8));
  view.setUint32(8, link, true);
  const entries = new Map(base.map((sum, i) => [i + 1, sum]));
  const block = {
    kind: "checkpoint",
    pageCount: base.length,
    salts,
    logBytes: 0,
    entries,
  } as const;
  return Buffer.concat([header, blockBytes(block, link).bytes]);
}
