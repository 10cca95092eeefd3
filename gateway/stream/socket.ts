/**
 * What the stream needs of a transport, and nothing that only one of them has.
 *
 * Two adapters stand behind it: `ws` on node:http, which runs everywhere, and uWebSockets.js,
 * which is native code and faster where it loads. One port carries both HTTP and WebSocket. The
 * rules that make them alike, held for both by conformance.test.ts:
 *
 *      a socket may be used after it closed: every call is then a no-op
 *      bytes handed to `message` and `pong` belong to the receiver
 *      no exception leaves a callback: it goes to `fault`
 *      a message over `frameBytesMax` closes 1009; far over it, the transport may cut the line
 *      nothing is dropped silently: what `send` took is on its way or counted in `bufferedBytes`
 */
import { RiskError } from "../../core/errors.ts";

export interface HttpRequest {
  /** In capitals. */
  readonly method: string;
  /** As sent, percent-encoding and all, without the query. */
  readonly path: string;
  /** Without its question mark. */
  readonly query: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  readonly remoteAddress: string;
}

export interface HttpResponse {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
}

/** A request to become a WebSocket. */
export interface Upgrade extends Omit<HttpRequest, "method" | "body"> {
  /** Subprotocols in the client's order; empty when it offered none. */
  readonly offered: readonly string[];
}

/** Whether an upgrade is taken: with a subprotocol, with none, or not at all. */
export type Admission =
  | { readonly taken: true; readonly subprotocol?: string }
  | { readonly taken: false; readonly response: HttpResponse };

export interface Socket {
  /** The one agreed on; undefined when the client offered none. */
  readonly subprotocol: string | undefined;
  readonly remoteAddress: string;
  /** Undefined for whoever is not a browser. */
  readonly origin: string | undefined;
  /** The Host header that it came with. */
  readonly host: string;
  readonly open: boolean;
  /** Bytes that the kernel has not yet taken. It hides some 4 MB more: see credit.ts. */
  readonly bufferedBytes: number;
  send(frame: string | Uint8Array, binary: boolean): void;
  ping(nonce: Uint8Array): void;
  /** Frames sent within `write` leave in as few writes to the kernel as possible. */
  cork(write: () => void): void;
  close(code: number, reason: string): void;
  /** Cuts the line without a closing handshake. */
  terminate(): void;
}

/** What a socket tells whoever opened it. `close` comes once, and last. */
export interface SocketEvents {
  message(frame: string | Uint8Array): void;
  pong(nonce: Uint8Array): void;
  /** Some buffered bytes went; not necessarily all. */
  drain(): void;
  close(code: number): void;
}

export interface ListenOptions {
  readonly host: string;
  /** 0 picks a free one. */
  readonly port: number;
  /** Path of the WebSocket endpoint; every other path is plain HTTP. */
  readonly streamPath: string;
  /** Largest message from a client, bytes. */
  readonly frameBytesMax: number;
  /** Largest body of a plain request, bytes. */
  readonly bodyBytesMax: number;
  /** A plain request must have arrived in full within this. */
  readonly requestMs: number;
  http(request: HttpRequest): HttpResponse | Promise<HttpResponse>;
  admit(upgrade: Upgrade): Admission;
  opened(socket: Socket): SocketEvents;
  /** The library let go of a frame that it should have kept: a defect, to be counted. */
  dropped(): void;
  /** A defect of ours, met inside a callback. */
  fault(error: unknown): void;
}

export interface Listener {
  readonly port: number;
  /** Refuses new connections; those that are open stay. */
  stopAccepting(): void;
  /** Ends every connection that is left. */
  close(): Promise<void>;
}

export const transportNames = ["uws", "ws"] as const;
export type TransportName = (typeof transportNames)[number];

export interface Transport {
  readonly name: TransportName;
  /** @throws RiskError as `listenRefusal` says */
  listen(options: ListenOptions): Promise<Listener>;
}

/** Why a port could not be listened on, from what the system said. */
export function listenRefusal(
  { host, port }: Pick<ListenOptions, "host" | "port">,
  found: string,
): RiskError {
  if (found === "EADDRINUSE") {
    return new RiskError("port_taken", { path: "port", expected: `${host}:${port} to be free` });
  }
  const expected = "an address of this machine and a port that this process may use";
  return new RiskError("out_of_bounds", { path: "host", expected, found });
}

/** A message this much over the limit is not read to its end: the transport cuts the line. */
export const OVERSIZE_FACTOR = 2;

/** WebSocket close codes that the transports themselves send (RFC 6455 7.4.1). */
export const CLOSE_TOO_BIG = 1009;
