/**
 * Keeps one line to a gateway: reconnects, authenticates, subscribes again.
 *
 *      connecting ─► ready ⇄ degraded      a channel was refused when subscribing again
 *          ▲           │ ▲
 *          └───────────┘ └─► stale         nothing came for a while, not even a heartbeat
 *                 closed                   by close(), or by a refusal that would only repeat
 */
/// <reference lib="esnext.disposable" />
import { RiskError, shown } from "../../core/errors.ts";
import { REGIME_CHANGES } from "../protocol/channels.ts";
import { fatalCloseCodes } from "../protocol/limits.ts";
import { backoffMs } from "./backoff.ts";
import { Channels } from "./channels.ts";
import type { EventFeed, EventFeedOptions, Fills, RegimeChange } from "./event-feed.ts";
import type { Feed } from "./feed.ts";
import { type Line, type OpenWebSocket, openLine } from "./line.ts";
import type { MethodName, ParamsOf } from "./params.ts";
import { type ApiKey, signedAuth } from "./sign.ts";
import {
  type Applied,
  type WriteName,
  type WriteOptions,
  type WriteParams,
  writeOnce,
} from "./write.ts";

/** An API key, or the one-time token of a page; a function is asked anew at each connection. */
export type Grant = ApiKey | { readonly token: () => Promise<string> };

export type ClientState = "connecting" | "ready" | "degraded" | "stale" | "closed";

export interface ClientOptions {
  /** Without it only the open methods answer. */
  readonly auth?: Grant;
  /** Closes the client. */
  readonly signal?: AbortSignal;
  readonly onState?: (state: ClientState, cause?: RiskError) => void;
  /** For tests and for runtimes without a global WebSocket. */
  readonly openWebSocket?: OpenWebSocket;
  /** Wall clock, ms since the epoch. */
  readonly now?: () => number;
  /** Uniform in [0, 1): the jitter of reconnecting. */
  readonly random?: () => number;
}

/** What the gateway says of itself. */
export interface Hello {
  readonly server: string;
  readonly version: string;
  readonly protocol: string;
  readonly transport: string;
  readonly limits: Readonly<Record<string, number>>;
  /** Epoch of STATE channels. */
  readonly boot: string;
  readonly lineage: string;
}

export interface FeedOptions {
  readonly interval?: "raw" | "100ms" | "1s";
  /** Closes the feed. */
  readonly signal?: AbortSignal;
}

/** Silence after which the line is called stale; heartbeats come every five seconds. */
export const STALE_MS = 15_000;
/** Silence after which it is given up and opened anew. */
export const LOST_MS = 30_000;
const WATCH_MS = 1_000;
const NORMAL_CLOSE = 1000;
const BROKEN = 1006;

/** A line that is open, and the promise of the code that it will end with. */
interface Opened {
  readonly over: Promise<number>;
}

export class Client implements AsyncDisposable {
  readonly #url: string;
  readonly #options: ClientOptions;
  readonly #channels: Channels;
  #line: Line | undefined;
  #hello: Hello | undefined;
  #state: ClientState = "connecting";
  #aliveAtMs = 0;
  #lost: ((code: number) => void) | undefined;
  #watch: ReturnType<typeof setInterval> | undefined;

  /** Use `connect` instead, which waits until the client is ready. */
  constructor(url: string, options: ClientOptions) {
    this.#url = streamUrl(url);
    this.#options = options;
    this.#channels = new Channels((method, params) => this.#request(method, params));
    onAbort(options.signal, () => void this.close());
  }

  get state(): ClientState {
    return this.#state;
  }

  /** The answer to `hello` of the newest connection. */
  get hello(): Hello | undefined {
    return this.#hello;
  }

  /**
   * Calls a method once; nothing is sent again by itself.
   *
   * @throws RiskError the gateway's refusal, or `unreachable` while there is no line
   */
  call<N extends MethodName>(method: N, params: ParamsOf<N>): Promise<unknown>;
  call(method: string, params?: object): Promise<unknown>;
  call(method: string, params: object = {}): Promise<unknown> {
    return this.#request(method, params);
  }

  /** The account's margin as it moves; `*` for every account of the key. */
  margin<T = Readonly<Record<string, unknown>>>(
    account: string,
    options: FeedOptions = {},
  ): Feed<T> {
    return this.#feed<T>(`margin.${account}.${options.interval ?? "100ms"}`, options);
  }

  /** The underlying's ranges and vol scale as they move. */
  regime<T = Readonly<Record<string, unknown>>>(
    underlying: string,
    options: FeedOptions = {},
  ): Feed<T> {
    return this.#feed<T>(`regime.${underlying}.${options.interval ?? "100ms"}`, options);
  }

  /** Trades of the account as they are applied, those still kept first; `*` for every account. */
  fills<T = Fills>(account: string, options: EventFeedOptions = {}): EventFeed<T> {
    return this.#events<T>(`fills.${account}`, options);
  }

  /** Ranges, notices and terms as they are decided, those still kept first. */
  regimeChanges<T = RegimeChange>(options: EventFeedOptions = {}): EventFeed<T> {
    return this.#events<T>(REGIME_CHANGES, options);
  }

  /**
   * Writes, once: when the answer is lost the same write is sent again with the same key.
   *
   * @throws RiskError the gateway's refusal, or `unreachable` when there was no answer in time
   */
  write<N extends WriteName>(
    method: N,
    params: WriteParams<N>,
    options: WriteOptions = {},
  ): Promise<Applied> {
    const sender = {
      request: (name: string, keyed: object) => this.#request(name, keyed),
      closed: () => this.#closed(),
      now: () => this.#now(),
    };
    return writeOnce(sender, method, params, options);
  }

  /** Ends every feed and the line; done at once. */
  async close(): Promise<void> {
    this.#end();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** @throws RiskError why the first attempt failed; then the client is closed */
  async start(): Promise<void> {
    this.#watch = setInterval(() => this.#look(), WATCH_MS);
    (this.#watch as { unref?: () => void }).unref?.();
    try {
      void this.#keep(await this.#open());
    } catch (error) {
      this.#end(asRiskError(error));
      throw error;
    }
  }

  #feed<T>(channel: string, { signal }: FeedOptions): Feed<T> {
    const feed = this.#channels.open<T>(channel, this.#state !== "closed");
    onAbort(signal, () => void feed.close());
    return feed;
  }

  #events<T>(channel: string, { signal, since }: EventFeedOptions): EventFeed<T> {
    const feed = this.#channels.openEvents<T>(channel, this.#state !== "closed", since);
    onAbort(signal, () => void feed.close());
    return feed;
  }

  #request(method: string, params: object): Promise<unknown> {
    if (this.#line) return this.#line.call(method, params);
    return Promise.reject(new RiskError("unreachable", { path: this.#url, expected: "a line" }));
  }

  /** One attempt. */
  async #open(): Promise<Opened> {
    this.#become("connecting");
    const over = new Promise<number>((resolve) => {
      this.#lost = resolve;
    });
    const { openWebSocket = globalWebSocket, auth } = this.#options;
    const line = await openLine(openWebSocket, this.#url, {
      frame: (frame) => this.#channels.take(frame),
      alive: () => this.#alive(),
      closed: (code) => this.#lost?.(code),
    });
    if (this.#closed()) line.close(NORMAL_CLOSE);
    this.#alive();
    try {
      this.#hello = (await line.call("hello", {})) as Hello;
      if (auth) await line.call("auth", await this.#grant(auth));
    } catch (error) {
      line.close(NORMAL_CLOSE);
      throw error;
    }
    this.#line = line;
    const refused = await this.#channels.subscribeAgain();
    this.#become(refused === undefined ? "ready" : "degraded", refused);
    return { over };
  }

  async #grant(auth: Grant): Promise<object> {
    if ("token" in auth) return { grant: "page", token: await auth.token() };
    return signedAuth(auth, this.#now());
  }

  /** Waits for the end of each line and opens the next, until closed. */
  async #keep(first: Opened): Promise<void> {
    let opened = first;
    for (;;) {
      const code = await opened.over;
      this.#line = undefined;
      if (this.#closed()) return;
      if (fatalCloseCodes.includes(code)) {
        this.#end(new RiskError("forbidden", { expected: "a key that stands", found: `${code}` }));
        return;
      }
      const next = await this.#openAgain();
      if (next === undefined) return;
      opened = next;
    }
  }

  /** Attempts until one holds; undefined when the client was closed or refused for good. */
  async #openAgain(): Promise<Opened | undefined> {
    const { random = Math.random } = this.#options;
    this.#become("connecting");
    for (let attempt = 0; !this.#closed(); attempt++) {
      await sleep(backoffMs(attempt, random()));
      if (this.#closed()) break;
      try {
        return await this.#open();
      } catch (error) {
        const refusal = asRiskError(error);
        if (!refusal.retryable) {
          this.#end(refusal);
          return undefined;
        }
        await sleep(refusal.detail.retryAfterMs ?? 0);
      }
    }
    return undefined;
  }

  #alive(): void {
    this.#aliveAtMs = this.#now();
    if (this.#state === "stale") this.#become("ready");
  }

  #look(): void {
    const silentMs = this.#now() - this.#aliveAtMs;
    if (this.#line === undefined || silentMs < STALE_MS) return;
    if (this.#state !== "stale") this.#become("stale");
    if (silentMs < LOST_MS) return;
    this.#line.close(NORMAL_CLOSE);
    this.#lost?.(BROKEN);
  }

  #end(cause?: RiskError): void {
    if (this.#closed()) return;
    clearInterval(this.#watch);
    this.#become("closed", cause);
    this.#channels.end(cause);
    this.#line?.close(NORMAL_CLOSE);
    this.#line = undefined;
  }

  #closed(): boolean {
    return this.#state === "closed";
  }

  #become(state: ClientState, cause?: RiskError): void {
    if (this.#state === "closed" || (state === this.#state && state !== "connecting")) return;
    this.#state = state;
    this.#options.onState?.(state, cause);
  }

  #now(): number {
    return this.#options.now?.() ?? Date.now();
  }
}

/** `http://host:8787`, `ws://host:8787` and `ws://host:8787/ws` are the same gateway. */
export function streamUrl(url: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed === undefined || !/^(http|ws)s?:$/.test(parsed.protocol)) {
    throw new RiskError("out_of_bounds", {
      path: "url",
      expected: "http://127.0.0.1:8787 or ws://127.0.0.1:8787/ws",
      found: shown(url),
    });
  }
  parsed.protocol = parsed.protocol.replace("http", "ws");
  if (parsed.pathname === "/") parsed.pathname = "/ws";
  return parsed.href;
}

function globalWebSocket(url: string, subprotocol: string) {
  return new WebSocket(url, subprotocol);
}

function asRiskError(error: unknown): RiskError {
  if (error instanceof RiskError) return error;
  return new RiskError("unreachable", { found: String(error) }, { cause: error });
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}

/** A signal that was aborted before anybody listened counts as much. */
function onAbort(signal: AbortSignal | undefined, act: () => void): void {
  if (signal?.aborted) act();
  else signal?.addEventListener("abort", act, { once: true });
}
