/**
 * The journal: the two lists that everything is folded from, and whether they can be written.
 */
import { systemClock } from "../clock.ts";
import { type JournalOptions, journalOn } from "./journal-over.ts";
import type { OrderedList } from "./list.ts";
import type { Retention } from "./turn-segments.ts";
import { workerWriter } from "./worker-writer.ts";

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
  /**
   * Turns from number `fromSeq` on are kept whatever their age and bytes, because recovery from the
   * snapshots that are kept would need them. Until the first call, retention alone decides.
   */
  keepTurns(fromSeq: number): void;
  /** Resolves when what can be written is, and the files are closed. */
  close(): Promise<void>;
}

export interface OpenJournalOptions extends Partial<JournalOptions> {
  /** How long and how much of the Turns is kept; 48 h and 1 GiB when absent. */
  readonly retention?: Partial<Retention>;
  /** Bytes of a log before its pages go into the database, of either chain. */
  readonly logBytesMax?: number;
}

/**
 * Opens the journal of a data folder, made when there is none, in a thread of its own.
 *
 * @throws RiskError in_use; corrupt naming file and page, frame or record; unsupported for a newer
 *   version; unreadable_file when folder or files cannot be read and written; journal_full
 */
export async function openJournal(
  data: string,
  options: OpenJournalOptions = {},
): Promise<Journal> {
  const { retention = {}, logBytesMax, ...over } = options;
  const bound = logBytesMax === undefined ? {} : { logBytesMax };
  const writer = await workerWriter({ data, retention, ...bound });
  // All that is appended by what runs now goes to the thread as one message.
  return journalOn(writer, { clock: systemClock, soon: queueMicrotask, ...over });
}
