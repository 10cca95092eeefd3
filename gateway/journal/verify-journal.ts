/**
 * Everything of a journal on disk, checked: every page and frame of its files, every record's
 * checksum, every batch's place in its chain, every Turn's place among the Turns.
 */
import { createHash } from "node:crypto";
import { FIRST_HASH, HEADER_BYTES } from "../../core/engine/turn.ts";
import { corrupt, sameBytes } from "./frames.ts";
import type { ListRecord } from "./list.ts";
import { type ReadJournal, readJournal } from "./read-journal.ts";
import type { Chain } from "./store.ts";

export interface VerifiedChain {
  readonly records: number;
  /** Numbers of the oldest and the newest record that are kept; 0 when there is none. */
  readonly firstSeq: number;
  readonly lastSeq: number;
  /** Hash of the newest batch, 64 hex digits. */
  readonly head: string;
}

export interface Verified {
  readonly lineage: string;
  readonly account: VerifiedChain;
  readonly turns: VerifiedChain & {
    readonly segments: number;
    /** Places where Turns were never written and a snapshot stands for them. */
    readonly gaps: number;
  };
}

/** @throws RiskError corrupt naming file and page, frame or record; as `readJournal` */
export function verifyJournal(data: string): Verified {
  const journal = readJournal(data);
  try {
    const account = verifiedChain(journal, "account", () => undefined);
    const check = turnCheck(journal.lineage);
    const turns = verifiedChain(journal, "turns", check.take);
    const segments = journal.segments.length;
    return { lineage: journal.lineage, account, turns: { ...turns, segments, gaps: check.gaps() } };
  } finally {
    journal.close();
  }
}

function verifiedChain(
  journal: ReadJournal,
  chain: Chain,
  take: (record: ListRecord) => void,
): VerifiedChain {
  const { firstSeq, lastSeq, hash } = journal.head(chain);
  let records = 0;
  let first = 0;
  for (const record of journal.read(chain, firstSeq)) {
    if (records === 0) first = record.seq;
    records += 1;
    take(record);
  }
  return { records, firstSeq: first, lastSeq, head: Buffer.from(hash).toString("hex") };
}

/** Holds each Turn against its number, its lineage and the Turn before it. */
function turnCheck(lineage: string) {
  let before: { readonly seq: number; readonly hash: Uint8Array } | undefined;
  let gaps = 0;
  return {
    gaps: () => gaps,
    take({ seq, bytes }: ListRecord): void {
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      if (bytes.length < HEADER_BYTES) throw corrupt("turns", seq, "a Turn", "too few bytes");
      const said = Number(view.getBigUint64(24, true));
      if (said !== seq) throw corrupt("turns", seq, `Turn ${seq}`, `Turn ${said}`);
      if (Buffer.from(bytes.subarray(8, 24)).toString("hex") !== lineage) {
        throw corrupt("turns", seq, `a Turn of lineage ${lineage}`, "one of another");
      }
      if (before !== undefined && seq !== before.seq + 1) gaps += 1;
      const prev = seq === 1 ? Buffer.from(FIRST_HASH, "hex") : before?.hash;
      const follows = seq === 1 || before?.seq === seq - 1;
      if (follows && prev !== undefined && !sameBytes(bytes.subarray(40, 72), prev)) {
        throw corrupt("turns", seq, "a Turn that follows the one before it", "another");
      }
      before = { seq, hash: createHash("sha256").update(bytes).digest() };
    },
  };
}
