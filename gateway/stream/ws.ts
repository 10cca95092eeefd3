/**
 * The transport that runs everywhere: npm `ws` on node:http.
 *
 * A few settings are not the defaults. Header and request timeouts are looked at twice a second
 * (Node looks every 30 s, which lets a slow sender live that long); inbound deflate is off (a small
 * frame could grow to megabytes); a socket that does not answer our close is cut after a grace.
 */
import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
  STATUS_CODES,
} from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { type WebSocket, WebSocketServer } from "ws";
import {
  type Admission,
  CLOSE_TOO_BIG,
  type HttpRequest,
  type HttpResponse,
  type Listener,
  type ListenOptions,
  listenRefusal,
  OVERSIZE_FACTOR,
  type Socket,
  type SocketEvents,
  type Transport,
} from "./socket.ts";

/** How often Node looks for requests that take too long. */
const CONNECTION_CHECK_MS = 500;
/** What a peer has to answer our close before the line is cut. */
const CLOSE_GRACE_MS = 2_000;

export const wsTransport: Transport = { name: "ws", listen };

/** The subprotocol that was agreed on, from admission to the library's handshake. */
const agreed = new WeakMap<IncomingMessage, string>();

function listen(options: ListenOptions): Promise<Listener> {
  const server = createServer({
    headersTimeout: options.requestMs,
    requestTimeout: options.requestMs,
    connectionsCheckingInterval: CONNECTION_CHECK_MS,
  });
  const streams = new WebSocketServer(streamSettings(options));
  server.on("request", (request, response) => void answerPlain(options, request, response));
  server.on("upgrade", (request, socket, head) => {
    upgrade(options, streams, { request, socket, head });
  });
  server.on("clientError", (_, socket) => {
    if (socket.writable) socket.end("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n");
    else socket.destroy();
  });
  return new Promise((resolve, reject) => {
    server.once("error", (cause) => reject(listenRefusal(options, codeOf(cause))));
    server.listen(options.port, options.host, () => resolve(listener(server, streams)));
  });
}

function streamSettings({ frameBytesMax }: ListenOptions) {
  return {
    noServer: true,
    clientTracking: true,
    perMessageDeflate: false,
    maxPayload: frameBytesMax * OVERSIZE_FACTOR,
    closeTimeout: CLOSE_GRACE_MS,
    handleProtocols: (_: Set<string>, request: IncomingMessage) => agreed.get(request) ?? false,
  };
}

/** The system's name for an error, `EADDRINUSE`. */
function codeOf(cause: Error): string {
  return "code" in cause ? String(cause.code) : cause.message;
}

function listener(server: Server, streams: WebSocketServer): Listener {
  let listening = true;
  let closed: Promise<void> | undefined;
  const stopAccepting = (): void => {
    if (!listening) return;
    listening = false;
    closed = new Promise((resolve) => server.close(() => resolve()));
    server.closeIdleConnections();
  };
  return {
    port: (server.address() as AddressInfo).port,
    stopAccepting,
    async close() {
      stopAccepting();
      for (const stream of streams.clients) stream.terminate();
      server.closeAllConnections();
      await closed;
    },
  };
}

async function answerPlain(
  options: ListenOptions,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  let body: Buffer | undefined;
  try {
    body = await bodyOf(incoming, options.bodyBytesMax);
  } catch {
    // Whoever leaves in the middle of a request is not waiting for an answer.
    outgoing.destroy();
    return;
  }
  try {
    if (body === undefined) write(outgoing, TOO_LARGE, incoming.method);
    else write(outgoing, await options.http(requestOf(incoming, body)), incoming.method);
  } catch (error) {
    options.fault(error);
    outgoing.destroy();
  }
}

const TOO_LARGE: HttpResponse = { status: 413, headers: { connection: "close" }, body: "" };

function write(
  outgoing: ServerResponse,
  { status, headers, body }: HttpResponse,
  method: string | undefined,
): void {
  outgoing.writeHead(status, { ...headers, "content-length": Buffer.byteLength(body) });
  outgoing.end(method === "HEAD" ? undefined : body);
}

/** The whole body, or undefined when it is larger than allowed. */
async function bodyOf(incoming: IncomingMessage, bytesMax: number): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  const parts: AsyncIterable<Buffer> = incoming.iterator({ destroyOnReturn: false });
  for await (const chunk of parts) {
    bytes += chunk.length;
    if (bytes > bytesMax) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function requestOf(incoming: IncomingMessage, body: Uint8Array): HttpRequest {
  const [path = "/", query = ""] = splitOnce(incoming.url ?? "/", "?");
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(incoming.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(", ") : value;
  }
  const remoteAddress = incoming.socket.remoteAddress ?? "";
  return { method: incoming.method ?? "GET", path, query, headers, body, remoteAddress };
}

function splitOnce(text: string, mark: string): [string, string] {
  const at = text.indexOf(mark);
  return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at + 1)];
}

interface Knock {
  readonly request: IncomingMessage;
  readonly socket: Duplex;
  readonly head: Buffer;
}

function upgrade(options: ListenOptions, streams: WebSocketServer, knock: Knock): void {
  const { request, socket, head } = knock;
  socket.on("error", () => socket.destroy());
  try {
    const plain = requestOf(request, new Uint8Array(0));
    const admission = admissionOf(options, plain);
    if (!admission.taken) {
      refuse(socket, admission.response);
      return;
    }
    const { subprotocol } = admission;
    if (subprotocol !== undefined) agreed.set(request, subprotocol);
    streams.handleUpgrade(request, socket, head, (stream) => {
      attach(options, { stream, wire: socket, subprotocol, plain });
    });
  } catch (error) {
    options.fault(error);
    socket.destroy();
  }
}

function admissionOf(options: ListenOptions, plain: HttpRequest): Admission {
  if (plain.path !== options.streamPath) {
    return { taken: false, response: { status: 404, body: "" } };
  }
  const offered = (plain.headers["sec-websocket-protocol"] ?? "").split(",");
  return options.admit({ ...plain, offered: offered.map((x) => x.trim()).filter(Boolean) });
}

function refuse(socket: Duplex, { status, headers, body }: HttpResponse): void {
  const lines = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? "Unknown"}`,
    "Connection: close",
    `Content-Length: ${Buffer.byteLength(body)}`,
    ...Object.entries(headers ?? {}).map(([name, value]) => `${name}: ${value}`),
  ];
  socket.write(`${lines.join("\r\n")}\r\n\r\n`);
  socket.end(body);
}

interface Attachment {
  readonly stream: WebSocket;
  readonly wire: Duplex;
  readonly subprotocol: string | undefined;
  readonly plain: HttpRequest;
}

function attach(options: ListenOptions, attachment: Attachment): void {
  const { stream, wire } = attachment;
  const guarded = (act: () => void): void => {
    try {
      act();
    } catch (error) {
      options.fault(error);
    }
  };
  const socket = socketOf(attachment);
  let events: SocketEvents | undefined;
  guarded(() => {
    events = options.opened(socket);
  });
  // The library has already said what the peer did wrong, in the close frame that it sent.
  stream.on("error", () => {});
  stream.on("close", (code) => guarded(() => events?.close(code)));
  stream.on("pong", (nonce) => guarded(() => events?.pong(nonce)));
  wire.on("drain", () => guarded(() => events?.drain()));
  stream.on("message", (frame: Buffer, binary) => {
    if (frame.length > options.frameBytesMax) socket.close(CLOSE_TOO_BIG, "frame too big");
    else guarded(() => events?.message(binary ? frame : frame.toString("utf8")));
  });
}

function socketOf({ stream, wire, subprotocol, plain }: Attachment): Socket {
  const isOpen = (): boolean => stream.readyState === stream.OPEN;
  return {
    subprotocol,
    remoteAddress: plain.remoteAddress,
    origin: plain.headers["origin"],
    host: plain.headers["host"] ?? "",
    get open() {
      return isOpen();
    },
    get bufferedBytes() {
      return stream.bufferedAmount;
    },
    send(frame, binary) {
      if (isOpen()) stream.send(frame, { binary, compress: false });
    },
    ping(nonce) {
      if (isOpen()) stream.ping(nonce);
    },
    cork(write) {
      wire.cork();
      try {
        write();
      } finally {
        wire.uncork();
      }
    },
    close(code, reason) {
      if (isOpen()) stream.close(code, reason);
    },
    terminate: () => stream.terminate(),
  };
}
