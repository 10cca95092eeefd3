/**
 * A snapshot as one run of bytes, and back: everything that the next Turn folds into.
 *
 *      "SLIDEWSN" ─ u32 version ─ u32 header bytes ─ u64 bytes in all
 *      header     JSON: lineage, seq, at, lastHash, commands, termsHash, counts and sizes
 *      parts      u32 bytes ─ exact JSON [member, value], one after the other
 *      accounts   records (account-record.ts), in the order in which they were opened
 *      SHA-256    of all bytes before it
 *
 * Parts are every member of the state but its accounts, by name, maps cut into runs of entries; and
 * the regimes. So a member that is new to the state is in the file without a word here, and what
 * the terms are stands in it too: nothing else is needed to restore it.
 */
import { createHash } from "node:crypto";
import type { AccountState } from "../../core/engine/ledger.ts";
import { type EngineState, emptyState } from "../../core/engine/state.ts";
import { RiskError, shown } from "../../core/errors.ts";
import {
  type Comovement,
  type ComovementSnapshot,
  type RegimeSnapshot,
  type RegimeState,
  restoreComovement,
  restoreRegime,
  snapshotComovement,
  snapshotRegime,
} from "../../regime/index.ts";
import { readAccount, writeAccount } from "./account-record.ts";
import { ByteReader, PageWriter } from "./byte-pages.ts";
import { exactText, fromExactText } from "./exact-json.ts";

/** A state and its regimes, as the Turn with number `state.seq` left them. */
export interface Snapshot {
  readonly state: EngineState;
  readonly regimes: ReadonlyMap<string, RegimeState>;
  /** Of the regimes; undefined before the list brought any. */
  readonly pairs?: Comovement | undefined;
}

export const SNAPSHOT_VERSION = 1;
/** Entries of a map in one part. */
export const PART_ENTRIES = 64;
/** Bytes of accounts encoded, copied or hashed before the loop has its turn; and bytes of parts. */
export const SLICE_BYTES = 128 * 1024;
export const PART_SLICE_BYTES = 16 * 1024;

const MAGIC = "SLIDEWSN";
const PREAMBLE_BYTES = 24;
const HASH_BYTES = 32;

interface Header {
  readonly slidewire: "snapshot/1";
  readonly lineage: string;
  readonly seq: number;
  readonly at: number;
  readonly lastHash: string;
  readonly commands: number;
  readonly termsHash: string;
  readonly partBytes: number;
  readonly accounts: number;
  readonly positions: number;
  readonly accountBytes: number;
}

/** A moment of the fold that no later Turn changes: by reference where the fold replaces. */
export interface Copy {
  readonly header: Omit<Header, "partBytes" | "positions" | "accountBytes">;
  readonly parts: readonly Part[];
  readonly accounts: readonly AccountState[];
  readonly ordinals: ReadonlyMap<string, number>;
}

/** A member of the state; of a map some entries. */
interface Part {
  readonly member: string;
  readonly value: unknown;
}

/** Takes a copy at once; 1 ms where there are 100,000 accounts, for none of them is looked at. */
export function copyOf({ state, regimes, pairs }: Snapshot): Copy {
  const { market, accounts, ...members } = state;
  const { lineage, seq, at, lastHash, commands, termsHash } = state;
  const snapshots = [...regimes].map(([id, regime]) => [id, snapshotRegime(regime)]);
  return {
    header: {
      slidewire: "snapshot/1",
      ...{ lineage, seq, at, lastHash, commands, termsHash },
      accounts: accounts.size,
    },
    parts: [
      ...partsOf("", members),
      ...partsOf("market.", market),
      ...snapshots.map((value) => ({ member: "regimes", value: [value] })),
      ...(pairs === undefined ? [] : [{ member: "pairs", value: snapshotComovement(pairs) }]),
    ],
    accounts: [...accounts.values()],
    ordinals: new Map(state.ordinals),
  };
}

function partsOf(path: string, members: object): Part[] {
  return Object.entries(members).flatMap(([name, value]: [string, unknown]): Part[] => {
    const member = `${path}${name}`;
    // An array that the fold appends to in place; all others it replaces.
    if (Array.isArray(value)) return [{ member, value: [...value] }];
    if (!(value instanceof Map)) return [{ member, value }];
    const entries = [...value];
    const runs: Part[] = [{ member, value: new Map() }];
    for (let i = 0; i < entries.length; i += PART_ENTRIES) {
      runs.push({ member, value: new Map(entries.slice(i, i + PART_ENTRIES)) });
    }
    return runs;
  });
}

/**
 * The bytes of a copy. Gives way by `pause` after every slice.
 *
 * @throws RiskError what the state holds cannot be given back (exact-json.ts)
 */
export async function encodeSnapshot(copy: Copy, pause: () => Promise<void>): Promise<Uint8Array> {
  const out = new PageWriter();
  let paused = 0;
  const breathe = async () => {
    paused = out.length;
    await pause();
  };
  for (const { member, value } of copy.parts) {
    writePart(out, exactText([member, value]));
    if (out.length - paused >= PART_SLICE_BYTES) await breathe();
  }
  const partBytes = out.length;
  let positions = 0;
  for (const account of copy.accounts) {
    writeAccount(out, account, copy.ordinals);
    positions += account.positions.size;
    if (out.length - paused >= SLICE_BYTES) await breathe();
  }
  const accountBytes = out.length - partBytes;
  const header: Header = { ...copy.header, partBytes, positions, accountBytes };
  return joined(Buffer.from(JSON.stringify(header)), out.pages(), pause);
}

function writePart(out: PageWriter, text: string): void {
  const bytes = Buffer.from(text);
  out.room(4 + bytes.length);
  out.u32(bytes.length);
  out.bytes(bytes);
}

/** Preamble, header, pages and the hash over them. */
async function joined(
  header: Buffer,
  pages: readonly Uint8Array[],
  pause: () => Promise<void>,
): Promise<Uint8Array> {
  const body = pages.reduce((sum, { length }) => sum + length, 0);
  const bytes = Buffer.from(new ArrayBuffer(PREAMBLE_BYTES + header.length + body + HASH_BYTES));
  bytes.write(MAGIC, "latin1");
  bytes.writeUInt32LE(SNAPSHOT_VERSION, 8);
  bytes.writeUInt32LE(header.length, 12);
  bytes.writeBigUInt64LE(BigInt(bytes.length), 16);
  bytes.set(header, PREAMBLE_BYTES);
  const hash = createHash("sha256").update(bytes.subarray(0, PREAMBLE_BYTES + header.length));
  let at = PREAMBLE_BYTES + header.length;
  for (const page of pages) {
    for (let from = 0; from < page.length; from += SLICE_BYTES) {
      const slice = page.subarray(from, from + SLICE_BYTES);
      bytes.set(slice, at);
      hash.update(slice);
      at += slice.length;
      await pause();
    }
  }
  hash.digest().copy(bytes, at);
  return bytes;
}

/**
 * The snapshot that `bytes` are.
 *
 * @param name of its file, for the error
 * @throws RiskError malformed_file naming the file and what is wrong with it
 */
export function decodeSnapshot(name: string, bytes: Uint8Array): Snapshot {
  const headerBytes = checkWhole(name, bytes);
  try {
    const from = new ByteReader(bytes.subarray(PREAMBLE_BYTES, bytes.length - HASH_BYTES));
    const header = JSON.parse(from.utf8(headerBytes)) as Header;
    const end = from.left - header.partBytes;
    const parts: Part[] = [];
    while (from.left > end) parts.push(readPart(from));
    const snapshot = restored(header, parts);
    readAccounts(from, header, snapshot.state);
    return snapshot;
  } catch (cause) {
    // The hash was right, so these bytes were written: by other code, or by a mistake of ours.
    const {
      path = "",
      expected = "",
      found = shown(cause),
    } = cause instanceof RiskError ? cause.detail : { found: String(cause) };
    const what = `a snapshot that this version reads, with ${path || "content"} ${expected}`;
    throw malformed(name, what.trimEnd(), found, cause);
  }
}

/** Checks what needs no understanding; the length of the header. */
function checkWhole(name: string, bytes: Uint8Array): number {
  const { buffer, byteOffset, length } = bytes;
  const view = Buffer.from(buffer as ArrayBuffer, byteOffset, length);
  if (length < PREAMBLE_BYTES + HASH_BYTES || view.toString("latin1", 0, 8) !== MAGIC) {
    throw malformed(name, "a snapshot", `${length} bytes of something else, or cut`);
  }
  const version = view.readUInt32LE(8);
  if (version !== SNAPSHOT_VERSION) {
    const newer = version > SNAPSHOT_VERSION ? ", of a newer Slidewire" : "";
    throw malformed(name, `version ${SNAPSHOT_VERSION}`, `version ${version}${newer}`);
  }
  const total = view.readBigUInt64LE(16);
  if (total !== BigInt(length)) throw malformed(name, `${total} bytes`, `${length} bytes`);
  const stored = view.subarray(length - HASH_BYTES);
  const found = createHash("sha256")
    .update(view.subarray(0, length - HASH_BYTES))
    .digest();
  if (!found.equals(stored)) {
    throw malformed(name, `SHA-256 ${stored.toString("hex")}`, found.toString("hex"));
  }
  return view.readUInt32LE(12);
}

function readPart(from: ByteReader): Part {
  const [member, value] = fromExactText(from.utf8(from.u32())) as [string, unknown];
  return { member, value };
}

function restored({ lineage }: Header, parts: readonly Part[]): Snapshot {
  const regimes = new Map<string, RegimeState>();
  const members: Record<string, unknown> = {};
  const market: Record<string, unknown> = {};
  let pairs: Comovement | undefined;
  for (const { member, value } of parts) {
    if (member === "regimes") addRegimes(regimes, value as [string, RegimeSnapshot][]);
    else if (member === "pairs") pairs = restoreComovement(value as ComovementSnapshot);
    else if (member.startsWith("market.")) lay(market, member.slice("market.".length), value);
    else lay(members, member, value);
  }
  const given = members as unknown as Omit<EngineState, "market" | "accounts">;
  const empty = emptyState(lineage, given.terms, given.termsHash);
  const state = { ...empty, ...given, market: { ...empty.market, ...(market as object) } };
  return pairs === undefined ? { state, regimes } : { state, regimes, pairs };
}

/** Puts a member in its place, or more entries into it. */
function lay(into: Record<string, unknown>, name: string, value: unknown): void {
  const known = into[name];
  if (!(known instanceof Map && value instanceof Map)) into[name] = value;
  else for (const [key, of] of value) known.set(key, of);
}

function addRegimes(
  regimes: Map<string, RegimeState>,
  snapshots: readonly [string, RegimeSnapshot][],
): void {
  for (const [id, snapshot] of snapshots) regimes.set(id, restoreRegime(snapshot));
}

function readAccounts(from: ByteReader, header: Header, { names, accounts }: EngineState): void {
  const ids = names.map(({ id }) => id);
  let positions = 0;
  for (let i = 0; i < header.accounts; i++) {
    const account = readAccount(from, ids);
    accounts.set(account.id, account);
    positions += account.positions.size;
  }
  const isAll = positions === header.positions && from.left === 0;
  if (isAll && accounts.size === header.accounts) return;
  throw new RiskError("invariant_broken", {
    expected: `${header.accounts} accounts with ${header.positions} positions, and nothing more`,
    found: `${accounts.size} with ${positions}, and ${from.left} bytes`,
  });
}

function malformed(path: string, expected: string, found: string, cause?: unknown): RiskError {
  return new RiskError("malformed_file", { path, expected, found }, { cause });
}
