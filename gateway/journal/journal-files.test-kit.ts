/** Journals on disk as tests need them: written, left as a crash leaves them, and changed. */
import { createHash } from "node:crypto";
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodeTurn, FIRST_HASH } from "../../core/engine/turn.ts";
import { chained, frameRecords } from "./frames.ts";
import { openSqliteStore, type SqliteStore, type SqliteStoreOptions } from "./sqlite-store.ts";
import type { Chain } from "./store.ts";

export const folders: string[] = [];

/** Memory where there is some: what is tried here is the content of files, not the disk. */
const SHARED_MEMORY = "/dev/shm";

/** A new folder; `removeFolders` takes it away. */
export function newFolder(): string {
  const parent = existsSync(SHARED_MEMORY) ? SHARED_MEMORY : tmpdir();
  const folder = mkdtempSync(join(parent, "slidewire-journal-test-"));
  folders.push(folder);
  return folder;
}

export function removeFolders(): void {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
}

export const openStore = (data: string, options: Partial<SqliteStoreOptions> = {}): SqliteStore =>
  openSqliteStore(data, { now: () => 1_700_000_000_000, ...options });

/** Appends records to a chain as one batch. */
export function put(store: SqliteStore, chain: Chain, records: readonly Uint8Array[]): void {
  const { lastSeq, hash } = store.head(chain);
  const numbers = { firstSeq: lastSeq + 1, lastSeq: lastSeq + records.length };
  store.commit([chained({ chain, ...numbers, body: frameRecords(records) }, hash)]);
}

export const command = (seq: number, length = 0): Uint8Array =>
  new TextEncoder().encode(JSON.stringify({ kind: "Transfer", of: seq, pad: "x".repeat(length) }));

/** Turns that follow each other, of about `bytes` bytes each. */
export function turnWriter(lineage: string, bytes = 0) {
  let prevHash = FIRST_HASH;
  let seq = 0;
  const count = Math.floor(bytes / 20);
  const marks = Array.from({ length: count }, (_, ordinal) => ({ ordinal, value: 1, extra: 0 }));
  return (): Uint8Array => {
    seq += 1;
    const content = { marks, index: [], commands: [] };
    const turn = encodeTurn({ partition: 0, lineage, seq, at: seq, prevHash, ...content });
    prevHash = createHash("sha256").update(turn).digest("hex");
    return turn;
  };
}

export interface Written {
  readonly store: SqliteStore;
  readonly data: string;
}

/** Both chains, in some batches; sealed segments, databases and logs all hold something. */
export function writtenJournal(): Written {
  const data = newFolder();
  let now = 1_700_000_000_000;
  const store = openStore(data, { now: () => now });
  const turn = turnWriter(store.lineage, 500);
  for (let i = 0; i < 30; i++) {
    put(store, "account", [command(2 * i + 1, 300), command(2 * i + 2)]);
    put(store, "turns", [turn(), turn()]);
    // Old enough to be sealed; the newest is not.
    if (i === 9 || i === 19) now += 3_600_000;
  }
  return { store, data };
}

/** What `kill -9` at this moment would leave. */
export function crashedCopy(data: string): string {
  const to = newFolder();
  cpSync(data, to, { recursive: true });
  return to;
}

/** The files that hold something, by their path in the folder. */
export function filesOf(data: string): string[] {
  return readdirSync(data, { recursive: true, encoding: "utf8" })
    .filter((name) => statSync(join(data, name)).isFile() && statSync(join(data, name)).size > 0)
    .sort();
}

export function flipBit(file: string, bit: number): void {
  const bytes = readFileSync(file);
  bytes[Math.floor(bit / 8)]! ^= 1 << (bit % 8);
  writeFileSync(file, bytes);
}
