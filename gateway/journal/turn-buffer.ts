/**
 * Turns on their way to disk: nobody waits for them, so they wait for the disk.
 *
 *      append ─► kept until written ─► write ─► gone
 *                     │ disk full: tried again each second
 *                     └ too many bytes: the oldest are dropped ─► gap ─► snapshot ─► skipTo
 *
 * Margins go on while the disk is full. When Turns had to be dropped, the chain cannot go on before
 * a snapshot stands for them: until then the newest ones are kept, and nothing is written.
 */
import type { RiskError } from "../../core/errors.ts";
import { framedBytes, frameRecords } from "./frames.ts";
import { asRiskError, checkNext, GROUP_BYTES_MAX, type Write } from "./group-commit.ts";

/** Bytes of Turns that wait for the disk before the oldest are dropped. */
export const TURNS_WAITING_BYTES_MAX = 64 * 1024 * 1024;

export interface TurnBufferOptions {
  readonly write: Write;
  readonly soon: (act: () => void) => void;
  /** Runs `act` when it is time to try again. */
  readonly later: (act: () => void) => void;
  /** Number of the newest Turn on disk. */
  readonly lastSeq: number;
  readonly bytesMax: number;
  readonly onWritten: () => void;
  readonly onFailed: (error: RiskError) => void;
  /** Turns up to number `seq` are gone: a snapshot at or after it must stand for them. */
  readonly onGap: (seq: number) => void;
}

export class TurnBuffer {
  readonly #options: TurnBufferOptions;
  /** Newest last, numbered up to `#next` - 1 without a hole. */
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  #onDisk: number;
  #next: number;
  /** The chain may go on here, whatever is missing before. */
  #bridge = 0;
  #busy = false;
  #due = false;
  /** An attempt failed, or a gap is open: the next one is made later. */
  #waits = false;
  #stopped = false;
  #idle: (() => void)[] = [];

  constructor(options: TurnBufferOptions) {
    this.#options = options;
    this.#onDisk = options.lastSeq;
    this.#next = options.lastSeq + 1;
  }

  /** Number of the newest Turn appended, on disk or not. */
  lastSeq(): number {
    return this.#next - 1;
  }

  /** @throws RiskError conflict */
  append(records: readonly Uint8Array[], expectedSeq: number): void {
    checkNext(this.#next, expectedSeq);
    this.#next += records.length;
    if (this.#stopped) return;
    for (const record of records) {
      this.#waiting.push(record);
      this.#waitingBytes += framedBytes(record);
    }
    this.#trim();
    if (!this.#waits) this.#soon();
  }

  /** The chain goes on at `nextSeq` where Turns before it miss: a snapshot stands for them. */
  skipTo(nextSeq: number): void {
    if (nextSeq > this.#next) {
      this.#drop(this.#waiting.length);
      this.#next = nextSeq;
    } else if (!this.#hasGap() || nextSeq < this.#first()) {
      return;
    }
    this.#drop(nextSeq - this.#first());
    this.#bridge = nextSeq;
    this.#soon();
  }

  /** Resolves when all that can be written is. */
  settled(): Promise<void> {
    if (!this.#busy && !this.#due) return Promise.resolve();
    return new Promise((done) => this.#idle.push(done));
  }

  /** Nothing is written any more. */
  stop(): void {
    this.#stopped = true;
    this.#drop(this.#waiting.length);
    this.#rest();
  }

  #first(): number {
    return this.#next - this.#waiting.length;
  }

  #hasGap(): boolean {
    return this.#first() > this.#onDisk + 1;
  }

  #soon(): void {
    if (this.#busy || this.#due) return;
    this.#due = true;
    this.#options.soon(() => {
      this.#due = false;
      void this.#flush();
    });
  }

  #later(): void {
    this.#rest();
    if (this.#waits) return;
    this.#waits = true;
    this.#options.later(() => {
      this.#waits = false;
      void this.#flush();
    });
  }

  #rest(): void {
    for (const done of this.#idle.splice(0)) done();
  }

  async #flush(): Promise<void> {
    if (this.#busy) return;
    if (this.#stopped) return this.#rest();
    const skips = this.#hasGap();
    if (skips && this.#bridge !== this.#first()) {
      this.#options.onGap(this.#first() - 1);
      return this.#later();
    }
    if (!skips && this.#waiting.length === 0) return this.#rest();
    this.#busy = true;
    const firstSeq = this.#first();
    const group = skips ? [] : this.#group();
    const lastSeq = firstSeq + group.length - 1;
    try {
      await this.#options.write({ chain: "turns", firstSeq, lastSeq, body: frameRecords(group) });
      this.#busy = false;
      this.#waits = false;
      this.#onDisk = lastSeq;
      // Some of the group may have been dropped meanwhile.
      this.#drop(lastSeq + 1 - this.#first());
      this.#options.onWritten();
      this.#soon();
    } catch (error) {
      this.#busy = false;
      this.#fail(asRiskError(error));
    }
  }

  #group(): Uint8Array[] {
    let bytes = 0;
    const beyond = this.#waiting.findIndex((record, i) => {
      bytes += framedBytes(record);
      return i > 0 && bytes > GROUP_BYTES_MAX;
    });
    return beyond < 0 ? this.#waiting.slice() : this.#waiting.slice(0, beyond);
  }

  #fail(error: RiskError): void {
    if (error.code === "journal_full") this.#later();
    else this.stop();
    this.#options.onFailed(error);
  }

  /** Drops a quarter at a time, so that the cost of an append stays constant. */
  #trim(): void {
    if (this.#waitingBytes <= this.#options.bytesMax) return;
    let bytes = this.#waitingBytes;
    let count = 0;
    while (bytes > 0.75 * this.#options.bytesMax && count < this.#waiting.length - 1) {
      bytes -= framedBytes(this.#waiting[count++]!);
    }
    this.#drop(count);
  }

  #drop(count: number): void {
    if (count <= 0) return;
    for (const record of this.#waiting.splice(0, count)) this.#waitingBytes -= framedBytes(record);
  }
}
