/**
 * The journal: the two lists that everything is folded from, and whether they can be written.
 */
import type { OrderedList } from "./list.ts";

export { type JournalOptions, journalOver } from "./journal-over.ts";

export interface JournalState {
  readonly state: "open" | "full" | "failed";
  /** What the disk said. */
  readonly found?: string;
}

export interface Journal {
  /** 32 hex digits, made with the files; new only after a restore or a loss. */
  readonly lineage: string;
  /** Commands: an append resolves when they are on disk. */
  readonly account: OrderedList;
  /**
   * Turns: an append is answered at once and throws nothing but conflict; `lastSeq` counts it,
   * `read` finds it once it is written.
   */
  readonly turns: OrderedList;
  state(): JournalState;
  /** Rings whenever the state changes; the answer stops it. */
  onState(ring: (state: JournalState) => void): () => void;
  /**
   * Rings, and again every second, while unwritten Turns up to number `seq` are lost: the owner
   * takes a snapshot at or after `seq` and then calls `skipTurns`. The answer stops it.
   */
  onGap(ring: (seq: number) => void): () => void;
  /**
   * A snapshot stands for all before Turn `nextSeq`: where Turns before it are missing, the chain
   * goes on there; where none is missing, nothing happens.
   */
  skipTurns(nextSeq: number): void;
  /** Resolves when what can be written is, and the files are closed. */
  close(): Promise<void>;
}
