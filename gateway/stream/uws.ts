/**
 * The faster transport: uWebSockets.js, native code behind the same interface as `ws`.
 *
 * The library is unforgiving, so every rule that it leaves to its user is kept here:
 *
 *      an idleTimeout of 1 to 8 s ends the process       it is off; the stream has its own credit
 *      a socket used after close throws                  every call asks `open` first
 *      message buffers are detached after the callback   they are copied before it returns
 *      HttpRequest lives only inside its callback        all of it is read before the first await
 *      writes outside a cork are a syscall each          answers are corked, none after an abort
 *      frames over maxBackpressure vanish                the limit is far above the stream's own
 *      `end` calls the close handler before it returns   events are told a microtask later
 *      two processes may share a port unasked            the port is taken exclusively
 */
import { STATUS_CODES } from "node:http";
import { createServer } from "node:net";
import type { RiskError } from "../../core/errors.ts";
import {
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
import {
  loadNative,
  type Native,
  type NativeApp,
  type NativeBehaviour,
  type NativeContext,
  type NativeListenToken,
  type NativeRequest,
  type NativeResponse,
  type NativeSocket,
} from "./uws-native.ts";

/**
 * Far above what the stream ever lets pile up (1 MB), so the library itself never drops a frame.
 */
const BACKPRESSURE_BYTES_MAX = 64 * 1024 * 1024;

/** Rejects where there is no native code for this system and Node. */
export async function uwsTransport(): Promise<Transport> {
  const native = await loadNative();
  return { name: "uws", listen: (options) => listen(native, options) };
}

function listen(native: Native, options: ListenOptions): Promise<Listener> {
  const app = native.App();
  app.ws(options.streamPath, streamBehaviour(native, options));
  app.any("/*", (response, request) => answerPlain(options, response, request));
  return new Promise((resolve, reject) => {
    app.listen(options.host, options.port, native.LIBUS_LISTEN_EXCLUSIVE_PORT, (token) => {
      if (token) resolve(listener(native, app, token));
      else void refusalOf(options).then(reject);
    });
  });
}

/** The library only says that it failed; the system is asked again for the reason. */
function refusalOf(options: ListenOptions): Promise<RiskError> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", (cause) => {
      const code = "code" in cause ? String(cause.code) : cause.message;
      resolve(listenRefusal(options, code));
    });
    probe.listen(options.port, options.host, () => {
      probe.close(() => resolve(listenRefusal(options, "EADDRINUSE")));
    });
  });
}

function listener(native: Native, app: NativeApp, token: NativeListenToken): Listener {
  let listening = true;
  const stopAccepting = (): void => {
    if (listening) native.us_listen_socket_close(token);
    listening = false;
  };
  return {
    port: native.us_socket_local_port(token),
    stopAccepting,
    async close() {
      stopAccepting();
      app.close();
    },
  };
}

function answerPlain(
  options: ListenOptions,
  response: NativeResponse,
  request: NativeRequest,
): void {
  const line = { open: true };
  const late = setTimeout(() => line.open && response.close(), options.requestMs);
  response.onAborted(() => {
    line.open = false;
    clearTimeout(late);
  });
  const head = headOf(response, request);
  const finish = (answer: HttpResponse, hangUp: boolean): void => {
    if (line.open) write(response, answer, { bodyless: head.method === "HEAD", hangUp });
    line.open = false;
  };
  collect(response, options.bodyBytesMax, (body) => {
    clearTimeout(late);
    if (body === undefined) return finish({ status: 413, body: "" }, true);
    Promise.resolve()
      .then(() => options.http({ ...head, body }))
      .then((answer) => finish(answer, false))
      .catch((error: unknown) => {
        options.fault(error);
        if (line.open) response.close();
      });
  });
}

/** Hands over the whole body once, or undefined as soon as it is larger than allowed. */
function collect(
  response: NativeResponse,
  bytesMax: number,
  take: (body: Uint8Array | undefined) => void,
): void {
  const chunks: Buffer[] = [];
  let bytes = 0;
  response.onData((chunk, isLast) => {
    if (bytes > bytesMax) return;
    bytes += chunk.byteLength;
    if (bytes > bytesMax) return take(undefined);
    chunks.push(Buffer.from(chunk.slice(0)));
    if (isLast) take(Buffer.concat(chunks));
  });
}

interface WriteOptions {
  readonly bodyless: boolean;
  readonly hangUp: boolean;
}

function write(
  response: NativeResponse,
  { status, headers, body }: HttpResponse,
  { bodyless, hangUp }: WriteOptions,
): void {
  response.cork(() => {
    response.writeStatus(`${status} ${STATUS_CODES[status] ?? "Unknown"}`);
    for (const [name, value] of Object.entries(headers ?? {})) response.writeHeader(name, value);
    // With a length but no body the library waits for the rest for ever.
    if (bodyless) response.endWithoutBody();
    else response.end(body, hangUp);
  });
}

function headOf(response: NativeResponse, request: NativeRequest): Omit<HttpRequest, "body"> {
  const headers: Record<string, string> = {};
  request.forEach((name, value) => {
    headers[name] = name in headers ? `${headers[name]}, ${value}` : value;
  });
  return {
    method: request.getCaseSensitiveMethod(),
    path: request.getUrl(),
    query: request.getQuery() ?? "",
    headers,
    remoteAddress: Buffer.from(response.getRemoteAddressAsText()).toString(),
  };
}

/** What a native socket carries from its upgrade to its close. */
interface Wire {
  readonly subprotocol: string | undefined;
  readonly remoteAddress: string;
  readonly origin: string | undefined;
  readonly host: string;
  open: boolean;
  socket?: Socket;
  events?: SocketEvents;
}

function streamBehaviour(native: Native, options: ListenOptions): NativeBehaviour<Wire> {
  const guarded = (act: () => void): void => {
    try {
      act();
    } catch (error) {
      options.fault(error);
    }
  };
  return {
    maxPayloadLength: options.frameBytesMax * OVERSIZE_FACTOR,
    maxBackpressure: BACKPRESSURE_BYTES_MAX,
    idleTimeout: 0,
    sendPingsAutomatically: false,
    closeOnBackpressureLimit: false,
    compression: native.DISABLED,
    upgrade(response, request, context) {
      try {
        upgrade(options, { response, request, context });
      } catch (error) {
        options.fault(error);
        // Leaving a request unanswered ends the process.
        write(response, { status: 500, body: "" }, { bodyless: false, hangUp: true });
      }
    },
    open: (ws) => guarded(() => open(options, ws)),
    message: (ws, frame, binary) => guarded(() => message(options, ws, { frame, binary })),
    pong: (ws, nonce) => {
      guarded(() => ws.getUserData().events?.pong(new Uint8Array(nonce.slice(0))));
    },
    drain: (ws) => guarded(() => ws.getUserData().events?.drain()),
    close: (ws, code) => {
      const wire = ws.getUserData();
      wire.open = false;
      queueMicrotask(() => guarded(() => wire.events?.close(code)));
    },
  };
}

interface Knock {
  readonly response: NativeResponse;
  readonly request: NativeRequest;
  readonly context: NativeContext;
}

function upgrade(options: ListenOptions, { response, request, context }: Knock): void {
  const { method: _, ...head } = headOf(response, request);
  const header = (name: string): string => head.headers[name] ?? "";
  const offered = header("sec-websocket-protocol").split(",");
  const admission = options.admit({
    ...head,
    offered: offered.map((name) => name.trim()).filter(Boolean),
  });
  if (!admission.taken) {
    write(response, admission.response, { bodyless: false, hangUp: true });
    return;
  }
  const wire: Wire = {
    subprotocol: admission.subprotocol,
    remoteAddress: head.remoteAddress,
    origin: head.headers["origin"],
    host: header("host"),
    open: true,
  };
  const key = header("sec-websocket-key");
  response.upgrade(wire, key, admission.subprotocol ?? "", "", context);
}

function open(options: ListenOptions, ws: NativeSocket<Wire>): void {
  const wire = ws.getUserData();
  wire.socket = socketOf(options, ws, wire);
  wire.events = options.opened(wire.socket);
}

interface Message {
  readonly frame: ArrayBuffer;
  readonly binary: boolean;
}

function message(options: ListenOptions, ws: NativeSocket<Wire>, { frame, binary }: Message): void {
  const { events, socket } = ws.getUserData();
  if (frame.byteLength > options.frameBytesMax) socket?.close(CLOSE_TOO_BIG, "frame too big");
  else events?.message(binary ? new Uint8Array(frame.slice(0)) : Buffer.from(frame).toString());
}

function socketOf(options: ListenOptions, ws: NativeSocket<Wire>, wire: Wire): Socket {
  return {
    subprotocol: wire.subprotocol,
    remoteAddress: wire.remoteAddress,
    origin: wire.origin,
    host: wire.host,
    get open() {
      return wire.open;
    },
    get bufferedBytes() {
      return wire.open ? ws.getBufferedAmount() : 0;
    },
    send(frame, binary) {
      if (wire.open && ws.send(frame, binary, false) === 2) options.dropped();
    },
    ping(nonce) {
      if (wire.open) ws.ping(nonce);
    },
    cork(fill) {
      if (!wire.open) return;
      let failure: unknown;
      ws.cork(() => {
        try {
          fill();
        } catch (error) {
          failure = error;
        }
      });
      if (failure !== undefined) throw failure;
    },
    close(code, reason) {
      if (wire.open) ws.end(code, reason);
    },
    terminate() {
      if (wire.open) ws.close();
    },
  };
}
