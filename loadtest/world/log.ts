/**
 * One chain's batches in a log on the simulated disk: a frame for each commit.
 *
 *      magic u32 ─ meta bytes u32 ─ body bytes u32 ─ CRC of meta u32 ─ CRC of body u32 ─ meta ─
 * body
 *
 * Meta is JSON: an entry for each batch, and up to where the log was known to be synced. A bad
 * frame before that place is corruption; one behind it was cut by a power loss, with whatever
 * follows it. Bodies before it are handed out as they lie there: judging them is the journal's
 * part.
 */
import { crc32 } from "node:zlib";
import { RiskError } from "../../core/errors.ts";
import { pass } from "../../gateway/journal/fault.ts";
import type { Chain, ChainHead, StoredBatch } from "../../gateway/journal/store.ts";
import { DiskError, type Files } from "./disk.ts";

const MAGIC = 0x31_46_57_53;
const HEADER_BYTES = 20;
/** Written once, ahead of the frames: the lineage. */
export const PREFIX_BYTES = 32;

interface Entry {
  readonly firstSeq: number;
  readonly lastSeq: number;
  /** Hex. */
  readonly prev: string;
  readonly hash: string;
  readonly bytes: number;
}

interface Meta {
  readonly batches: readonly Entry[];
  readonly syncedTo: number;
}

interface Frame {
  readonly meta: Meta;
  readonly bodyAt: number;
  readonly bodyHolds: boolean;
  readonly end: number;
}

/** A batch by where its body lies. */
interface Lying extends Entry {
  readonly at: number;
}

/** Commits of a lazy log between two syncs. */
const LAZY_COMMITS = 8;

export class Log {
  readonly #files: Files;
  readonly #name: string;
  readonly #chain: Chain;
  readonly #lying: Lying[] = [];
  #end: number;
  #syncedTo = PREFIX_BYTES;
  #unsynced = 0;
  #failed = false;

  /** @throws RiskError malformed_file when a frame is bad that had been synced */
  constructor(files: Files, name: string, chain: Chain) {
    this.#files = files;
    this.#name = name;
    this.#chain = chain;
    const bytes = files.read(name);
    this.#end = this.#scan(bytes);
    if (this.#end < bytes.length) files.truncate(name, this.#end);
    // After a failed sync a read shows what is not on the disk, and a second sync does not bring it
    // there: what is not known to be safe is written again.
    const safe = syncedTo(bytes);
    if (safe < this.#end) writeAll(files, name, bytes.subarray(safe, this.#end), safe);
    files.sync(name);
    this.#syncedTo = this.#end;
  }

  head(): ChainHead {
    const last = this.#lying.at(-1);
    if (last === undefined) return { firstSeq: 1, lastSeq: 0, hash: new Uint8Array(32) };
    const first = this.#lying.find((one) => one.lastSeq >= one.firstSeq);
    const firstSeq = first?.firstSeq ?? last.lastSeq + 1;
    return { firstSeq, lastSeq: last.lastSeq, hash: Buffer.from(last.hash, "hex") };
  }

  /** Bytes of the log that a power loss cannot take. */
  get syncedBytes(): number {
    return this.#syncedTo;
  }

  /** @param lazy whether it may be synced later */
  commit(batches: readonly StoredBatch[], lazy: boolean): void {
    if (this.#failed) throw new RiskError("journal_failed", { expected: "a restart" });
    const entries = batches.map(({ firstSeq, lastSeq, prev, hash, body }) => ({
      ...{ firstSeq, lastSeq, prev: hex(prev), hash: hex(hash), bytes: body.length },
    }));
    const meta = { batches: entries, syncedTo: this.#syncedTo };
    const body = Buffer.concat(batches.map((one) => one.body));
    const frame = frameOf(meta, body);
    const at = this.#end;
    this.#write(frame, at);
    pass("journal:after-write");
    this.#unsynced += 1;
    if (!lazy || this.#unsynced >= LAZY_COMMITS) this.#sync(at + frame.length);
    this.#end = at + frame.length;
    this.#know(meta, this.#end - body.length);
  }

  *read(fromSeq: number): Iterable<StoredBatch> {
    const bytes = this.#files.read(this.#name);
    for (const { firstSeq, lastSeq, prev, hash, at, bytes: length } of [...this.#lying]) {
      if (lastSeq < fromSeq) continue;
      const body = bytes.subarray(at, at + length);
      const [before, own] = [Buffer.from(prev, "hex"), Buffer.from(hash, "hex")];
      yield { chain: this.#chain, firstSeq, lastSeq, body, prev: before, hash: own };
    }
  }

  #write(frame: Uint8Array, at: number): void {
    try {
      writeAll(this.#files, this.#name, frame, at);
    } catch (error) {
      if (!(error instanceof DiskError)) throw error;
      // A part of the frame may have found room: the next frame must not stand behind it.
      if (error.code === "ENOSPC" && this.#files.size(this.#name) > at) {
        this.#files.truncate(this.#name, at);
      }
      throw new RiskError("journal_full", { expected: "room on the disk", found: error.code });
    }
  }

  #sync(end: number): void {
    try {
      this.#files.sync(this.#name);
    } catch (error) {
      this.#failed = true;
      throw new RiskError("journal_failed", { expected: "a sync", found: String(error) });
    }
    this.#syncedTo = end;
    this.#unsynced = 0;
  }

  #know({ batches }: Meta, bodyAt: number): void {
    let at = bodyAt;
    for (const entry of batches) {
      this.#lying.push({ ...entry, at });
      at += entry.bytes;
    }
  }

  /** Notes every good frame; answers where they end. */
  #scan(bytes: Uint8Array): number {
    let at = PREFIX_BYTES;
    const safe = syncedTo(bytes);
    while (at < bytes.length) {
      const frame = frameAt(bytes, at);
      const good = frame !== undefined && (frame.bodyHolds || frame.end <= safe);
      if (!good) {
        if (at >= safe) return at;
        const expected = `a good frame at byte ${at}: all was synced up to byte ${safe}`;
        throw new RiskError("malformed_file", { path: this.#name, expected, found: "a bad one" });
      }
      this.#know(frame.meta, frame.bodyAt);
      at = frame.end;
    }
    return at;
  }
}

/** Up to where any good frame says that the log had been synced. */
export function syncedTo(bytes: Uint8Array): number {
  const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const mark = Buffer.alloc(4);
  mark.writeUInt32LE(MAGIC, 0);
  let safe = PREFIX_BYTES;
  for (let at = all.lastIndexOf(mark); at > 0; at = all.lastIndexOf(mark, at - 1)) {
    const frame = frameAt(bytes, at);
    if (frame === undefined) continue;
    safe = Math.max(safe, frame.meta.syncedTo);
    if (frame.bodyHolds) return safe;
  }
  return safe;
}

function frameOf(meta: Meta, body: Uint8Array): Uint8Array {
  const text = Buffer.from(JSON.stringify(meta), "latin1");
  const frame = Buffer.alloc(HEADER_BYTES + text.length + body.length);
  frame.writeUInt32LE(MAGIC, 0);
  frame.writeUInt32LE(text.length, 4);
  frame.writeUInt32LE(body.length, 8);
  frame.writeUInt32LE(crc32(text), 12);
  frame.writeUInt32LE(crc32(body), 16);
  frame.set(text, HEADER_BYTES);
  frame.set(body, HEADER_BYTES + text.length);
  return frame;
}

/** The frame that begins at `at`; undefined: none does whose meta is whole. */
function frameAt(bytes: Uint8Array, at: number): Frame | undefined {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset + at, bytes.length - at);
  if (view.length < HEADER_BYTES || view.readUInt32LE(0) !== MAGIC) return undefined;
  const metaEnd = HEADER_BYTES + view.readUInt32LE(4);
  const end = metaEnd + view.readUInt32LE(8);
  if (metaEnd > view.length) return undefined;
  const text = view.subarray(HEADER_BYTES, metaEnd);
  if (crc32(text) !== view.readUInt32LE(12)) return undefined;
  const body = view.subarray(metaEnd, end);
  const bodyHolds = end <= view.length && crc32(body) === view.readUInt32LE(16);
  const meta = JSON.parse(text.toString("latin1")) as Meta;
  return { meta, bodyAt: at + metaEnd, bodyHolds, end: at + end };
}

/** @throws DiskError when not all of it found room */
export function writeAll(files: Files, name: string, bytes: Uint8Array, at: number): void {
  const count = files.write(name, bytes, at);
  if (count < bytes.length) throw new DiskError("ENOSPC", name);
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
