/** The checksums of a database's pages, as whoever holds the database adds to them. */
import { closeSync, fdatasyncSync, ftruncateSync, openSync } from "node:fs";
import { writeFileDurably, writeWhole } from "./durable-file.ts";
import {
  applyBlock,
  blockBytes,
  type PageSums,
  readPageSums,
  type SumsBlock,
  sumsFile,
} from "./page-sums.ts";
import { inOurWords } from "./sqlite.ts";

/** Bytes of a file beyond twice what its pages need, before it is written anew. */
const SLACK_BYTES = 64 * 1024;
const ENTRY_BYTES = 8;

export class PageSumsFile {
  readonly #path: string;
  #sums: PageSums;
  #fd: number;
  /** Pages whose block could not be written, for want of space. */
  #unsaved = new Map<number, number>();
  /** Of the newest transaction. */
  #newest: Pick<SumsBlock, "pageCount" | "salts">;

  constructor(path: string, sums: PageSums) {
    this.#path = path;
    this.#sums = sums;
    this.#newest = { pageCount: sums.pageCount, salts: sums.checkpointSalts };
    this.#fd = this.#opened();
  }

  #opened(): number {
    return inOurWords(this.#path, () => {
      const fd = openSync(this.#path, "r+");
      // What is behind was not written to its end, and nothing relied on it.
      ftruncateSync(fd, this.#sums.bytes);
      return fd;
    });
  }

  /**
   * A transaction is in the log. Without space it is said together with the next one.
   *
   * @throws RiskError journal_failed
   */
  commit(block: Omit<SumsBlock, "kind">): void {
    this.#newest = block;
    for (const [page, sum] of block.entries) this.#unsaved.set(page, sum);
    try {
      this.#append({ ...block, kind: "commit", entries: this.#unsaved });
      this.#unsaved = new Map();
    } catch (error) {
      if ((error as { code?: string }).code !== "journal_full") throw error;
    }
  }

  /** All that is in the log is about to go into the database. @throws RiskError journal_full */
  checkpoint(): void {
    const { pageCount, salts } = this.#newest;
    const block = {
      kind: "checkpoint",
      pageCount,
      salts,
      logBytes: 0,
      entries: this.#unsaved,
    } as const;
    if (this.#sums.bytes > 2 * pageCount * ENTRY_BYTES + SLACK_BYTES) {
      this.#writeAnew(block);
    } else {
      this.#append(block);
      inOurWords(this.#path, () => fdatasyncSync(this.#fd));
    }
    this.#unsaved = new Map();
  }

  close(): void {
    closeSync(this.#fd);
  }

  #writeAnew(block: SumsBlock): void {
    const next = {
      ...this.#sums,
      base: [...this.#sums.base],
      pending: new Map(this.#sums.pending),
    };
    applyBlock(next, block);
    inOurWords(this.#path, () => writeFileDurably(this.#path, sumsFile(next.base, block.salts)));
    closeSync(this.#fd);
    this.#sums = readPageSums(this.#path);
    this.#fd = this.#opened();
  }

  #append(block: SumsBlock): void {
    const sums = this.#sums;
    const { bytes, link } = blockBytes(block, sums.link);
    inOurWords(this.#path, () => {
      try {
        writeWhole(this.#fd, bytes, sums.bytes);
      } catch (error) {
        ftruncateSync(this.#fd, sums.bytes);
        throw error;
      }
    });
    applyBlock(sums, block);
    sums.bytes += bytes.length;
    sums.link = link;
  }
}
