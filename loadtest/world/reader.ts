/**
 * A reader: it watches channels over every reconnect, and holds each frame against the one before.
 *
 *      STATE  seq ascends within a boot; prev is the version it was sent last, 0 for a snapshot
 *      scope  only accounts of its key; another's is refused as one that does not exist
 */
import type { Checks } from "./checks.ts";
import type { Client, Frame, Outcome } from "./client.ts";
import type { Dice } from "./dice.ts";
import { Sight } from "./sight.ts";
import type { Timeline } from "./timeline.ts";

export interface ReaderOptions {
  readonly name: string;
  readonly timeline: Timeline;
  readonly dice: Dice;
  readonly checks: Checks;
  readonly channels: readonly string[];
  /** EVENT channels. */
  readonly events: readonly string[];
  /** Accounts that its key may read. */
  readonly own: readonly string[];
  /** Somebody else's account. */
  readonly foreign: string | undefined;
}

/** A channel as it was seen last on this line. */
interface Seen {
  readonly epoch: string;
  readonly seq: number;
}

const ANSWER_MS = 3_000;

export class Reader {
  readonly #options: ReaderOptions;
  readonly #sights: ReadonlyMap<string, Sight>;
  readonly #seen = new Map<string, Seen>();
  /** Newest version by channel and epoch, over all lines. */
  readonly #newest = new Map<string, number>();
  #client: Client | undefined;
  /** Turn of the newest figures by account and epoch. */
  readonly #turns = new Map<string, number>();
  frames = 0;

  constructor(options: ReaderOptions) {
    this.#options = options;
    this.#sights = new Map(options.events.map((channel) => [channel, new Sight()]));
  }

  get name(): string {
    return this.#options.name;
  }

  get own(): readonly string[] {
    return this.#options.own;
  }

  /** Turn of the newest figures that it saw of an account. */
  turnOf(account: string, epoch: string): number | undefined {
    return this.#turns.get(`${account} ${epoch}`);
  }

  run(client: Client): void {
    this.#client = client;
  }

  ready(): void {
    const { foreign } = this.#options;
    this.#subscribe();
    if (foreign === undefined) return;
    const channels = [`margin.${foreign}.raw`];
    this.#client!.call("subscribe", { channels }, ANSWER_MS, (outcome) =>
      this.#refused(outcome, foreign),
    );
    this.#client!.call("margin.get", { account: foreign }, ANSWER_MS, (outcome) =>
      this.#refused(outcome, foreign),
    );
  }

  lost(): void {
    this.#seen.clear();
  }

  frame(frame: Frame): void {
    const { checks, name, own } = this.#options;
    const { channel, epoch, seq, prev, type } = frame;
    this.frames += 1;
    const account = accountOf(channel);
    checks.holds(
      "own-accounts-only",
      account === undefined || own.includes(account),
      () => `${name} was sent ${channel}`,
    );
    const sight = this.#sights.get(channel);
    if (sight !== undefined) {
      const wrong = sight.note(frame);
      checks.holds("channel-order", wrong === undefined, () => `${name} ${channel}: ${wrong}`);
      return;
    }
    const last = this.#seen.get(channel);
    if (type === "hb") {
      checks.holds(
        "channel-order",
        last === undefined || seq === last.seq,
        () => `${name} ${channel}: heartbeat of version ${seq} after ${last?.seq}`,
      );
      return;
    }
    const wanted = last?.epoch === epoch ? last.seq : 0;
    checks.holds(
      "channel-order",
      prev === wanted && seq > prev,
      () => `${name} ${channel}: version ${seq} with prev ${prev} after ${wanted} of ${epoch}`,
    );
    const newest = this.#newest.get(`${channel} ${epoch}`) ?? 0;
    checks.holds(
      "channel-order",
      seq >= newest,
      () => `${name} ${channel}: version ${seq} after ${newest} of ${epoch}`,
    );
    this.#newest.set(`${channel} ${epoch}`, seq);
    this.#seen.set(channel, { epoch, seq });
    if (account !== undefined) this.#turns.set(`${account} ${epoch}`, frame.turn);
  }

  /** What was seen of every EVENT channel is what was done, to the newest event. */
  saw(done: ReadonlyMap<string, readonly number[]>): void {
    const { checks, name } = this.#options;
    for (const [channel, sight] of this.#sights) {
      const all = done.get(channel) ?? [];
      const wrong = sight.difference(all);
      checks.holds("channel-order", wrong === undefined, () => `${name} ${channel}: ${wrong}`);
      checks.holds(
        "caught-up",
        sight.last === (all.at(-1) ?? 0),
        () => `${name} ${channel}: saw up to ${sight.last} of ${all.at(-1)}`,
      );
    }
  }

  #subscribe(): void {
    const { channels, events, timeline } = this.#options;
    const client = this.#client!;
    const known = [...this.#sights].filter(([, { since }]) => since !== undefined);
    const since = Object.fromEntries(known.map(([channel, sight]) => [channel, sight.since]));
    const params = { channels: [...channels, ...events], since };
    client.call("subscribe", params, ANSWER_MS, (outcome) => {
      if (outcome.kind === "result") return;
      // The account may not be open yet, or the answer was lost.
      timeline.at(timeline.now() + 500, () => client.ready && this.#subscribe());
    });
  }

  #refused(outcome: Outcome, foreign: string): void {
    const { checks, name } = this.#options;
    checks.holds(
      "own-accounts-only",
      outcome.kind === "unknown" ||
        (outcome.kind === "refused" && outcome.code === "unknown_account"),
      () => `${name} asked for ${foreign} and was answered ${JSON.stringify(outcome)}`,
    );
  }
}

/** The account of a channel of one. */
function accountOf(channel: string): string | undefined {
  const [family, account] = channel.split(".");
  return family === "margin" || family === "fills" ? account : undefined;
}
