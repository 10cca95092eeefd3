/**
 * Stand-ins for a stream's surroundings: a clock that is told the time, a socket that keeps what it
 * was sent, keys that are known, and a rig that puts them around the real connections and fan-out.
 */

import type { Board } from "../board.ts";
import type { Clock } from "../clock.ts";
import { openAuth } from "../control/auth.ts";
import { type Key, type Keys, keysOf } from "../control/keys.ts";
import { sign } from "../control/signature.ts";
import { createMetrics } from "../observe.ts";
import { defaultLimits, type Limits } from "../protocol/limits.ts";
import { type FakeBoard, fakeBoard } from "./board.test-kit.ts";
import { type Method, methodsOf } from "./calls.ts";
import { Connections } from "./connections.ts";
import { Fanout, TICK_MS } from "./fanout.ts";
import { streamMeters } from "./meters.ts";
import { readMethods } from "./reads.ts";
import type { Socket, SocketEvents } from "./socket.ts";
import { subscriptionMethods } from "./subscriptions.ts";

export interface FakeClock extends Clock {
  /** Moves on, running what falls due in its order. */
  advance(ms: number): void;
  /** Runs what was to run soon. */
  settle(): void;
}

export function fakeClock(startMs = 1_800_000_000_000): FakeClock {
  let nowMs = startMs;
  let order = 0;
  const soon: (() => void)[] = [];
  const timers = new Map<number, { atMs: number; everyMs: number | undefined; act: () => void }>();
  const add = (ms: number, everyMs: number | undefined, act: () => void) => {
    order += 1;
    const key = order;
    timers.set(key, { atMs: nowMs + ms, everyMs, act });
    return () => void timers.delete(key);
  };
  const settle = (): void => {
    for (let act = soon.shift(); act; act = soon.shift()) act();
  };
  return {
    now: () => nowMs,
    soon: (act) => void soon.push(act),
    every: (ms, act) => add(ms, ms, act),
    after: (ms, act) => add(ms, undefined, act),
    settle,
    advance(ms) {
      const untilMs = nowMs + ms;
      settle();
      for (;;) {
        const due = [...timers].filter(([, t]) => t.atMs <= untilMs);
        const [key, timer] = due.sort((a, b) => a[1].atMs - b[1].atMs || a[0] - b[0])[0] ?? [];
        if (key === undefined || timer === undefined) break;
        nowMs = timer.atMs;
        if (timer.everyMs === undefined) timers.delete(key);
        else timer.atMs += timer.everyMs;
        timer.act();
        settle();
      }
      nowMs = untilMs;
    },
  };
}

/** A frame as the tests read it. */
export interface SeenFrame {
  readonly id?: unknown;
  readonly result?: Readonly<Record<string, unknown>>;
  readonly error?: { readonly code: number; readonly data: Readonly<Record<string, unknown>> };
  readonly params?: {
    readonly channel: string;
    readonly type: string;
    readonly seq: number;
    readonly prev: number;
    readonly conflated: number;
    readonly turn: number;
    readonly epoch: string;
    readonly data?: Readonly<Record<string, unknown>>;
  };
}

export interface FakeSocket extends Socket {
  /** Frames sent, in order, decoded from JSON; taken away by `take`. */
  readonly sent: SeenFrame[];
  take(): SeenFrame[];
  /** Nonces of pings that were not ponged. */
  readonly pings: Uint8Array[];
  closedWith: number | undefined;
  buffered: number;
  corks: number;
}

export function fakeSocket(remoteAddress = "127.0.0.1", host = "127.0.0.1:8787"): FakeSocket {
  const sent: SeenFrame[] = [];
  const socket: FakeSocket = {
    subprotocol: undefined,
    remoteAddress,
    host,
    origin: undefined,
    sent,
    take: () => sent.splice(0),
    pings: [],
    closedWith: undefined,
    buffered: 0,
    corks: 0,
    get open() {
      return socket.closedWith === undefined;
    },
    get bufferedBytes() {
      return socket.buffered;
    },
    send(frame) {
      const text = typeof frame === "string" ? frame : new TextDecoder().decode(frame);
      sent.push(JSON.parse(text) as SeenFrame);
    },
    ping: (nonce) => void socket.pings.push(nonce),
    cork(write) {
      socket.corks += 1;
      write();
    },
    close: (code) => {
      socket.closedWith ??= code;
    },
    terminate: () => socket.close(1006, ""),
  };
  return socket;
}

export const traderKey: Key = {
  keyId: "trader",
  secret: "0123456789abcdef0123456789abcdef",
  principal: "desk",
  scopes: ["margin:read:*", "regime:read"],
  loopbackOnly: false,
};
/** Reads one account and nothing else. */
export const narrowKey: Key = {
  ...traderKey,
  keyId: "narrow",
  principal: "mm-1",
  scopes: ["margin:read:mm-1"],
};

let nonces = 0;

/** The params of an `auth` call by the key. */
export function authParams(key: Key, nowMs: number) {
  nonces += 1;
  const timestamp = Math.trunc(nowMs);
  const nonce = nonces.toString(16).padStart(16, "0");
  const params = { grant: "hmac", keyId: key.keyId, timestamp, nonce };
  return { ...params, signature: sign(key.secret, { timestamp, nonce, method: "auth", params }) };
}

/** The `Authorization` header of an HTTP call by the key. */
export function authHeader(key: Key, nowMs: number, method: string, params: unknown): string {
  nonces += 1;
  const timestamp = Math.trunc(nowMs);
  const nonce = nonces.toString(16).padStart(16, "0");
  const signature = sign(key.secret, { timestamp, nonce, method, params });
  const parts = `keyId=${key.keyId},timestamp=${timestamp},nonce=${nonce},signature=${signature}`;
  return `Slidewire ${parts}`;
}

export interface RigOptions<B extends Board = FakeBoard> {
  readonly board?: B;
  readonly keys?: Keys;
  readonly limits?: Partial<Limits>;
  readonly extraMethods?: readonly Method[];
}

/** Connections and fan-out over fakes: everything but a transport. */
export function streamRig<B extends Board = FakeBoard>(options: RigOptions<B> = {}) {
  const { board = fakeBoard() as Board as B, keys = keysOf([traderKey, narrowKey]) } = options;
  const clock = fakeClock();
  const limits: Limits = { ...defaultLimits, ...options.limits };
  const metrics = createMetrics();
  const meters = streamMeters(metrics);
  const faults: unknown[] = [];
  const fault = (error: unknown) => void faults.push(error);
  const auth = openAuth({ keys, limits, random: () => `token-${faults.length}` });
  const boot = "boot-1";
  const fanout = new Fanout({ board, clock, boot, limits, meters, fault });
  const isAccount = (account: string) => board.accounts().includes(account);
  const subscriptions = { board, boot, limits, auth, fanout, isAccount };
  const identity = { version: "0.0.0", transport: "ws", boot };
  const methods = methodsOf([
    ...readMethods({ board, limits, identity }),
    ...subscriptionMethods(subscriptions),
    ...(options.extraMethods ?? []),
  ]);
  const connections = new Connections({ ...subscriptions, methods, clock, meters, keys, fault });
  clock.every(TICK_MS, () => connections.tick());
  return { board, clock, limits, metrics, meters, faults, auth, fanout, connections };
}

export type StreamRig<B extends Board = FakeBoard> = ReturnType<typeof streamRig<B>>;

export interface FakeClient {
  readonly socket: FakeSocket;
  readonly events: SocketEvents;
  /** Sends a request and answers what came back at once. */
  call(method: string, params?: unknown, id?: unknown): SeenFrame | undefined;
  /** Answers every ping there is. */
  pong(): void;
}

/**
 * A client on the rig; with a key it is authenticated, and it answers pings by itself when
 * `live`.
 */
export function joinRig(
  { clock, connections }: StreamRig<Board>,
  { key, live = true }: { readonly key?: Key; readonly live?: boolean } = {},
): FakeClient {
  const socket = fakeSocket();
  const events = connections.opened(socket);
  let lastId = 0;
  const client: FakeClient = {
    socket,
    events,
    call(method, params = {}, id = ++lastId) {
      events.message(JSON.stringify({ jsonrpc: "2.0", id, method, params }));
      const at = socket.sent.findIndex((frame) => frame.id === id);
      return at < 0 ? undefined : socket.sent.splice(at, 1)[0];
    },
    pong() {
      for (const nonce of socket.pings.splice(0)) events.pong(nonce);
    },
  };
  if (live) {
    socket.ping = (nonce) => clock.soon(() => events.pong(nonce));
  }
  if (key) client.call("auth", authParams(key, clock.now()));
  return client;
}
