/** The main thread's side of the thread that holds the journal's files. */
import { extname } from "node:path";
import { Worker } from "node:worker_threads";
import { RiskError } from "../../core/errors.ts";
import { guardExit, newGate } from "./exit-gate.ts";
import { type Link, recordsOf, type Unchained } from "./frames.ts";
import type { JournalWriter } from "./journal-over.ts";
import type { ListRecord } from "./list.ts";
import type { Chain } from "./store.ts";
import { type Answered, type Asked, errorOf, type WorkerSettings } from "./worker-words.ts";

interface Waiter<T> {
  readonly done: (answer: T) => void;
  readonly failed: (error: RiskError) => void;
}

type ReadAnswer = Extract<Answered, { kind: "read" }>;

/** @throws RiskError why the files cannot be opened */
export async function workerWriter(settings: Omit<WorkerSettings, "gate">): Promise<JournalWriter> {
  const gate = newGate();
  const unguard = guardExit(gate);
  // Sources and built files have the same names but for the ending.
  const file = new URL(`./journal-worker${extname(import.meta.url)}`, import.meta.url);
  const worker = new Worker(file, { workerData: { ...settings, gate } });
  const first = await new Promise<Answered>((done, failed) => {
    worker.once("message", done);
    worker.once("error", failed);
  });
  worker.once("exit", unguard);
  if (first.kind === "opened") return new WorkerWriter(worker, first);
  await worker.terminate();
  throw first.kind === "refused"
    ? errorOf(first.error)
    : new RiskError("invariant_broken", { expected: "opened", found: first.kind });
}

class WorkerWriter implements JournalWriter {
  readonly lineage: string;
  readonly #worker: Worker;
  readonly #lastSeqs: Readonly<Record<Chain, number>>;
  readonly #writes = new Map<Chain, Waiter<void>>();
  readonly #reads = new Map<number, Waiter<ReadAnswer>>();
  #closed: (() => void) | undefined;
  #nextRead = 1;
  /** Why the thread answers no more. */
  #gone: RiskError | undefined;

  constructor(worker: Worker, { lineage, lastSeqs }: Extract<Answered, { kind: "opened" }>) {
    this.lineage = lineage;
    this.#lastSeqs = lastSeqs;
    this.#worker = worker;
    worker.on("message", (answer: Answered) => this.#take(answer));
    worker.on("error", (error) => this.#end(String(error)));
    worker.on("exit", (code) => this.#end(`its thread ended with ${code}`));
  }

  lastSeq(chain: Chain): number {
    return this.#lastSeqs[chain];
  }

  readonly write = (batch: Unchained): Promise<void> =>
    new Promise((done, failed) => {
      if (this.#gone !== undefined) return failed(this.#gone);
      this.#writes.set(batch.chain, { done, failed });
      const asked: Asked = { kind: "write", ...batch };
      this.#worker.postMessage(asked, [batch.body.buffer as ArrayBuffer]);
    });

  async *read(chain: Chain, fromSeq: number): AsyncGenerator<ListRecord> {
    let from = fromSeq;
    let after: Link | undefined;
    for (;;) {
      const answer = await this.#ask(chain, from, after);
      for (const batch of answer.batches) {
        const records = recordsOf(batch, { sums: false });
        for (const record of records) if (record.seq >= fromSeq) yield record;
      }
      if (answer.batches.length === 0 || answer.after === undefined) return;
      after = answer.after;
      from = after.lastSeq + 1;
    }
  }

  keepTurns(fromSeq: number): void {
    const asked: Asked = { kind: "keep", fromSeq };
    this.#worker.postMessage(asked);
  }

  close(): Promise<void> {
    if (this.#gone !== undefined) return Promise.resolve();
    return new Promise((done) => {
      this.#closed = done;
      const asked: Asked = { kind: "close" };
      this.#worker.postMessage(asked);
    });
  }

  #ask(chain: Chain, fromSeq: number, after: Link | undefined): Promise<ReadAnswer> {
    return new Promise((done, failed) => {
      if (this.#gone !== undefined) return failed(this.#gone);
      const id = this.#nextRead++;
      this.#reads.set(id, { done, failed });
      const link = after === undefined ? {} : { after };
      const asked: Asked = { kind: "read", id, chain, fromSeq, ...link };
      this.#worker.postMessage(asked);
    });
  }

  #take(answer: Answered): void {
    if (answer.kind === "written") {
      const waiter = this.#writes.get(answer.chain);
      if (answer.error === undefined) waiter?.done();
      else waiter?.failed(errorOf(answer.error));
    } else if (answer.kind === "read") {
      const waiter = this.#reads.get(answer.id);
      this.#reads.delete(answer.id);
      if (answer.error === undefined) waiter?.done(answer);
      else waiter?.failed(errorOf(answer.error));
    }
  }

  /** The thread is gone: by `close`, or what it was asked stays unanswered for ever. */
  #end(found: string): void {
    this.#gone ??= new RiskError("journal_failed", { found });
    for (const waiter of [...this.#writes.values(), ...this.#reads.values()]) {
      waiter.failed(this.#gone);
    }
    this.#writes.clear();
    this.#reads.clear();
    this.#closed?.();
  }
}
