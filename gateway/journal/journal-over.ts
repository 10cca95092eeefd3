/**
 * A journal over a writer: group commit, the buffer of Turns, and the state that both see.
 *
 *      account ─ group commit ─┐                ┌─ open    all is written
 *      turns ─── buffer ───────┴─► write ─► disk ┼─ full    tried again; margins go on
 *                                               └─ failed  nothing is written until a restart
 *
 * How batches get to disk is the writer's: this thread over any store (`journalOver`, in the
 * simulated world and in tests), or a worker thread over SQLite files (journal.ts).
 */
import { RiskError } from "../../core/errors.ts";
import type { Clock } from "../clock.ts";
import { pass } from "./fault.ts";
import { chained, checkedChain, type Unchained } from "./frames.ts";
import { GroupCommit, type Write } from "./group-commit.ts";
import type { Journal, JournalState } from "./journal.ts";
import type { ListRecord, OrderedList } from "./list.ts";
import type { Chain, JournalStore } from "./store.ts";
import { TURNS_WAITING_BYTES_MAX, TurnBuffer } from "./turn-buffer.ts";

/** Milliseconds between attempts to write while the disk is full. */
export const RETRY_MS = 1000;

/** What brings batches to disk and back. */
export interface JournalWriter {
  readonly lineage: string;
  lastSeq(chain: Chain): number;
  readonly write: Write;
  read(chain: Chain, fromSeq: number): Iterable<ListRecord> | AsyncIterable<ListRecord>;
  keepTurns(fromSeq: number): void;
  close(): Promise<void> | void;
}

export interface JournalOptions {
  readonly clock: Pick<Clock, "soon" | "after">;
  /** How appends of one moment are gathered; the clock's `soon` when absent. */
  readonly soon?: (act: () => void) => void;
  /** Bytes of unwritten Turns that are kept. */
  readonly turnsWaitingBytesMax?: number;
}

/** The same group commit in this thread, over any store. */
export function journalOver(store: JournalStore, options: JournalOptions): Journal {
  return journalOn(storeWriter(store), options);
}

export function journalOn(writer: JournalWriter, options: JournalOptions): Journal {
  return new ListedJournal(writer, options);
}

function storeWriter(store: JournalStore): JournalWriter {
  return {
    lineage: store.lineage,
    lastSeq: (chain) => store.head(chain).lastSeq,
    write: async (batch) => commitBatch(store, batch),
    read: (chain, fromSeq) => checkedChain(store.read(chain, fromSeq), fromSeq),
    // Retention is the files' own.
    keepTurns: () => undefined,
    close: () => store.close(),
  };
}

/**
 * Chains a batch to the head of its chain and writes it.
 *
 * @throws RiskError conflict when it does not follow, journal_full, journal_failed
 */
export function commitBatch(store: JournalStore, batch: Unchained): void {
  const head = store.head(batch.chain);
  const skips = batch.lastSeq === batch.firstSeq - 1 && batch.firstSeq > head.lastSeq;
  if (batch.firstSeq !== head.lastSeq + 1 && !skips) {
    const expected = `seq ${head.lastSeq + 1}`;
    throw new RiskError("conflict", { expected, found: String(batch.firstSeq) });
  }
  const written = [chained(batch, head.hash)];
  if (batch.chain === "account") pass("journal:before-commit");
  store.commit(written);
  if (batch.chain === "account") pass("journal:after-commit");
}

class ListedJournal implements Journal {
  readonly lineage: string;
  readonly account: OrderedList;
  readonly turns: OrderedList;
  readonly #writer: JournalWriter;
  readonly #commands: GroupCommit;
  readonly #turnBuffer: TurnBuffer;
  readonly #clock: JournalOptions["clock"];
  readonly #stateRings = new Set<(state: JournalState) => void>();
  readonly #gapRings = new Set<(seq: number) => void>();
  #state: JournalState = { state: "open" };
  /** While the disk is full, one append a second may try whether it still is. */
  #mayTry = false;
  #closed: Promise<void> | undefined;

  constructor(writer: JournalWriter, options: JournalOptions) {
    this.#writer = writer;
    this.#clock = options.clock;
    this.lineage = writer.lineage;
    const soon = options.soon ?? ((act: () => void) => options.clock.soon(act));
    const of = {
      write: writer.write,
      soon,
      onWritten: () => this.#become({ state: "open" }),
      onFailed: (error: RiskError) => this.#fail(error),
    };
    this.#commands = new GroupCommit({
      ...of,
      lastSeq: writer.lastSeq("account"),
      refusal: () => this.#refusal(),
    });
    this.#turnBuffer = new TurnBuffer({
      ...of,
      lastSeq: writer.lastSeq("turns"),
      later: (act) => void options.clock.after(RETRY_MS, act),
      bytesMax: options.turnsWaitingBytesMax ?? TURNS_WAITING_BYTES_MAX,
      onGap: (seq) => {
        for (const ring of this.#gapRings) ring(seq);
      },
    });
    this.account = this.#accountList();
    this.turns = this.#turnList();
  }

  #accountList(): OrderedList {
    const commands = this.#commands;
    return {
      durable: true,
      lastSeq: () => commands.lastSeq(),
      append: (records, expectedSeq) => commands.append(records, expectedSeq),
      read: (fromSeq) => this.#writer.read("account", fromSeq),
    };
  }

  #turnList(): OrderedList {
    const turns = this.#turnBuffer;
    return {
      durable: false,
      lastSeq: () => turns.lastSeq(),
      append: (records, expectedSeq) => turns.append(records, expectedSeq),
      read: (fromSeq) => this.#writer.read("turns", fromSeq),
    };
  }

  state(): JournalState {
    return this.#state;
  }

  onState(ring: (state: JournalState) => void): () => void {
    this.#stateRings.add(ring);
    return () => this.#stateRings.delete(ring);
  }

  onGap(ring: (seq: number) => void): () => void {
    this.#gapRings.add(ring);
    return () => this.#gapRings.delete(ring);
  }

  skipTurns(nextSeq: number): void {
    this.#turnBuffer.skipTo(nextSeq);
  }

  keepTurns(fromSeq: number): void {
    this.#writer.keepTurns(fromSeq);
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    await Promise.all([this.#commands.settled(), this.#turnBuffer.settled()]);
    await this.#writer.close();
  }

  #refusal(): RiskError | undefined {
    const { state, found } = this.#state;
    const detail = found === undefined ? {} : { found };
    if (this.#closed !== undefined) return new RiskError("journal_failed", { found: "closed" });
    if (state === "failed") return new RiskError("journal_failed", detail);
    if (state === "open") return undefined;
    if (!this.#mayTry) return new RiskError("journal_full", { ...detail, retryAfterMs: RETRY_MS });
    this.#mayTry = false;
    this.#tryLater();
    return undefined;
  }

  #tryLater(): void {
    this.#clock.after(RETRY_MS, () => {
      this.#mayTry = true;
    });
  }

  #fail(error: RiskError): void {
    if (this.#state.state === "open" && error.code === "journal_full") this.#tryLater();
    const state = error.code === "journal_full" ? "full" : "failed";
    if (state === "failed") this.#turnBuffer.stop();
    this.#become({ state, found: error.detail.found ?? error.code });
  }

  #become(next: JournalState): void {
    const { state } = this.#state;
    if (state === next.state || state === "failed") return;
    this.#state = next;
    for (const ring of this.#stateRings) ring(next);
  }
}
