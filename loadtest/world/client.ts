/**
 * A client of the simulated gateway: it connects, says who it is, calls, and connects again.
 *
 * It speaks the wire as a stranger's program would: frames of JSON, an HMAC over the grant, an
 * answer for each id or none. A call ends as a result, as a refusal, or unknown: the line was lost
 * or no answer came in time, and the gateway may or may not have done it.
 */
import type { Key } from "../../gateway/control/keys.ts";
import { sign } from "../../gateway/control/signature.ts";
import type { Dice } from "./dice.ts";
import type { Line, Network } from "./network.ts";
import type { Timeline } from "./timeline.ts";

export type Outcome =
  | { readonly kind: "result"; readonly result: Readonly<Record<string, unknown>> }
  | { readonly kind: "refused"; readonly code: string; readonly retryable: boolean }
  | { readonly kind: "unknown" };

export interface Frame {
  readonly channel: string;
  readonly type: string;
  readonly epoch: string;
  readonly seq: number;
  readonly prev: number;
  readonly turn: number;
  readonly conflated?: number;
  readonly data?: Readonly<Record<string, unknown>>;
}

export interface ClientOptions {
  readonly name: string;
  readonly timeline: Timeline;
  readonly dice: Dice;
  readonly network: Network;
  readonly key: Key;
  /** Authenticated: calls may go. */
  readonly onReady: () => void;
  readonly onFrame: (frame: Frame) => void;
  /** The line is gone, and with it what was subscribed. */
  readonly onLost: () => void;
  /** Told of every text that came. */
  readonly trace: (text: string) => void;
}

interface Waiting {
  readonly done: (outcome: Outcome) => void;
  readonly stop: () => void;
}

const AUTH_MS = 5_000;
const BACKOFF_MS = 1_500;

export class Client {
  readonly #options: ClientOptions;
  readonly #waiting = new Map<number, Waiting>();
  #line: Line | undefined;
  #id = 0;
  #ready = false;

  constructor(options: ClientOptions) {
    this.#options = options;
    this.#dial();
  }

  get ready(): boolean {
    return this.#ready;
  }

  call(method: string, params: object, timeoutMs: number, done: (outcome: Outcome) => void): void {
    const { timeline } = this.#options;
    const id = ++this.#id;
    const stop = timeline.at(timeline.now() + timeoutMs, () => {
      this.#waiting.delete(id);
      done({ kind: "unknown" });
    });
    this.#waiting.set(id, { done, stop });
    this.#line?.send(JSON.stringify({ jsonrpc: "2.0", id, method, params }));
  }

  /** Cuts the line; a new one follows. */
  cut(): void {
    this.#line?.cut();
  }

  #dial(): void {
    const { network } = this.#options;
    this.#line = network.dial({
      opened: () => this.#authenticate(),
      frame: (text) => this.#arrived(text),
      closed: () => this.#lost(),
    });
  }

  #authenticate(): void {
    const { key, timeline, dice } = this.#options;
    const timestamp = Math.trunc(timeline.now());
    const nonce = dice.hex(24);
    const params = { grant: "hmac", keyId: key.keyId, timestamp, nonce };
    const signature = sign(key.secret, { timestamp, nonce, method: "auth", params });
    this.call("auth", { ...params, signature }, AUTH_MS, (outcome) => {
      if (outcome.kind !== "result") {
        this.cut();
        return;
      }
      this.#ready = true;
      this.#options.onReady();
    });
  }

  #arrived(text: string): void {
    const { name, trace, onFrame } = this.#options;
    trace(`${name} ${text}`);
    const said = JSON.parse(text) as Said;
    if (said.method === "subscription") onFrame(said.params!);
    if (said.id === undefined || said.id === null) return;
    const waiting = this.#waiting.get(said.id);
    this.#waiting.delete(said.id);
    waiting?.stop();
    waiting?.done(outcomeOf(said));
  }

  #lost(): void {
    const { timeline, dice, onLost } = this.#options;
    this.#line = undefined;
    this.#ready = false;
    for (const { done, stop } of [...this.#waiting.values()]) {
      stop();
      done({ kind: "unknown" });
    }
    this.#waiting.clear();
    onLost();
    timeline.at(timeline.now() + 50 + dice.below(BACKOFF_MS), () => this.#dial());
  }
}

interface Said {
  readonly id?: number | null;
  readonly method?: string;
  readonly params?: Frame;
  readonly result?: Readonly<Record<string, unknown>>;
  readonly error?: { readonly data: { readonly code: string; readonly retryable: boolean } };
}

function outcomeOf({ result, error }: Said): Outcome {
  if (error === undefined) return { kind: "result", result: result ?? {} };
  return { kind: "refused", code: error.data.code, retryable: error.data.retryable };
}
