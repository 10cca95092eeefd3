/** A store in memory whose disk can be full, fail, or be changed behind the journal's back. */
import { RiskError } from "../../core/errors.ts";
import { FIRST_BATCH_HASH } from "./frames.ts";
import type { Chain, ChainHead, JournalStore, StoredBatch } from "./store.ts";

export interface MemoryStore extends JournalStore {
  readonly batches: Record<Chain, StoredBatch[]>;
  /** What the next commits throw; undefined: they succeed. */
  fails: "journal_full" | "journal_failed" | undefined;
  commits: number;
  closed: boolean;
}

export function memoryStore(lineage = "ab".repeat(16)): MemoryStore {
  const batches: Record<Chain, StoredBatch[]> = { account: [], turns: [] };
  return {
    lineage,
    batches,
    fails: undefined,
    commits: 0,
    closed: false,
    head(chain): ChainHead {
      const kept = batches[chain];
      const last = kept.at(-1);
      if (last === undefined) return { firstSeq: 1, lastSeq: 0, hash: FIRST_BATCH_HASH };
      return { firstSeq: kept[0]!.firstSeq, lastSeq: last.lastSeq, hash: last.hash };
    },
    commit(added) {
      if (this.fails !== undefined) throw new RiskError(this.fails, { found: "as the test says" });
      this.commits += 1;
      for (const batch of added) batches[batch.chain].push(batch);
    },
    read: (chain, fromSeq) => batches[chain].filter(({ lastSeq }) => lastSeq >= fromSeq),
    close() {
      this.closed = true;
    },
  };
}
