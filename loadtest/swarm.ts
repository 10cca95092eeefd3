/**
 * Many subscribers in one process: opens them a few at a time, lets each ask, then only listens.
 */
import { RiskError, shown } from "../core/errors.ts";
import { type Codec, codecs } from "../gateway/protocol/codec.ts";
import { defaultLimits } from "../gateway/protocol/limits.ts";
import type { CodecName } from "./glance.ts";
import { openWire, type Wire, wallMs } from "./wire.ts";

/** Connections that are being opened at one time. */
export const OPENING_MAX = 32;
/** Connections from one loopback address; the next ones call from the next address. */
export const PER_ADDRESS_MAX = 4_000;
/** What an answer may take, ms. */
export const ANSWER_MS_MAX = 15_000;

export interface Ask {
  readonly method: string;
  readonly params: object;
}

export interface SwarmOptions {
  /** `http://127.0.0.1:8787`; the stream is at `/ws` of it. */
  readonly url: string;
  readonly subscribers: number;
  readonly codec: CodecName;
  /** What a subscriber asks for, in order, once it is connected. */
  asks(subscriber: number): Promise<readonly Ask[]>;
  /** A frame that is no answer; `payload` is good until the call returns. */
  frame(subscriber: number, payload: Buffer, atMs: number): void;
  /** A line that ended by itself. */
  lost(subscriber: number, reason: string): void;
}

export interface Swarm {
  /**
   * How far the peer's clock is ahead of ours, ms, by the quickest answer; half that answer's round
   * trip is its uncertainty. Undefined when nothing was asked.
   */
  readonly skew: Skew | undefined;
  close(): void;
}

export interface Skew {
  readonly aheadMs: number;
  readonly roundTripMs: number;
}

export function codecNamed(name: CodecName): Codec {
  return codecs.find(({ subprotocol }) => subprotocol.endsWith(`.${name}`))!;
}

/** @throws RiskError `unreachable`, or the refusal of what was asked */
export async function openSwarm(options: SwarmOptions): Promise<Swarm> {
  const members: Member[] = [];
  const close = (): void => {
    for (const member of members) member.close();
  };
  let next = 0;
  const open = async (): Promise<void> => {
    for (let i = next++; i < options.subscribers; i = next++) {
      const member = new Member(options, i);
      members.push(member);
      await member.join();
    }
  };
  try {
    await Promise.all(Array.from({ length: OPENING_MAX }, open));
  } catch (error) {
    next = options.subscribers;
    close();
    throw error;
  }
  const skews = members.flatMap(({ skew }) => skew ?? []);
  const skew = skews.sort((a, b) => a.roundTripMs - b.roundTripMs)[0];
  return { skew, close };
}

interface Answer {
  readonly id?: unknown;
  readonly error?: { readonly data?: { readonly code?: unknown } };
  readonly us?: { readonly in: number; readonly out: number };
}

class Member {
  skew: Skew | undefined;
  readonly #options: SwarmOptions;
  readonly #index: number;
  readonly #codec: Codec;
  #wire: Wire | undefined;
  #leaving = false;
  #answer: ((answer: Answer) => void) | undefined;
  #refuse: ((error: RiskError) => void) | undefined;

  constructor(options: SwarmOptions, index: number) {
    this.#options = options;
    this.#index = index;
    this.#codec = codecNamed(options.codec);
  }

  async join(): Promise<void> {
    const { hostname, port } = new URL(this.#options.url);
    this.#wire = await openWire({
      host: hostname,
      port: Number(port),
      path: "/ws",
      subprotocol: this.#codec.subprotocol,
      localAddress: `127.0.0.${1 + Math.floor(this.#index / PER_ADDRESS_MAX)}`,
      frame: (payload, atMs) => this.#frame(payload, atMs),
      closed: (reason) => this.#closed(reason),
    });
    for (const ask of await this.#options.asks(this.#index)) await this.#ask(ask);
  }

  close(): void {
    this.#leaving = true;
    this.#wire?.close();
  }

  #frame(payload: Buffer, atMs: number): void {
    if (this.#answer === undefined) {
      this.#options.frame(this.#index, payload, atMs);
      return;
    }
    const frame = this.#codec.binary ? payload : payload.toString();
    this.#answer(this.#codec.decode(frame, defaultLimits.depth) as Answer);
  }

  #closed(reason: string): void {
    const error = new RiskError("unreachable", { expected: "a line that stays", found: reason });
    this.#refuse?.(error);
    if (!this.#leaving) this.#options.lost(this.#index, reason);
  }

  async #ask({ method, params }: Ask): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    // The frames behind an answer are not answers, also those that came with it.
    this.#answer = (answer) => {
      this.#answer = undefined;
      resolve(answer);
    };
    this.#refuse = reject;
    const timer = setTimeout(() => {
      const expected = `an answer within ${ANSWER_MS_MAX} ms`;
      reject(new RiskError("unreachable", { path: method, expected }));
    }, ANSWER_MS_MAX);
    const sentMs = wallMs();
    const request = { jsonrpc: "2.0", id: 1, method, params };
    this.#wire!.send(this.#codec.encode(request), this.#codec.binary);
    try {
      const { error, us } = await promise;
      const atMs = wallMs();
      if (error !== undefined) {
        const found = shown(error.data?.code);
        throw new RiskError("unsupported", { path: method, expected: "an answer", found });
      }
      this.#compare({ sentMs, atMs, us });
    } finally {
      clearTimeout(timer);
      this.#refuse = undefined;
    }
  }

  /** The peer's stamps lie between sending and answer: the middles should be the same moment. */
  #compare({ sentMs, atMs, us }: { sentMs: number; atMs: number; us: Answer["us"] }): void {
    if (us === undefined) return;
    const roundTripMs = atMs - sentMs - (us.out - us.in) / 1_000;
    if (this.skew !== undefined && roundTripMs >= this.skew.roundTripMs) return;
    this.skew = { aheadMs: (us.in + us.out) / 2_000 - (sentMs + atMs) / 2, roundTripMs };
  }
}
