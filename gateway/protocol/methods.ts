/**
 * Every method of the wire, declared once: parameters, who may call it, what it costs.
 *
 * The check of a request, the table in docs/protocol.md and the OpenAPI and AsyncAPI documents are
 * all made from this table. What a method does is bound to it in gateway/stream.
 *
 *      scope "open"                     anyone
 *      scope "key"                      any key; what it asks for may need more
 *      scope "regime:read"              the key must hold it
 *      scope "margin:read:{account}"    the key must hold it for the account in `params`; a missing
 *                                       account and a forbidden one get the same `unknown_account`
 *      scope "a b"                      the key must hold both, and the first is looked at first
 *      scope "a/b"                      the key must hold one of them
 */
import { instrumentKinds } from "../../core/instrument.ts";
import { choice, list, map, number, object, optional, text } from "../../core/shape.ts";
import { defaultLimits } from "./limits.ts";
import { ANY_KEY, count, declare, name, OPEN, rows, tree, word } from "./method.ts";
import { tuneSpecs } from "./tune-specs.ts";
import { writeSpecs } from "./write-specs.ts";

export { ANY_KEY, declare, type MethodSpec, OPEN } from "./method.ts";

const turn = count("number of the newest folded turn");
const movedTurn = count("turn in which the figures moved last");

const hexDigits = /^[0-9a-fA-F]+$/;
const channelList = list(name("name of a channel"), {
  min: 1,
  max: defaultLimits.channelsPerRequest,
  meaning: "names of channels",
});
const version = object({
  epoch: name("boot for STATE channels, lineage for EVENT channels"),
  seq: number({ min: 0, max: Number.MAX_SAFE_INTEGER, integer: true, meaning: "as it was sent" }),
});
const versions = map(name("name of a channel"), version, {
  max: defaultLimits.channelsPerRequest,
  meaning: "version last seen by channel, {epoch, seq}",
});

/** Grants of `auth`: a signature by an API key, or the one-time token of a page we served. */
export const grants = ["hmac", "page"] as const;

export const methods = {
  hello: declare({
    name: "hello",
    summary: "Who answers: server, version, transport, limits and the identities of its state.",
    scope: OPEN,
    cost: 1,
    params: { client: optional(name("name and version of the client")) },
    result: {
      server: word("always slidewire"),
      version: word("of the server"),
      protocol: word("slidewire.v1"),
      transport: word("uws or ws"),
      limits: tree("every limit by name"),
      boot: word("this start of the process; the epoch of STATE channels"),
      lineage: word("the journal's identity"),
    },
    once: true,
  }),
  ping: declare({
    name: "ping",
    summary: "Answers at once; `us` tells how long it lay here.",
    scope: OPEN,
    cost: 1,
    params: {},
    result: { pong: { type: "boolean", const: true } },
    once: true,
  }),
  time: declare({
    name: "time",
    summary: "The server's clock, and the market time of the newest turn.",
    scope: OPEN,
    cost: 1,
    params: {},
    result: {
      ts: { type: "number", description: "ms since the epoch" },
      turn,
      at: { type: "number", description: "market time of that turn, ms since the epoch" },
    },
    once: true,
  }),
  auth: declare({
    name: "auth",
    summary: "Says who the connection is, once. See Authentication.",
    scope: OPEN,
    cost: 5,
    params: {
      grant: choice(grants),
      keyId: optional(name("key")),
      timestamp: optional(
        number({
          min: 0,
          max: Number.MAX_SAFE_INTEGER,
          integer: true,
          unit: "ms since the epoch",
          meaning: "when it was signed",
        }),
      ),
      nonce: optional(text({ min: 16, max: 64, pattern: hexDigits, form: "16 to 64 hex digits" })),
      signature: optional(text({ min: 64, max: 64, pattern: hexDigits, form: "64 hex digits" })),
      token: optional(text({ max: 128, meaning: "page token" })),
    },
    result: {
      principal: word("whom the key belongs to"),
      scopes: { type: "array", items: { type: "string" } },
    },
    once: false,
  }),
  subscribe: declare({
    name: "subscribe",
    summary: "Adds channels, all or none. Subscribing twice is the same as once.",
    scope: ANY_KEY,
    cost: 2,
    params: {
      channels: channelList,
      since: optional(versions),
    },
    result: {
      channels: rows("{channel, status: subscribed | already, epoch, seq, recovered?}"),
    },
    once: false,
  }),
  unsubscribe: declare({
    name: "unsubscribe",
    summary: "Drops channels; one that was not subscribed is no error.",
    scope: ANY_KEY,
    cost: 1,
    params: { channels: channelList },
    result: { channels: rows("{channel, status: unsubscribed | absent}") },
    once: false,
  }),
  subscriptions: declare({
    name: "subscriptions",
    summary: "The connection's channels and the version of each that it was sent.",
    scope: ANY_KEY,
    cost: 1,
    params: {},
    result: { channels: rows("{channel, epoch, seq}") },
    once: false,
  }),
  instruments: declare({
    name: "instruments",
    summary: "What is listed, by id, a page at a time: ask again with `after` = `next`.",
    scope: ANY_KEY,
    cost: 10,
    params: {
      underlying: optional(name("underlying")),
      kind: optional(choice(instrumentKinds)),
      limit: optional(
        number({
          min: 1,
          max: defaultLimits.instrumentsPage,
          integer: true,
          meaning: "most instruments in the answer",
        }),
      ),
      after: optional(name("id of the last instrument seen")),
    },
    result: {
      turn,
      underlyings: rows("every index, with its asset class"),
      currencies: rows("every currency"),
      instruments: rows("the listing's static facts, in order of id"),
      next: { type: ["string", "null"], description: "null on the last page" },
    },
    once: true,
  }),
  marginGet: declare({
    name: "margin.get",
    summary: "The account's whole margin statement, with scenario P&L and explain lines.",
    scope: "margin:read:{account}",
    cost: 5,
    params: { account: name("account") },
    result: {
      account: word("the account"),
      turn: movedTurn,
      equity: tree("initial, maintenance"),
      initialMargin: { type: "number", description: "requirement to open, numeraire" },
      maintenanceMargin: { type: "number", description: "requirement to keep, numeraire" },
    },
    once: true,
  }),
  positionsGet: declare({
    name: "positions.get",
    summary: "The account's positions and balances; ledger amounts are decimal texts.",
    scope: "margin:read:{account}",
    cost: 5,
    params: { account: name("account") },
    result: {
      turn,
      account: word("the account"),
      balances: tree("amounts by currency"),
      positions: rows("legs with quantity, cost and entry"),
      openOrders: rows("resting orders"),
    },
    once: true,
  }),
  ...writeSpecs,
  ...tuneSpecs,
} as const;
