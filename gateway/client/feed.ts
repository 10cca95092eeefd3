/**
 * A channel as an async iterable that never queues: whoever is slow gets the newest, once.
 *
 * One frame waits for each channel name, so a feed of `*` keeps one per account and a feed of one
 * account keeps one. `latest` is there without iterating.
 */
/// <reference lib="esnext.disposable" />
import type { RiskError } from "../../core/errors.ts";

/** Figures as they came, with where they stand. */
export interface Frame<T> {
  readonly channel: string;
  readonly type: "snapshot" | "update";
  /** Versions of the figures within `epoch`, counted. */
  readonly seq: number;
  readonly prev: number;
  /** Versions skipped for a newer one. */
  readonly conflated: number;
  /** Turn in which the figures moved last. */
  readonly turn: number;
  readonly epoch: string;
  /** When it was written, ms since the epoch. */
  readonly ts: number;
  /** Market time of the newest mark behind it, ms. */
  readonly markTs: number;
  readonly data: T;
}

export interface Feed<T> extends AsyncIterable<Frame<T>>, AsyncDisposable {
  /** What was subscribed to. */
  readonly channel: string;
  /** The newest frame, whether iterated or not. */
  readonly latest: Frame<T> | undefined;
  /** The newest frame of each channel name: of each account, when the feed is one of `*`. */
  readonly latestByChannel: ReadonlyMap<string, Frame<T>>;
  /** Frames that did not follow the one before: lost between the gateway and here. */
  readonly gaps: number;
  close(): Promise<void>;
}

/** What the connection does to a feed. */
export interface FeedInput<T> {
  readonly feed: Feed<T>;
  take(frame: Frame<T>): void;
  /** Ends every iteration; with an error, by throwing it. */
  end(error?: RiskError): void;
}

export function openFeed<T>(channel: string, closed: () => Promise<void>): FeedInput<T> {
  const latestByChannel = new Map<string, Frame<T>>();
  const readers = new Set<Reader<T>>();
  let latest: Frame<T> | undefined;
  let gaps = 0;
  let ended: { readonly error: RiskError | undefined } | undefined;

  const end = (error?: RiskError): void => {
    ended ??= { error };
    for (const reader of readers) reader.wake();
  };
  const close = async (): Promise<void> => {
    if (ended) return;
    end();
    await closed();
  };
  const feed: Feed<T> = {
    channel,
    latestByChannel,
    get latest() {
      return latest;
    },
    get gaps() {
      return gaps;
    },
    close,
    [Symbol.asyncDispose]: close,
    [Symbol.asyncIterator]() {
      const reader = openReader<T>(latestByChannel, () => ended);
      readers.add(reader);
      return { next: reader.next, return: () => leave(readers, reader) };
    },
  };
  return {
    feed,
    end,
    take(frame) {
      const before = latestByChannel.get(frame.channel);
      if (frame.type === "update" && before?.seq !== frame.prev) gaps += 1;
      latest = frame;
      latestByChannel.set(frame.channel, frame);
      for (const reader of readers) reader.put(frame);
    },
  };
}

async function leave<T>(
  readers: Set<Reader<T>>,
  reader: Reader<T>,
): Promise<IteratorResult<Frame<T>>> {
  readers.delete(reader);
  return { done: true, value: undefined };
}

/** One iteration: the channels that it has not seen the newest frame of. */
interface Reader<T> {
  put(frame: Frame<T>): void;
  wake(): void;
  next(): Promise<IteratorResult<Frame<T>>>;
}

function openReader<T>(
  seen: ReadonlyMap<string, Frame<T>>,
  ended: () => { readonly error: RiskError | undefined } | undefined,
): Reader<T> {
  const unseen = new Map(seen);
  let wakeUp: (() => void) | undefined;
  const wake = (): void => wakeUp?.();
  return {
    wake,
    put(frame) {
      unseen.set(frame.channel, frame);
      wake();
    },
    async next() {
      for (;;) {
        const [first] = unseen;
        if (first) {
          unseen.delete(first[0]);
          return { done: false, value: first[1] };
        }
        const end = ended();
        if (end?.error) throw end.error;
        if (end) return { done: true, value: undefined };
        await new Promise<void>((resolve) => {
          wakeUp = resolve;
        });
      }
    },
  };
}
