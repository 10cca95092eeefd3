/**
 * Every bound of the wire, with its name: what `hello` echoes and the documents list.
 *
 * They are defaults; an operator may set others. Those that a client must know to behave well are
 * here, and no bound of the wire is anywhere else.
 */
export const defaultLimits = {
  /** Largest frame from a client. */
  frameBytes: 65_536,
  /** Largest frame from a client that has not authenticated. */
  frameBytesBeforeAuth: 4_096,
  /** Largest body of an HTTP request. */
  bodyBytes: 65_536,
  /** Nesting of a request. */
  depth: 16,
  /** Connections of one address. */
  connectionsPerAddress: 4_096,
  /** Channels of one connection, those of a `*` counted one by one. */
  channelsPerConnection: 4_096,
  /** Names in one `subscribe` or `unsubscribe`. */
  channelsPerRequest: 1_024,
  /** Time from the opening of a connection to its `auth`. */
  authMs: 10_000,
  /** How far a signature's timestamp may lie from our clock. */
  skewMs: 5_000,
  /** Request costs that a connection, or an address over HTTP, regains each second. */
  costPerSecond: 500,
  /** Request costs that may be spent at once. */
  costBurst: 1_000,
  /** Refusals in a row for being too fast, after which the connection is closed. */
  refusalsInARow: 50_000,
  /** Calls of one connection that are not answered yet. */
  pendingCalls: 64,
  /** Failed grants that an address regains each second. */
  authFailuresPerSecond: 10,
  /** Failed grants of one address before the next is refused unread. */
  authFailuresBurst: 100,
  /** Bytes sent that the reader has not yet acknowledged by a pong. */
  unpongedBytes: 65_536,
  /** Bytes that may wait in the process for one reader. */
  bufferedBytes: 1_048_576,
  /** How long nothing may drain before a reader is closed. */
  stallMs: 10_000,
  /** Silence of a channel after which a heartbeat is sent. */
  heartbeatMs: 5_000,
  /** Age at which a connection is closed. */
  lifetimeMs: 86_400_000,
  /** A plain HTTP request must have arrived within this. */
  requestMs: 5_000,
  /** Instruments in one answer. */
  instrumentsPage: 1_000,
} as const;

export type Limits = { readonly [name in keyof typeof defaultLimits]: number };

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
