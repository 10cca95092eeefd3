/**
 * An EVENT channel as an async iterable: every event once and in order, or an error that says
 * otherwise.
 *
 * Events wait in one bounded queue until they are taken. Whoever lets it run over gets an error and
 * no more events, because to drop some would be to lie; a new feed goes on from `places`.
 */
/// <reference lib="esnext.disposable" />
import { RiskError } from "../../core/errors.ts";
import type { Frame } from "./feed.ts";

/** Events that may wait in one feed. */
export const EVENT_QUEUE_MAX = 4_096;

/** Where a reader is in a channel: what it resumes from. */
export interface Place {
  /** Lineage of the journal. */
  readonly epoch: string;
  readonly seq: number;
}

export interface ChannelEvent<T> extends Place {
  readonly channel: string;
  /** Number of the event before it in the channel; 0 for the first. */
  readonly prev: number;
  readonly turn: number;
  /** It was kept from before this feed began. */
  readonly kept: boolean;
  /** Between the last event and this one some were lost: too long away, or another journal. */
  readonly gap: boolean;
  readonly data: T;
}

export interface EventFeed<T> extends AsyncIterable<ChannelEvent<T>>, AsyncDisposable {
  /** What was subscribed to. */
  readonly channel: string;
  /** The place of each channel after what came last: to be stored, and given as `since`. */
  readonly places: ReadonlyMap<string, Place>;
  /** Times that events were lost because the feed was away for too long. */
  readonly gaps: number;
  close(): Promise<void>;
}

export interface EventFeedOptions {
  /** Where it goes on, by channel: `places` of an earlier feed. */
  readonly since?: Readonly<Record<string, Place>>;
  /** Closes the feed. */
  readonly signal?: AbortSignal;
}

/** What an event of `fills.{account}` says. */
export interface Fills {
  /** Market time, ms since the epoch. */
  readonly at: number;
  /** The account's version after it: more than one above the last, and something else moved it. */
  readonly version: number;
  /** The sender's idempotency key. */
  readonly key?: string;
  readonly fills: readonly {
    readonly instrument: string;
    readonly quantity: string;
    readonly price: string;
    readonly fee?: string;
  }[];
}

/** What an event of `regime.changes` says; the rest is as its kind has it. */
export interface RegimeChange {
  readonly at: number;
  readonly kind: "GridChange" | "GridNotice" | "Regime" | "TermsChange";
  readonly [name: string]: unknown;
}

/** What the connection does to an event feed. */
export interface EventInput {
  readonly feed: EventFeed<unknown>;
  take(frame: Frame<unknown>): void;
  /** Ends the iteration after what waits; with an error, by throwing it. */
  end(error?: RiskError): void;
}

interface Snapshot {
  readonly events: readonly {
    readonly seq: number;
    readonly prev: number;
    readonly turn: number;
  }[];
}

/** Whether events up to `newest` go on from where the reader was, though nobody asked for that. */
function reaches(
  events: Snapshot["events"],
  newest: number,
  { epoch, known }: { readonly epoch: string; readonly known: Place },
): boolean {
  const oldest = events[0]?.prev ?? 0;
  return epoch === known.epoch && oldest <= known.seq && known.seq <= newest;
}

/** @param since places that are known already, by channel */
export function openEventFeed(
  channel: string,
  since: Readonly<Record<string, Place>>,
  closed: () => Promise<void>,
): EventInput {
  const places = new Map(Object.entries(since));
  const lost = new Set<string>();
  const queue: ChannelEvent<unknown>[] = [];
  let ended: { readonly error: RiskError | undefined } | undefined;
  let gaps = 0;
  let wakeUp: (() => void) | undefined;

  const end = (error?: RiskError): void => {
    ended ??= { error };
    wakeUp?.();
  };
  const close = async (): Promise<void> => {
    if (ended) return;
    end();
    await closed();
  };

  function put(event: Omit<ChannelEvent<unknown>, "gap">): void {
    if (ended) return;
    if (queue.length >= EVENT_QUEUE_MAX) {
      end(
        new RiskError("limit_exceeded", {
          path: channel,
          expected: `a reader that leaves at most ${EVENT_QUEUE_MAX} events waiting`,
        }),
      );
      void closed();
      return;
    }
    queue.push({ ...event, gap: lost.delete(event.channel) });
    places.set(event.channel, { epoch: event.epoch, seq: event.seq });
    wakeUp?.();
  }

  function takeSnapshot({ channel: name, epoch, seq, data }: Frame<Snapshot>): void {
    const known = places.get(name);
    if (known !== undefined && !reaches(data.events, seq, { epoch, known })) {
      lost.add(name);
      gaps += 1;
    }
    for (const { seq: at, prev, turn, ...own } of data.events) {
      const seen = known?.epoch === epoch && at <= known.seq && known.seq <= seq;
      if (!seen) put({ channel: name, epoch, seq: at, prev, turn, kept: true, data: own });
    }
    if (!ended) places.set(name, { epoch, seq });
  }

  return {
    end,
    take(frame) {
      if (frame.type === "snapshot") takeSnapshot(frame as Frame<Snapshot>);
      else {
        const { channel: name, epoch, seq, prev, turn, data } = frame;
        put({ channel: name, epoch, seq, prev, turn, kept: false, data });
      }
    },
    feed: {
      channel,
      places,
      get gaps() {
        return gaps;
      },
      close,
      [Symbol.asyncDispose]: close,
      [Symbol.asyncIterator]: () => ({
        async next() {
          for (;;) {
            const event = queue.shift();
            if (event) return { done: false, value: event };
            if (ended?.error) throw ended.error;
            if (ended) return { done: true, value: undefined };
            await new Promise<void>((resolve) => {
              wakeUp = resolve;
            });
          }
        },
        return: async () => ({ done: true, value: undefined }),
      }),
    },
  };
}
