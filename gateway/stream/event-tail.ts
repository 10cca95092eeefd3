/**
 * The tail of an EVENT channel: what some reader of it has yet to be sent, shared by all of them.
 *
 *      entries     |  9 | 12 | 13 | 20 |        each encoded once per codec
 *      reader A              ^                  has 12: 13 and 20 are to come
 *      reader B                        ^        has everything
 *
 * Nothing is conflated and nothing skipped, so the tail is bounded: what has to be dropped that a
 * reader has not had ends that reader's connection, and it may resume on the next. The ring of the
 * fold state is what it then resumes from.
 */
import type { BoardEvent } from "../board.ts";
import type { EventChannel } from "../protocol/channels.ts";
import type { Codec, Members } from "../protocol/codec.ts";
import type { Session } from "./session.ts";

/** One reader's place. */
export interface EventWatcher {
  readonly tail: EventTail;
  readonly session: Session;
  /** Number of the event last sent, or that a snapshot reached to. */
  sentSeq: number;
  sentAtMs: number;
  /** What was there when it subscribed and has not been sent yet. */
  start: EventStart | undefined;
}

/** A snapshot of what is kept, or the events that were missed since the last time. */
export type EventStart =
  | { readonly kind: "snapshot"; readonly events: readonly BoardEvent[] }
  | { readonly kind: "missed"; prev: number; events: readonly BoardEvent[] };

export interface Entry {
  readonly event: BoardEvent;
  /** As JSON, which stands for its size whatever the codec. */
  readonly bytes: number;
  readonly encoded: Map<Codec, Members>;
}

export interface TailLimits {
  readonly events: number;
  readonly bytes: number;
}

export class EventTail {
  readonly channel: EventChannel;
  readonly watchers = new Set<EventWatcher>();
  #entries: Entry[] = [];
  #bytes = 0;

  constructor(channel: EventChannel) {
    this.channel = channel;
  }

  append(event: BoardEvent): void {
    const bytes = JSON.stringify(event.data).length;
    this.#entries.push({ event, bytes, encoded: new Map() });
    this.#bytes += bytes;
  }

  over({ events, bytes }: TailLimits): boolean {
    return this.#entries.length > events || this.#bytes > bytes;
  }

  /** The first entry after number `seq`; undefined when there is none. */
  after(seq: number): Entry | undefined {
    let [low, high] = [0, this.#entries.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#entries[middle]!.event.seq <= seq) low = middle + 1;
      else high = middle;
    }
    return this.#entries[low];
  }

  /** Forgets what every reader has had. */
  trim(): void {
    let least = Number.POSITIVE_INFINITY;
    for (const { sentSeq } of this.watchers) least = Math.min(least, sentSeq);
    let count = 0;
    while (count < this.#entries.length && this.#entries[count]!.event.seq <= least) count += 1;
    this.#drop(count);
  }

  /**
   * Forgets the oldest until it is within its limits, the newest apart; answers the readers that
   * had not had them all.
   */
  cut({ events, bytes }: TailLimits): EventWatcher[] {
    let count = 0;
    let left = this.#bytes;
    const most = this.#entries.length - 1;
    while (count < most && (this.#entries.length - count > events || left > bytes)) {
      left -= this.#entries[count]!.bytes;
      count += 1;
    }
    if (count === 0) return [];
    const lost = this.#entries[count - 1]!.event.seq;
    this.#drop(count);
    return [...this.watchers].filter(({ sentSeq }) => sentSeq < lost);
  }

  #drop(count: number): void {
    if (count === 0) return;
    for (let i = 0; i < count; i++) this.#bytes -= this.#entries[i]!.bytes;
    this.#entries = this.#entries.slice(count);
  }
}
