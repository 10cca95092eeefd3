/**
 * Group commit: while one group of records is on its way to disk, the next one gathers.
 *
 *      append ─► waiting ─┐ one group in flight     ┌─► answered, in the order of the appends
 *      append ─► waiting ─┼─► frame ─► write ─► disk ┤
 *      append ─► waiting ─┘                          └─► refused: it and all numbered behind it
 *
 * So a single append waits for one commit, and a thousand of them for the same one. Appends are
 * numbered when they are made; one that does not follow is refused at once, and when a write fails
 * everything behind it was numbered after it and fails as well.
 */
import { RiskError } from "../../core/errors.ts";
import { framedBytes, frameRecords, type Unchained } from "./frames.ts";

/** Bytes of one batch on disk, unless its only record is larger. */
export const GROUP_BYTES_MAX = 4 * 1024 * 1024;
/** Records that may wait for their commit, and their bytes. */
export const WAITING_RECORDS_MAX = 65_536;
export const WAITING_BYTES_MAX = 64 * 1024 * 1024;

/** Brings a batch to disk. Rejects with journal_full or journal_failed. */
export type Write = (batch: Unchained) => Promise<void>;

export interface GroupOptions {
  readonly write: Write;
  /** Runs `act` when what is being appended now has been appended. */
  readonly soon: (act: () => void) => void;
  /** Number of the newest record on disk. */
  readonly lastSeq: number;
  /** Why nothing may be appended now. */
  readonly refusal: () => RiskError | undefined;
  readonly onWritten: () => void;
  readonly onFailed: (error: RiskError) => void;
}

interface Waiting {
  readonly records: readonly Uint8Array[];
  readonly bytes: number;
  readonly written: () => void;
  readonly failed: (error: RiskError) => void;
}

/** The account chain on its way to disk. */
export class GroupCommit {
  readonly #options: GroupOptions;
  #waiting: Waiting[] = [];
  #waitingRecords = 0;
  #waitingBytes = 0;
  #onDisk: number;
  #next: number;
  #busy = false;
  #idle: (() => void)[] = [];

  constructor(options: GroupOptions) {
    this.#options = options;
    this.#onDisk = options.lastSeq;
    this.#next = options.lastSeq + 1;
  }

  /** Number of the newest record on disk. */
  lastSeq(): number {
    return this.#onDisk;
  }

  /** @throws RiskError conflict, journal_full, journal_failed; or rejects with one of them */
  append(records: readonly Uint8Array[], expectedSeq: number): Promise<void> {
    const refusal = this.#options.refusal();
    if (refusal !== undefined) throw refusal;
    checkNext(this.#next, expectedSeq);
    const bytes = records.reduce((sum, record) => sum + framedBytes(record), 0);
    this.#admit(records.length, bytes);
    this.#next += records.length;
    return new Promise((written, failed) => {
      this.#waiting.push({ records, bytes, written, failed });
      if (this.#waiting.length === 1 && !this.#busy) this.#options.soon(() => this.#flush());
    });
  }

  /** Resolves when nothing waits. */
  settled(): Promise<void> {
    if (!this.#busy && this.#waiting.length === 0) return Promise.resolve();
    return new Promise((done) => this.#idle.push(done));
  }

  #admit(records: number, bytes: number): void {
    if (
      this.#waitingRecords + records > WAITING_RECORDS_MAX ||
      this.#waitingBytes + bytes > WAITING_BYTES_MAX
    ) {
      throw new RiskError("journal_full", {
        expected: `at most ${WAITING_RECORDS_MAX} records of ${WAITING_BYTES_MAX} bytes waiting`,
        found: `${this.#waitingRecords + records} records of ${this.#waitingBytes + bytes} bytes`,
      });
    }
    this.#waitingRecords += records;
    this.#waitingBytes += bytes;
  }

  async #flush(): Promise<void> {
    if (this.#busy || this.#waiting.length === 0) return;
    this.#busy = true;
    const group = this.#taken();
    const records = group.flatMap((one) => one.records);
    const lastSeq = this.#onDisk + records.length;
    const body = frameRecords(records);
    try {
      await this.#options.write({ chain: "account", firstSeq: this.#onDisk + 1, lastSeq, body });
      this.#onDisk = lastSeq;
      this.#release(group);
      this.#options.onWritten();
      for (const { written } of group) written();
    } catch (error) {
      this.#fail(group, asRiskError(error));
    }
    this.#busy = false;
    if (this.#waiting.length > 0) this.#options.soon(() => this.#flush());
    else for (const done of this.#idle.splice(0)) done();
  }

  /** The oldest that wait, as many as fit into a batch. */
  #taken(): Waiting[] {
    let bytes = 0;
    const beyond = this.#waiting.findIndex((one, i) => {
      bytes += one.bytes;
      return i > 0 && bytes > GROUP_BYTES_MAX;
    });
    const group = beyond < 0 ? this.#waiting : this.#waiting.slice(0, beyond);
    this.#waiting = beyond < 0 ? [] : this.#waiting.slice(beyond);
    return group;
  }

  #release(group: readonly Waiting[]): void {
    for (const { records, bytes } of group) {
      this.#waitingRecords -= records.length;
      this.#waitingBytes -= bytes;
    }
  }

  #fail(group: readonly Waiting[], error: RiskError): void {
    const all = [...group, ...this.#waiting];
    this.#waiting = [];
    this.#release(all);
    this.#next = this.#onDisk + 1;
    this.#options.onFailed(error);
    for (const { failed } of all) failed(error);
  }
}

/** @throws RiskError conflict */
export function checkNext(next: number, expectedSeq: number): void {
  if (expectedSeq === next) return;
  throw new RiskError("conflict", { expected: `seq ${next}`, found: String(expectedSeq) });
}

/** What is no refusal of the store is a fault of ours: then the files may not be touched again. */
export function asRiskError(error: unknown): RiskError {
  if (error instanceof RiskError) return error;
  return new RiskError("journal_failed", { found: String(error) }, { cause: error });
}
