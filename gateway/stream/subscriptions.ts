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
  EVERY,
  isEventChannel,
  isOfAccount,
  ofAccount,
  parseChannel,
} from "../protocol/channels.ts";
import type { Limits } from "../protocol/limits.ts";
import { methods } from "../protocol/methods.ts";
import {
  bind,
  type Call,
  type IsAccount,
  type Method,
  requireAccount,
  requireRecovered,
} from "./calls.ts";
import type { Since } from "./event-fanout.ts";
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
    bind(methods.subscribe, (params, call) => ({
      channels: subscribe(options, params, call),
    })),
    bind(methods.unsubscribe, ({ channels }, call) => ({
      channels: channels.flatMap((name) => unsubscribe(fanout, sessionOf(call), name)),
    })),
    bind(methods.subscriptions, (_, call) => ({
      channels: [
        ...placesOf(sessionOf(call).watchers, boot),
        ...placesOf(sessionOf(call).eventWatchers, options.board.lineage),
      ],
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

type Watched = ReadonlyMap<string, { readonly sentSeq: number }>;

const placesOf = (watched: Watched, epoch: string) =>
  [...watched].map(([channel, { sentSeq: seq }]) => ({ channel, epoch, seq }));

type SubscribeParams = ObjectOf<typeof methods.subscribe.params>;

function subscribe(
  options: SubscriptionOptions,
  { channels: names, since = {} }: SubscribeParams,
  call: Call,
) {
  const session = sessionOf(call);
  const channels = names.map((name, i) => {
    const path = `params.channels[${i}]`;
    const channel = parseChannel(name, path);
    requireAllowed(options, channel, call, path);
    return channel;
  });
  const wanted = channels.flatMap((channel) => expand(options.board, session, channel));
  requireRoom(options, session, wanted);
  for (const { name, subject } of channels) if (subject === EVERY) session.everyAccount.add(name);
  return wanted.map((channel) => watch(options, session, channel, since[channel.name]));
}

function requireRoom(
  { limits }: SubscriptionOptions,
  session: Session,
  wanted: readonly Channel[],
): void {
  const fresh = new Set(wanted.map(({ name }) => name).filter((name) => !isWatched(session, name)));
  const count = watchedCount(session) + fresh.size;
  if (count <= limits.channelsPerConnection) return;
  throw new RiskError("limit_exceeded", {
    path: "params.channels",
    expected: `at most ${limits.channelsPerConnection} channels a connection`,
    found: String(count),
  });
}

const isWatched = ({ watchers, eventWatchers }: Session, name: string) =>
  watchers.has(name) || eventWatchers.has(name);
const watchedCount = ({ watchers, eventWatchers }: Session) => watchers.size + eventWatchers.size;

function watch(
  { boot, fanout }: SubscriptionOptions,
  session: Session,
  channel: Channel,
  since: Since | undefined,
) {
  const { name } = channel;
  const statusOf = (added: boolean) => (added ? "subscribed" : "already");
  if (!isEventChannel(channel)) {
    const status = statusOf(fanout.watch(session, channel));
    return { channel: name, status, epoch: boot, seq: fanout.versionOf(channel) };
  }
  const { added, epoch, seq, recovered } = fanout.events.watch(session, channel, since);
  const told = recovered === undefined ? {} : { recovered };
  return { channel: name, status: statusOf(added), epoch, seq, ...told };
}

function requireAllowed(
  { board, isAccount }: SubscriptionOptions,
  channel: Channel,
  call: Call,
  path: string,
): void {
  const { family, subject } = channel;
  if (isEventChannel(channel)) requireRecovered(board);
  if (isOfAccount(channel)) {
    if (subject !== EVERY) requireAccount(call, isAccount, { account: subject, path });
    return;
  }
  if (call.caller === undefined || !holds(call.caller, "regime:read")) {
    throw new RiskError("forbidden", { path, expected: "scope regime:read" });
  }
  if (family === "regime" && !board.underlyings().includes(subject)) {
    throw new RiskError("unknown_underlying", { path, found: shown(subject) });
  }
}

/** A `*` as the accounts that the key may read now; any other channel as itself. */
function expand(board: Board, session: Session, channel: Channel): readonly Channel[] {
  if (channel.subject !== EVERY) return [channel];
  return ownAccounts(board, session).map((account) => ofAccount(channel, account));
}

function ownAccounts(board: Board, { caller }: Session): readonly string[] {
  return caller === undefined ? [] : board.accounts().filter((a) => mayRead(caller, a));
}

function unsubscribe(fanout: Fanout, session: Session, name: string) {
  const channel = parseChannel(name, "params.channels");
  const unwatch = (own: string) =>
    fanout.unwatch(session, own) || fanout.events.unwatch(session, own);
  if (channel.subject !== EVERY) {
    return [{ channel: name, status: unwatch(name) ? "unsubscribed" : "absent" }];
  }
  session.everyAccount.delete(name);
  return [
    ...[...session.watchers.values()].map(({ topic }) => topic.channel),
    ...[...session.eventWatchers.values()].map(({ tail }) => tail.channel),
  ]
    .filter((own) => own.family === channel.family && own.interval === channel.interval)
    .map((own) => {
      unwatch(own.name);
      return { channel: own.name, status: "unsubscribed" };
    });
}

/** Adds accounts that appeared since the connection asked for `*`, as far as its limit goes. */
export function watchNewAccounts(options: SubscriptionOptions, session: Session): void {
  for (const name of session.everyAccount) {
    for (const channel of expand(options.board, session, parseChannel(name, "channel"))) {
      if (watchedCount(session) >= options.limits.channelsPerConnection) return;
      if (!isWatched(session, channel.name)) watch(options, session, channel, undefined);
    }
  }
}
