/**
 * What a client watches, over all its lines: a set of channels, so that nothing is ever doubled.
 *
 * Several feeds may stand on one channel; the gateway is asked when the first comes and when the
 * last goes. A feed of `*` and one of a single account overlap in the gateway too, and care is
 * taken that closing either leaves the other what it had.
 */
import { RiskError } from "../../core/errors.ts";
import { channelName, EVERY, parseChannel } from "../protocol/channels.ts";
import { type Feed, type FeedInput, type Frame, openFeed } from "./feed.ts";

type Request = (method: string, params: object) => Promise<unknown>;
type AnyFeed = FeedInput<unknown>;

export class Channels {
  readonly #request: Request;
  readonly #feeds = new Map<string, Set<AnyFeed>>();
  /** The newest frame by channel name: a feed that joins late starts with it. */
  readonly #latest = new Map<string, Frame<unknown>>();

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
    if (!live) {
      input.end();
      return input.feed;
    }
    const siblings = this.#feeds.get(channel);
    if (siblings) siblings.add(input as AnyFeed);
    else this.#feeds.set(channel, new Set([input as AnyFeed]));
    for (const frame of this.#latest.values()) {
      if (covers(channel, frame.channel)) input.take(frame as Frame<T>);
    }
    if (siblings === undefined) void this.#subscribe(channel);
    return input.feed;
  }

  take(frame: Frame<unknown>): void {
    this.#latest.set(frame.channel, frame);
    for (const name of [frame.channel, everyOf(frame.channel)]) {
      for (const input of this.#feeds.get(name) ?? []) input.take(frame);
    }
  }

  /** Asks a new line for everything; answers the first refusal, whose feeds have ended with it. */
  async subscribeAgain(): Promise<RiskError | undefined> {
    const names = [...this.#feeds.keys()];
    const outcomes = await Promise.all(names.map((name) => this.#subscribe(name)));
    return outcomes.find((outcome) => outcome !== undefined);
  }

  end(error?: RiskError): void {
    for (const inputs of this.#feeds.values()) for (const input of inputs) input.end(error);
    this.#feeds.clear();
    this.#latest.clear();
  }

  async #subscribe(channel: string): Promise<RiskError | undefined> {
    try {
      await this.#request("subscribe", { channels: [channel] });
      return undefined;
    } catch (error) {
      if (!(error instanceof RiskError)) throw error;
      // Without a line the channel waits for the next one; what may succeed later, likewise.
      if (error.retryable) return error;
      for (const input of this.#feeds.get(channel) ?? []) input.end(error);
      this.#feeds.delete(channel);
      return error;
    }
  }

  async #close(channel: string, input: AnyFeed): Promise<void> {
    const inputs = this.#feeds.get(channel);
    inputs?.delete(input);
    if (inputs === undefined || inputs.size > 0) return;
    this.#feeds.delete(channel);
    if (this.#feeds.has(everyOf(channel))) return;
    const stillWatched = [...this.#feeds.keys()].filter((name) => covers(channel, name));
    for (const name of [...this.#latest.keys()]) {
      if (covers(channel, name) && !stillWatched.includes(name)) this.#latest.delete(name);
    }
    try {
      await this.#request("unsubscribe", { channels: [channel] });
      await Promise.all(stillWatched.map((name) => this.#subscribe(name)));
    } catch (error) {
      // A line that is gone watches nothing any more.
      if (!(error instanceof RiskError)) throw error;
    }
  }
}

/** Whether frames of `name` belong to a feed of `channel`. */
function covers(channel: string, name: string): boolean {
  return channel === name || channel === everyOf(name);
}

function everyOf(name: string): string {
  const { family, interval } = parseChannel(name, "channel");
  return family === "margin" ? channelName({ family, subject: EVERY, interval }) : name;
}
