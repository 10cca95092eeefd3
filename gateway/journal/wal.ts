/**
 * SQLite's write-ahead log, read before SQLite reads it.
 *
 *      header 32   magic, version, page size, sequence, salt 2 x u32, checksum 2 x u32
 *      frame       page u32, pages after commit u32 (0: none), salt, checksum │ page
 *      frame       …                            (https://www.sqlite.org/fileformat2.html#walformat)
 *
 * SQLite ends a log silently at the first frame with a wrong checksum, and so would drop what was
 * acknowledged. Here that is only done to a tail that was never complete: the file ends inside a
 * transaction, or a block of it was never written. Anything else that is wrong is corruption. As a
 * log is cut to nothing at each checkpoint, no frames of an older one lie behind its end.
 */
import { RiskError } from "../../core/errors.ts";

export const PAGE_BYTES = 4096;
const WAL_HEADER_BYTES = 32;
const FRAME_HEADER_BYTES = 24;
const WAL_FRAME_BYTES = FRAME_HEADER_BYTES + PAGE_BYTES;
/** The last bit says that checksums read words as big-endian. */
const MAGIC = 0x377f0682;
/** What a disk writes at once: a block that was lost is all zeros. */
const BLOCK_BYTES = 4096;

export interface LoggedFrames {
  /** What tells this log from the one before the checkpoint. */
  readonly salts: readonly [number, number];
  /** Pages of the database after the last transaction; 0 when there is none. */
  readonly pageCount: number;
  /** Newest content of each page that a transaction changed. */
  readonly pages: ReadonlyMap<number, Uint8Array>;
}

export interface Wal extends LoggedFrames {
  /** Bytes up to the end of the last transaction. */
  readonly committedBytes: number;
  /** Bytes behind it that were never acknowledged. */
  readonly tailBytes: number;
}

export const EMPTY_WAL: Wal = {
  salts: [0, 0],
  committedBytes: 0,
  tailBytes: 0,
  pageCount: 0,
  pages: new Map(),
};

export interface WalOptions {
  /** Named in errors. */
  readonly path: string;
  /**
   * Transactions were not waited for: a power failure may have lost any block since the last
   * checkpoint, whatever was written behind it.
   */
  readonly lazy: boolean;
}

/** @throws RiskError corrupt naming the frame, unsupported for another page size */
export function readWal(bytes: Uint8Array, { path, lazy }: WalOptions): Wal {
  const frames = Math.max(0, frameOf(bytes.length));
  if (isUnbegun(bytes, frames, lazy)) return { ...EMPTY_WAL, tailBytes: bytes.length };
  const reader = new Reader(bytes, path);
  const pages = new Map<number, Uint8Array>();
  let transaction: [number, Uint8Array][] = [];
  let committed = 0;
  let pageCount = 0;
  for (let i = 0; i < frames; i++) {
    if (!reader.follows(i)) {
      if (!isTorn(reader, { committed, bad: i, frames, lazy })) throw reader.bad(i);
      break;
    }
    transaction.push([reader.page(i), reader.content(i)]);
    if (reader.commits(i) === 0) continue;
    for (const [page, content] of transaction) pages.set(page, content);
    transaction = [];
    pageCount = reader.commits(i);
    committed = i + 1;
  }
  const committedBytes = committed === 0 ? 0 : at(committed);
  const tailBytes = bytes.length - committedBytes;
  return { salts: reader.salts, committedBytes, tailBytes, pageCount, pages };
}

/**
 * What whole transactions hold that SQLite has just written.
 *
 * @param bytes frames, after the header of the log when `withHeader`
 */
export function loggedFrames(bytes: Uint8Array, withHeader: boolean): LoggedFrames {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const pages = new Map<number, Uint8Array>();
  let from = withHeader ? WAL_HEADER_BYTES : 0;
  for (; from < bytes.length; from += WAL_FRAME_BYTES) {
    const content = from + FRAME_HEADER_BYTES;
    pages.set(view.getUint32(from), bytes.subarray(content, content + PAGE_BYTES));
  }
  const last = from - WAL_FRAME_BYTES;
  const salts = [view.getUint32(last + 8), view.getUint32(last + 12)] as const;
  return { salts, pageCount: view.getUint32(last + 4), pages };
}

/** Whether the very first write of the log did not come to its end. */
function isUnbegun(bytes: Uint8Array, frames: number, lazy: boolean): boolean {
  if (bytes.length < WAL_HEADER_BYTES) return true;
  if (!isZero(bytes, 0, Math.min(BLOCK_BYTES, bytes.length))) return false;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const commits = Array.from({ length: frames }, (_, i) => view.getUint32(at(i) + 4));
  // A second transaction was only written after the first one was on disk.
  return lazy || commits.slice(0, -1).every((pages) => pages === 0);
}

interface Bad {
  /** Frames of whole transactions. */
  readonly committed: number;
  /** The frame that does not follow. */
  readonly bad: number;
  /** Whole frames in the file. */
  readonly frames: number;
  readonly lazy: boolean;
}

/** Whether the last transaction was never written to its end. */
function isTorn(reader: Reader, { committed, bad, frames, lazy }: Bad): boolean {
  const lost = reader.hasLostBlock(committed);
  if (lazy && lost) return true;
  let end = bad;
  while (end < frames && !(reader.isOfThisLog(end) && reader.commits(end) > 0)) end += 1;
  // Behind a commit that was waited for nothing may be missing; without one the write was cut off.
  const follows = end < frames - 1 || (end < frames && reader.hasPartialFrame(frames));
  return !follows && (lost || reader.hasPartialFrame(frames));
}

class Reader {
  readonly salts: readonly [number, number];
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #path: string;
  readonly #little: boolean;

  constructor(bytes: Uint8Array, path: string) {
    this.#bytes = bytes;
    this.#path = path;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const magic = this.#view.getUint32(0);
    this.#little = magic === MAGIC;
    const [s0, s1] = this.#sum(0, 0, 0, 24);
    const right = s0 === this.#view.getUint32(24) && s1 === this.#view.getUint32(28);
    if (magic >>> 1 !== MAGIC >>> 1 || !right) {
      throw new RiskError("corrupt", {
        path: `${path} header`,
        expected: "its checksum",
        found: "another checksum",
      });
    }
    const pageBytes = this.#view.getUint32(8);
    if (pageBytes !== PAGE_BYTES) {
      const expected = `pages of ${PAGE_BYTES} bytes`;
      throw new RiskError("unsupported", { path, expected, found: String(pageBytes) });
    }
    this.salts = [this.#view.getUint32(16), this.#view.getUint32(20)];
  }

  page(i: number): number {
    return this.#view.getUint32(at(i));
  }

  /** Pages of the database when the frame ends a transaction, else 0. */
  commits(i: number): number {
    return this.#view.getUint32(at(i) + 4);
  }

  content(i: number): Uint8Array {
    const from = at(i) + FRAME_HEADER_BYTES;
    return this.#bytes.subarray(from, from + PAGE_BYTES);
  }

  isOfThisLog(i: number): boolean {
    const [a, b] = this.salts;
    return this.#view.getUint32(at(i) + 8) === a && this.#view.getUint32(at(i) + 12) === b;
  }

  /** Whether the frame's checksum follows from the frame before it. */
  follows(i: number): boolean {
    if (!this.isOfThisLog(i) || this.page(i) === 0) return false;
    const before = i === 0 ? 24 : at(i - 1) + 16;
    const start = [this.#view.getUint32(before), this.#view.getUint32(before + 4)] as const;
    const [h0, h1] = this.#sum(start[0], start[1], at(i), 8);
    const [s0, s1] = this.#sum(h0, h1, at(i) + FRAME_HEADER_BYTES, PAGE_BYTES);
    return s0 === this.#view.getUint32(at(i) + 16) && s1 === this.#view.getUint32(at(i) + 20);
  }

  hasPartialFrame(frames: number): boolean {
    return at(frames) < this.#bytes.length;
  }

  /** Whether some block from frame `from` on was never written. */
  hasLostBlock(from: number): boolean {
    const first = Math.ceil(at(from) / BLOCK_BYTES) * BLOCK_BYTES;
    for (let block = first; block < this.#bytes.length; block += BLOCK_BYTES) {
      if (isZero(this.#bytes, block, Math.min(block + BLOCK_BYTES, this.#bytes.length)))
        return true;
    }
    return false;
  }

  bad(i: number): RiskError {
    return new RiskError("corrupt", {
      path: `${this.#path} frame ${i + 1} (page ${this.page(i)})`,
      expected: "its checksum",
      found: "another checksum",
    });
  }

  /** The log's own sum of pairs of words, from `s0`, `s1` on. */
  #sum(s0: number, s1: number, from: number, length: number): [number, number] {
    const view = this.#view;
    const little = this.#little;
    let a = s0;
    let b = s1;
    for (let i = from; i < from + length; i += 8) {
      a = (a + view.getUint32(i, little) + b) >>> 0;
      b = (b + view.getUint32(i + 4, little) + a) >>> 0;
    }
    return [a, b];
  }
}

const frameOf = (offset: number): number =>
  Math.floor((offset - WAL_HEADER_BYTES) / WAL_FRAME_BYTES);
const at = (i: number): number => WAL_HEADER_BYTES + i * WAL_FRAME_BYTES;

export function isZero(bytes: Uint8Array, from: number, to: number): boolean {
  for (let i = from; i < to; i++) if (bytes[i] !== 0) return false;
  return true;
}
