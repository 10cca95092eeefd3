/**
 * Every bound of the wire, with its name: what `hello` echoes and the documents list.
 *
 * They are defaults; an operator may set others. Those that a client must know to behave well are
 * here, and no bound of the wire is anywhere else. Bytes, ms, or counts, as the name ends.
 */
export const declaredLimits = {
  frameBytes: [65_536, "largest frame from a client"],
  frameBytesBeforeAuth: [4_096, "largest frame from a client that has not authenticated"],
  bodyBytes: [65_536, "largest body of an HTTP request"],
  depth: [16, "nesting of a request"],
  connectionsPerAddress: [4_096, "connections of one address"],
  channelsPerConnection: [4_096, "channels of one connection, those of a `*` one by one"],
  channelsPerRequest: [1_024, "names in one `subscribe` or `unsubscribe`"],
  authMs: [10_000, "from the opening of a connection to its `auth`, else 4408"],
  skewMs: [5_000, "how far a signature's timestamp may lie from the server's clock"],
  costPerSecond: [500, "request costs that a connection, or an address over HTTP, regains"],
  costBurst: [1_000, "request costs that may be spent at once"],
  refusalsInARow: [50_000, "refusals for being too fast before the connection is closed, 4429"],
  pendingCalls: [64, "calls of one connection that are not answered yet"],
  authFailuresPerSecond: [10, "failed grants that an address regains"],
  authFailuresBurst: [100, "failed grants of one address before the next is refused unread"],
  unpongedBytes: [65_536, "bytes sent that no pong has confirmed yet"],
  bufferedBytes: [1_048_576, "bytes that may wait in the process for one reader, else 4410"],
  eventsPerChannel: [4_096, "events of one channel that may wait for a reader, else 4410"],
  stallMs: [10_000, "how long no pong may come back before a reader is closed, 4410"],
  heartbeatMs: [5_000, "silence of a channel before a heartbeat, and of a line before a ping"],
  lifetimeMs: [86_400_000, "age at which a connection is closed, 4411"],
  requestMs: [5_000, "in which an HTTP request must have arrived"],
  writeLines: [1_000, "fills, positions, balances, orders or marks of one write"],
  instrumentsPage: [1_000, "instruments in one answer"],
} as const satisfies Record<string, readonly [value: number, means: string]>;

export type LimitName = keyof typeof declaredLimits;
export type Limits = Readonly<Record<LimitName, number>>;

export const defaultLimits = Object.fromEntries(
  Object.entries(declaredLimits).map(([name, [value]]) => [name, value]),
) as Limits;

/** Longest id of a request, characters. */
export const REQUEST_ID_CHARACTERS_MAX = 128;
/** Longest name of an account, channel, instrument or underlying, characters. */
export const NAME_CHARACTERS_MAX = 128;

/** Close codes beside RFC 6455's own (1001 shutdown, 1009 frame too big). */
export const closeCodes = {
  /** The server is shutting down; connect again. */
  goingAway: 1001,
  /** A defect of ours; connect again. */
  fault: 1011,
  /** The key was revoked; do not connect again with it. */
  forbidden: 4403,
  /** No `auth` within `authMs`. */
  authTimeout: 4408,
  /** Nothing drained for `stallMs`, or `bufferedBytes` were waiting. */
  slow: 4410,
  /** `lifetimeMs` are over; connect again. */
  lifetime: 4411,
  /** Too many requests, in spite of the refusals. */
  rate: 4429,
} as const;

/** Codes after which a client should not connect again: it would only be refused again. */
export const fatalCloseCodes: readonly number[] = [4400, 4401, closeCodes.forbidden, 4406];
