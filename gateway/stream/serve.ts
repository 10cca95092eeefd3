/**
 * Opens the stream: one port, its connections, its routes, and an orderly end.
 *
 *      transport ─► admission ─► session ─► dispatch ─► methods ─► board
 *                                   ▲                              │
 *                                   └────────── fan-out ◄──────────┘ bell
 */
import { randomBytes } from "node:crypto";
import { RiskError, shown } from "../../core/errors.ts";
import type { Board } from "../board.ts";
import { type Clock, systemClock } from "../clock.ts";
import { openAuth } from "../control/auth.ts";
import type { Keys } from "../control/keys.ts";
import { createMetrics, type Metrics } from "../observe.ts";
import { codecFor, codecs } from "../protocol/codec.ts";
import { defaultLimits, type Limits } from "../protocol/limits.ts";
import type { Recordings } from "../record.ts";
import { type AdmissionOptions, requireAdmitted } from "./admission.ts";
import { type IsAccount, type Method, methodsOf, requireRecovered } from "./calls.ts";
import { Connections } from "./connections.ts";
import { toRefusal } from "./dispatch.ts";
import { documentRoutes } from "./document-routes.ts";
import { Fanout, TICK_MS } from "./fanout.ts";
import { type StreamMeters, streamMeters } from "./meters.ts";
import { type Pages, pageRoutes } from "./pages.ts";
import { readMethods } from "./reads.ts";
import { answerHttp, errorResponse, type Route, statusRoutes } from "./routes.ts";
import { rpcRoutes } from "./rpc.ts";
import type { Admission, ListenOptions, Transport, TransportName, Upgrade } from "./socket.ts";
import { subscriptionMethods } from "./subscriptions.ts";
import { chooseTransport, type TransportChoice } from "./transport.ts";

export interface StreamOptions {
  readonly board: Board;
  readonly keys: Keys;
  readonly transport: TransportChoice | Transport;
  readonly host: string;
  /** 0 picks a free one. */
  readonly port: number;
  /** This start of the process: the epoch of STATE channels. */
  readonly boot: string;
  readonly version: string;
  readonly clock?: Clock;
  readonly pages?: Pages;
  /** What the regimes folded and published, as files at `/v1/regime/…`. */
  readonly recordings?: Recordings;
  readonly extraMethods?: readonly Method[];
  readonly extraRoutes?: readonly Route[];
  readonly limits?: Partial<Limits>;
  readonly metrics?: Metrics;
  /** Origins of other sites that may connect. */
  readonly origins?: readonly string[];
  /** Names that the gateway answers to besides loopback's. */
  readonly hosts?: readonly string[];
  /** Told of every defect of ours met while serving; the stream goes on. */
  readonly onFault?: (error: unknown) => void;
}

export interface Stream {
  readonly port: number;
  /** `http://127.0.0.1:8787`; the stream is at `/ws` of it. */
  readonly url: string;
  readonly transport: TransportName;
  /** Why the faster transport was passed over; undefined when it was not. */
  readonly passedOver: string | undefined;
  readonly metrics: Metrics;
  /** Refuses newcomers, tells everyone 1001, and is done within ten seconds. */
  close(): Promise<void>;
}

/** Path of the WebSocket endpoint. */
export const STREAM_PATH = "/ws";

/**
 * Opens the port and serves `board` on it.
 *
 * @throws RiskError `port_taken`, `out_of_bounds` for an address that is not ours, or
 * `transport_unavailable` when the transport named does not load
 */
export async function openStream(options: StreamOptions): Promise<Stream> {
  const { board, boot, clock = systemClock, keys, metrics = createMetrics() } = options;
  const { recordings } = options;
  const { transport, passedOver } = await chooseTransport(options.transport);
  const limits: Limits = { ...defaultLimits, ...options.limits };
  const meters = streamMeters(metrics);
  const fault = (error: unknown): void => {
    meters.faults.add();
    options.onFault?.(error);
  };
  const auth = openAuth({ keys, limits, random: () => randomBytes(24).toString("base64url") });
  const fanout = new Fanout({ board, clock, boot, limits, meters, fault });
  const isAccount = accountIndex(board);
  const subscriptions = { board, boot, limits, auth, fanout, isAccount };
  const identity = { version: options.version, transport: transport.name, boot };
  const methods = methodsOf([
    ...readMethods({ board, limits, identity }),
    ...subscriptionMethods(subscriptions),
    ...(options.extraMethods ?? []),
  ]);
  const connections = new Connections({ ...subscriptions, methods, clock, meters, keys, fault });
  const routes = [
    ...statusRoutes({ board, metrics, serving: () => connections.serving }),
    ...rpcRoutes({ board, methods, auth, clock, limits, isAccount, fault, recordings }),
    ...documentRoutes({
      version: options.version,
      methods: [...methods.values()].map(({ spec }) => spec),
    }),
    ...pageRoutes({ pages: options.pages ?? new Map(), tokens: auth.pageTokens, clock }),
    ...(options.extraRoutes ?? []),
  ];
  const { host, origins = [], hosts = [] } = options;
  const door: Door = { host, origins, hosts, connections, limits, routes, meters, fault };
  const listener = await transport.listen(listenOptions(door, options.port));
  const stopTicks = clock.every(TICK_MS, () => connections.tick());
  const url = `http://${host.includes(":") ? `[${host}]` : host}:${listener.port}`;
  return {
    port: listener.port,
    url,
    transport: transport.name,
    passedOver,
    metrics,
    async close() {
      listener.stopAccepting();
      await connections.close();
      stopTicks();
      fanout.stop();
      await listener.close();
    },
  };
}

/** What stands between the transport and everything behind it. */
interface Door extends AdmissionOptions {
  readonly connections: Connections;
  readonly limits: Limits;
  readonly routes: readonly Route[];
  readonly meters: StreamMeters;
  fault(error: unknown): void;
}

function listenOptions(door: Door, port: number): ListenOptions {
  const { host, connections, limits, routes, meters, fault } = door;
  return {
    host,
    port,
    streamPath: STREAM_PATH,
    frameBytesMax: limits.frameBytes,
    bodyBytesMax: limits.bodyBytes,
    requestMs: limits.requestMs,
    async http(request) {
      meters.requests.add();
      try {
        requireAdmitted(door, request);
      } catch (error) {
        return errorResponse(toRefusal(error, fault));
      }
      return answerHttp(routes, request, fault);
    },
    admit: (upgrade) => admit(door, upgrade),
    opened: (socket) => connections.opened(socket),
    dropped: () => meters.dropped.add(),
    fault,
  };
}

function admit(door: Door, upgrade: Upgrade): Admission {
  try {
    requireAdmitted(door, upgrade);
    door.connections.requireRoom(upgrade.remoteAddress);
    return { taken: true, ...agreed(upgrade.offered) };
  } catch (error) {
    return { taken: false, response: errorResponse(toRefusal(error, door.fault)) };
  }
}

/** @throws RiskError `unknown_value` when subprotocols were offered and none is known */
function agreed(offered: readonly string[]): { readonly subprotocol?: string } {
  if (offered.length === 0) return {};
  const codec = codecFor(offered);
  if (codec) return { subprotocol: codec.subprotocol };
  throw new RiskError("unknown_value", {
    path: "Sec-WebSocket-Protocol",
    expected: codecs.map(({ subprotocol }) => subprotocol).join(" | "),
    found: shown(offered.join(", ")),
  });
}

/** Membership of an account, without a walk through all of them for every question. */
function accountIndex(board: Board): IsAccount {
  let list: readonly string[] = [];
  let count = 0;
  let members = new Set<string>();
  return (account) => {
    requireRecovered(board);
    const now = board.accounts();
    if (now !== list || now.length !== count) {
      list = now;
      count = now.length;
      members = new Set(now);
    }
    return members.has(account);
  };
}
