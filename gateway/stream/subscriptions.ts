/**
 * The methods that need a connection: who is on it and what it watches.
 *
 * `subscribe` is all or nothing: every name is checked before the first is added, so a refused
 * request leaves the connection as it was.
 */
import { RiskError, shown } from "../../core/errors.ts";
import type { ObjectOf } from "../../core/shape.ts";
import type { Board } from "../board.ts";
import type { Auth } from "../control/auth.ts";
import { type Caller, holds, mayRead } from "../control/scopes.ts";
import {
  type Channel,
  channelName,
  EVERY,
  type Interval,
  parseChannel,
} from "../protocol/channels.ts";
import type { Limits } from "../protocol/limits.ts";
import { methods } from "../protocol/methods.ts";
import { bind, type Call, type IsAccount, type Method, requireAccount } from "./calls.ts";
import type { Fanout } from "./fanout.ts";
import type { Session } from "./session.ts";

export interface SubscriptionOptions {
  readonly board: Board;
  readonly boot: string;
  readonly limits: Limits;
  readonly auth: Auth;
  readonly fanout: Fanout;
  readonly isAccount: IsAccount;
}

export function subscriptionMethods(options: SubscriptionOptions): readonly Method[] {
  const { auth, boot, fanout } = options;
  return [
    bind(methods.auth, (grant, call) => {
      const session = sessionOf(call);
      if (session.caller !== undefined) {
        throw new RiskError("forbidden", { expected: "one auth a connection" });
      }
      session.caller = callerOf(auth, grant, call);
      return { principal: session.caller.principal, scopes: session.caller.scopes };
    }),
    bind(methods.subscribe, ({ channels }, call) => ({
      channels: subscribe(options, channels, call),
    })),
    bind(methods.unsubscribe, ({ channels }, call) => ({
      channels: channels.flatMap((name) => unsubscribe(fanout, sessionOf(call), name)),
    })),
    bind(methods.subscriptions, (_, call) => ({
      channels: [...sessionOf(call).watchers].map(([channel, watcher]) => ({
        channel,
        epoch: boot,
        seq: watcher.sentSeq,
      })),
    })),
  ];
}

function sessionOf({ session }: Call): Session {
  if (session !== undefined) return session;
  throw new RiskError("unsupported", { expected: "a WebSocket connection" });
}

function callerOf(auth: Auth, grant: ObjectOf<typeof methods.auth.params>, call: Call): Caller {
  const { signature, token, ...signed } = grant;
  if (grant.grant === "page") return auth.byPageToken(present(token, "token"), call);
  const timestamp = present(grant.timestamp, "timestamp");
  const nonce = present(grant.nonce, "nonce");
  const keyId = present(grant.keyId, "keyId");
  return auth.bySignature(
    {
      keyId,
      timestamp,
      nonce,
      method: "auth",
      params: token === undefined ? signed : { ...signed, token },
      signature: present(signature, "signature"),
    },
    call,
  );
}

function present<T>(value: T | undefined, name: string): T {
  if (value !== undefined) return value;
  throw new RiskError("missing_field", { path: `params.${name}`, expected: "for this grant" });
}

function subscribe(options: SubscriptionOptions, names: readonly string[], call: Call) {
  const { boot, fanout, limits } = options;
  const session = sessionOf(call);
  const channels = names.map((name, i) => {
    const path = `params.channels[${i}]`;
    const channel = parseChannel(name, path);
    requireAllowed(options, channel, call, path);
    return channel;
  });
  const wanted = channels.flatMap((channel) => expand(options.board, session, channel));
  const fresh = new Set(wanted.map(({ name }) => name).filter((n) => !session.watchers.has(n)));
  if (session.watchers.size + fresh.size > limits.channelsPerConnection) {
    throw new RiskError("limit_exceeded", {
      path: "params.channels",
      expected: `at most ${limits.channelsPerConnection} channels a connection`,
      found: String(session.watchers.size + fresh.size),
    });
  }
  for (const { subject, interval } of channels) {
    if (subject === EVERY) session.everyAccount.add(interval);
  }
  return wanted.map((channel) => {
    const added = fanout.watch(session, channel);
    const status = added ? "subscribed" : "already";
    return { channel: channel.name, status, epoch: boot, seq: fanout.versionOf(channel) };
  });
}

function requireAllowed(
  { board, isAccount }: SubscriptionOptions,
  { family, subject }: Channel,
  call: Call,
  path: string,
): void {
  if (family === "margin") {
    if (subject !== EVERY) requireAccount(call, isAccount, { account: subject, path });
    return;
  }
  if (call.caller === undefined || !holds(call.caller, "regime:read")) {
    throw new RiskError("forbidden", { path, expected: "scope regime:read" });
  }
  if (!board.underlyings().includes(subject)) {
    throw new RiskError("unknown_underlying", { path, found: shown(subject) });
  }
}

/** A `*` as the accounts that the key may read now; any other channel as itself. */
function expand(board: Board, session: Session, channel: Channel): readonly Channel[] {
  if (channel.subject !== EVERY) return [channel];
  return ownAccounts(board, session).map((account) => marginChannel(account, channel.interval));
}

function ownAccounts(board: Board, { caller }: Session): readonly string[] {
  return caller === undefined ? [] : board.accounts().filter((a) => mayRead(caller, a));
}

function marginChannel(subject: string, interval: Interval): Channel {
  const channel = { family: "margin", subject, interval } as const;
  return { name: channelName(channel), ...channel };
}

function unsubscribe(fanout: Fanout, session: Session, name: string) {
  const channel = parseChannel(name, "params.channels");
  if (channel.subject !== EVERY) {
    const status = fanout.unwatch(session, name) ? "unsubscribed" : "absent";
    return [{ channel: name, status }];
  }
  session.everyAccount.delete(channel.interval);
  return [...session.watchers.values()]
    .map((watcher) => watcher.topic.channel)
    .filter((own) => own.family === "margin" && own.interval === channel.interval)
    .map((own) => {
      fanout.unwatch(session, own.name);
      return { channel: own.name, status: "unsubscribed" };
    });
}

/** Adds accounts that appeared since the connection asked for `*`, as far as its limit goes. */
export function watchNewAccounts(
  { board, fanout, limits }: SubscriptionOptions,
  session: Session,
): void {
  for (const interval of session.everyAccount) {
    for (const account of ownAccounts(board, session)) {
      if (session.watchers.size >= limits.channelsPerConnection) return;
      fanout.watch(session, marginChannel(account, interval));
    }
  }
}
