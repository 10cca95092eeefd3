/**
 * One connection: who is on it, what it watches, and what it has yet to be sent.
 *
 * `dirty` is a set of channels and not a queue of messages: a reader that falls behind finds each
 * of its channels there once, and gets the newest version of each when it can take more.
 */

import { type Allowance, openAllowance } from "../control/allowance.ts";
import { type Caller, holds, mayRead } from "../control/scopes.ts";
import { type Channel, isOfAccount } from "../protocol/channels.ts";
import { type Codec, codecs, defaultCodec } from "../protocol/codec.ts";
import type { Limits } from "../protocol/limits.ts";
import { type Credit, openCredit } from "./credit.ts";
import type { EventWatcher } from "./event-tail.ts";
import type { Socket } from "./socket.ts";
import type { Watcher } from "./topics.ts";

export interface Session {
  readonly socket: Socket;
  readonly codec: Codec;
  readonly openedAtMs: number;
  /** From this machine and to one of its own names. */
  readonly loopback: boolean;
  caller: Caller | undefined;
  /** By channel name. */
  readonly watchers: Map<string, Watcher>;
  /** EVENT channels, by name. */
  readonly eventWatchers: Map<string, EventWatcher>;
  /** Channels of `*`: every account of the key is watched so, those to come included. */
  readonly everyAccount: Set<string>;
  readonly dirty: Set<Watcher>;
  /** EVENT channels that have something to send; what that is, they know themselves. */
  readonly dirtyEvents: Set<EventWatcher>;
  readonly credit: Credit;
  /** When the line was last proved alive, or tried. */
  probedAtMs: number;
  readonly allowance: Allowance;
  /** Requests refused for being too fast, since the last that was not. */
  refusals: number;
  pendingCalls: number;
}

export interface SessionOptions {
  readonly socket: Socket;
  readonly limits: Limits;
  readonly nowMs: number;
  readonly loopback: boolean;
  /** Unsigned 32-bit, unguessable. */
  readonly salt: number;
}

export function openSession(options: SessionOptions): Session {
  const { socket, limits, nowMs, loopback, salt } = options;
  return {
    socket,
    codec: codecs.find((c) => c.subprotocol === socket.subprotocol) ?? defaultCodec,
    openedAtMs: nowMs,
    loopback,
    caller: undefined,
    watchers: new Map(),
    eventWatchers: new Map(),
    everyAccount: new Set(),
    dirty: new Set(),
    dirtyEvents: new Set(),
    credit: openCredit(limits.unpongedBytes, salt),
    allowance: openAllowance({ perSecond: limits.costPerSecond, burst: limits.costBurst }),
    probedAtMs: nowMs,
    refusals: 0,
    pendingCalls: 0,
  };
}

/** Sends one frame and, when one is due, the ping behind it. */
export function sendFrame(
  { socket, codec, credit }: Session,
  frame: Uint8Array,
  nowMs: number,
): void {
  socket.send(frame, codec.binary);
  const nonce = credit.sent(frame.length, nowMs);
  if (nonce) socket.ping(nonce);
}

/** Whether the connection's key covers the channel: asked when it subscribes and at every frame. */
export function mayWatch({ caller }: Session, channel: Channel): boolean {
  if (caller === undefined) return false;
  return isOfAccount(channel) ? mayRead(caller, channel.subject) : holds(caller, "regime:read");
}

/** Whether the reader can take another frame without more than its share waiting somewhere. */
export function canTake({ socket, credit }: Session, limits: Limits): boolean {
  return socket.open && credit.open() && socket.bufferedBytes < limits.unpongedBytes;
}
