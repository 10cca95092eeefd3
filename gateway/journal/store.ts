/**
 * Where the batches of a journal lie: SQLite files (sqlite-store.ts), or the simulated disk of the
 * world in which faults are thrown.
 *
 *      account  commands, for ever; on disk before they are answered
 *      turns    Turns, kept for some time and some bytes; written lazily
 *
 * A store keeps bytes and knows their order. Framing and hashing are frames.ts's, grouping and
 * numbering group-commit.ts's, so a fault of the one cannot hide in the other.
 */
export type Chain = "account" | "turns";

export const chains: readonly Chain[] = ["account", "turns"];

/**
 * Records that were written together.
 *
 * One without records, `lastSeq` = `firstSeq` - 1, says that its chain goes on at `firstSeq`: what
 * lies between was never written, and a snapshot stands for it.
 */
export interface StoredBatch {
  readonly chain: Chain;
  readonly firstSeq: number;
  readonly lastSeq: number;
  /** Records framed one after the other: length u32, CRC-32 u32, bytes. Little-endian. */
  readonly body: Uint8Array;
  /** `hash` of the batch before, 32 bytes; zeros before the first. */
  readonly prev: Uint8Array;
  /** SHA-256 of (prev | chain | firstSeq | lastSeq | body), 32 bytes; see frames.ts. */
  readonly hash: Uint8Array;
}

export interface ChainHead {
  /** Number of the oldest record that is kept; lastSeq + 1 when there is none. */
  readonly firstSeq: number;
  /** Number of the newest record; 0 when there never was one. */
  readonly lastSeq: number;
  /** Hash of the newest batch, 32 bytes; zeros when there never was one. */
  readonly hash: Uint8Array;
}

export interface JournalStore {
  /** 32 hex digits, made with the files. */
  readonly lineage: string;
  head(chain: Chain): ChainHead;
  /**
   * Writes batches of one chain, all or none. When it returns, those of the account chain are on
   * disk (fdatasync returned).
   *
   * @throws RiskError journal_full (may be tried again) | journal_failed (nothing may be written
   *   any more)
   */
  commit(batches: readonly StoredBatch[]): void;
  /** Batches with records from `fromSeq` on, ascending, as they lie there, not yet verified. */
  read(chain: Chain, fromSeq: number): Iterable<StoredBatch>;
  close(): void;
}
