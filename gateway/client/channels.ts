/**
 * What a client watches, over all its lines: a set of channels, so that nothing is ever doubled.
 *
 * Several feeds may stand on one channel; the gateway is asked when the first comes and when the
 * last goes. A feed of `*` and one of a single account overlap in the gateway too, and care is
 * taken that closing either leaves the other what it had. EVENT channels are asked for with the
 * place that was reached, so a new line goes on where the old one broke.
 */
import { RiskError } from "../../core/errors.ts";
import {
  EVERY,
  isEventChannel,
  isOfAccount,
  ofAccount,
  parseChannel,
} from "../protocol/channels.ts";
import { type EventFeed, type EventInput, openEventFeed, type Place } from "./event-feed.ts";
import { type Feed, type FeedInput, type Frame, openFeed } from "./feed.ts";

type Request = (method: string, params: object) => Promise<unknown>;
type AnyFeed = FeedInput<unknown> | EventInput;

/** Places in one request: each is about eighty bytes of the largest frame. */
const PLACES_MAX = 512;
const RETRY_MS = 1_000;

export class Channels {
  readonly #request: Request;
  readonly #feeds = new Map<string, Set<AnyFeed>>();
  /** The newest frame by name of a STATE channel: a feed that joins late starts with it. */
  readonly #latest = new Map<string, Frame<unknown>>();
  /** Where each EVENT channel is. */
  readonly #places = new Map<string, Place>();
  #ended = false;

  constructor(request: Request) {
    this.#request = request;
  }

  /**
   * A new feed of the channel; it ends with the gateway's refusal when it is refused.
   *
   * @throws RiskError `unknown_channel`
   */
  open<T>(channel: string, live: boolean): Feed<T> {
    parseChannel(channel, "channel");
    const input: FeedInput<T> = openFeed<T>(channel, () => this.#close(channel, input as AnyFeed));
    if (!this.#add(channel, input as AnyFeed, live)) return input.feed;
    for (const frame of this.#latest.values()) {
      if (covers(channel, frame.channel)) input.take(frame as Frame<T>);
    }
    return input.feed;
  }

  /**
   * A new feed of an EVENT channel; one that joins another of the same channel begins with the
   * events to come.
   */
  openEvents<T>(
    channel: string,
    live: boolean,
    since: Readonly<Record<string, Place>> = {},
  ): EventFeed<T> {
    parseChannel(channel, "channel");
    const input = openEventFeed(channel, since, () => this.#close(channel, input));
    for (const [name, place] of Object.entries(since)) {
      if (!this.#places.has(name)) this.#places.set(name, place);
    }
    this.#add(channel, input, live);
    return input.feed as EventFeed<T>;
  }

  take(frame: Frame<unknown>): void {
    const { channel, epoch, seq } = frame;
    if (isEventChannel(parseChannel(channel, "channel"))) this.#places.set(channel, { epoch, seq });
    else this.#latest.set(channel, frame);
    for (const name of new Set([channel, everyOf(channel)])) {
      for (const input of this.#feeds.get(name) ?? []) input.take(frame);
    }
  }

  /**
   * Asks a new line for everything; answers the first refusal, whose feeds have ended with it. What
   * is not ready yet is asked for again and is none.
   */
  async subscribeAgain(): Promise<RiskError | undefined> {
    const names = [...this.#feeds.keys()];
    const outcomes = await Promise.all(names.map((name) => this.#subscribe(name)));
    return outcomes.find((outcome) => outcome !== undefined && outcome.code !== "not_ready");
  }

  end(error?: RiskError): void {
    this.#ended = true;
    for (const inputs of this.#feeds.values()) for (const input of inputs) input.end(error);
    this.#feeds.clear();
    this.#latest.clear();
    this.#places.clear();
  }

  /** False when the client is closed: then the feed is over before it began. */
  #add(channel: string, input: AnyFeed, live: boolean): boolean {
    if (!live) {
      input.end();
      return false;
    }
    const siblings = this.#feeds.get(channel);
    if (siblings) siblings.add(input);
    else {
      this.#feeds.set(channel, new Set([input]));
      void this.#subscribe(channel);
    }
    return true;
  }

  async #subscribe(channel: string): Promise<RiskError | undefined> {
    const places = [...this.#places].filter(([name]) => covers(channel, name));
    const since = Object.fromEntries(places.slice(-PLACES_MAX));
    const params = places.length === 0 ? { channels: [channel] } : { channels: [channel], since };
    try {
      await this.#request("subscribe", params);
      return undefined;
    } catch (error) {
      if (!(error instanceof RiskError)) throw error;
      if (error.code === "not_ready") this.#subscribeLater(channel, error);
      // Without a line the channel waits for the next one; what may succeed later, likewise.
      if (error.retryable) return error;
      for (const input of this.#feeds.get(channel) ?? []) input.end(error);
      this.#feeds.delete(channel);
      return error;
    }
  }

  /** A gateway that recovers its state says when to come again. */
  #subscribeLater(channel: string, { detail }: RiskError): void {
    const again = () => {
      if (!this.#ended && this.#feeds.has(channel)) void this.#subscribe(channel);
    };
    const timer = setTimeout(again, detail.retryAfterMs ?? RETRY_MS);
    (timer as { unref?: () => void }).unref?.();
  }

  async #close(channel: string, input: AnyFeed): Promise<void> {
    const inputs = this.#feeds.get(channel);
    inputs?.delete(input);
    if (inputs === undefined || inputs.size > 0) return;
    this.#feeds.delete(channel);
    if (this.#feeds.has(everyOf(channel))) return;
    const stillWatched = [...this.#feeds.keys()].filter((name) => covers(channel, name));
    this.#forget(channel, stillWatched);
    try {
      await this.#request("unsubscribe", { channels: [channel] });
      await Promise.all(stillWatched.map((name) => this.#subscribe(name)));
    } catch (error) {
      // A line that is gone watches nothing any more.
      if (!(error instanceof RiskError)) throw error;
    }
  }

  #forget(channel: string, stillWatched: readonly string[]): void {
    for (const known of [this.#latest, this.#places]) {
      for (const name of [...known.keys()]) {
        if (covers(channel, name) && !stillWatched.includes(name)) known.delete(name);
      }
    }
  }
}

/** Whether frames of `name` belong to a feed of `channel`. */
function covers(channel: string, name: string): boolean {
  return channel === name || channel === everyOf(name);
}

function everyOf(name: string): string {
  const channel = parseChannel(name, "channel");
  return isOfAccount(channel) ? ofAccount(channel, EVERY).name : name;
}
