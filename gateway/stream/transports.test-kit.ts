/**
 * Both transports for the suites that hold them alike, and a port that notes what happens on it.
 */
import { type RawClient, type RawOptions, rawConnect } from "./raw-client.test-kit.ts";
import type {
  Admission,
  HttpRequest,
  HttpResponse,
  Listener,
  ListenOptions,
  Socket,
  SocketEvents,
  Transport,
  Upgrade,
} from "./socket.ts";
import { uwsTransport } from "./uws.ts";
import { wsTransport } from "./ws.ts";

const uws = await uwsTransport().catch((error: unknown) => String(error).split("\n", 1)[0]!);

export interface TransportCase {
  readonly title: string;
  /** Undefined where it does not load; the title says why. */
  readonly transport: Transport | undefined;
}

export const transportCases: readonly TransportCase[] = [
  { title: "ws", transport: wsTransport },
  typeof uws === "string"
    ? { title: `uws (does not load here: ${uws})`, transport: undefined }
    : { title: "uws", transport: uws },
];

/** A port with everything that happened on it. */
export interface Port {
  readonly number: number;
  readonly listener: Listener;
  readonly sockets: Socket[];
  readonly faults: unknown[];
  readonly closes: number[];
  dropped: number;
}

/** Opens a port of the transport; sockets echo unless `opened` says otherwise. */
export async function openPort(
  transport: Transport,
  options: Partial<ListenOptions> = {},
): Promise<Port> {
  const port = { sockets: [], faults: [], closes: [], dropped: 0 } as unknown as {
    -readonly [K in keyof Port]: Port[K];
  };
  const listener = await transport.listen({
    host: "127.0.0.1",
    port: 0,
    streamPath: "/ws",
    frameBytesMax: 65_536,
    bodyBytesMax: 65_536,
    requestMs: 5_000,
    http: (request: HttpRequest): HttpResponse => echoRequest(request),
    admit: ({ offered }: Upgrade): Admission =>
      offered[0] === undefined ? { taken: true } : { taken: true, subprotocol: offered[0] },
    opened: (socket: Socket): SocketEvents => echoSocket(socket, port.closes),
    dropped: () => {
      port.dropped += 1;
    },
    fault: (error: unknown) => void port.faults.push(error),
    ...options,
    ...(options.opened && {
      opened: (socket: Socket) => {
        port.sockets.push(socket);
        return options.opened!(socket);
      },
    }),
  });
  port.listener = listener;
  port.number = listener.port;
  return port;
}

function echoRequest({ method, path, query, headers, body, remoteAddress }: HttpRequest) {
  const heard = { method, path, query, headers, body: Buffer.from(body).toString(), remoteAddress };
  return { status: 200, headers: { "x-answered": "yes" }, body: JSON.stringify(heard) };
}

export function echoSocket(socket: Socket, closes: number[] = []): SocketEvents {
  return {
    message: (frame) => socket.send(frame, typeof frame !== "string"),
    pong: () => {},
    drain: () => {},
    close: (code) => void closes.push(code),
  };
}

/** Ports and clients of one test, and how to leave none of them behind. */
export interface Bench {
  open(options?: Partial<ListenOptions>): Promise<Port>;
  join(port: Port, options?: RawOptions): Promise<RawClient>;
  /** Ends all of them. */
  clear(): Promise<void>;
}

export function openBench(transport: Transport | undefined): Bench {
  const ports: Port[] = [];
  const clients: RawClient[] = [];
  return {
    async open(options) {
      const port = await openPort(transport!, options);
      ports.push(port);
      return port;
    },
    async join(port, options) {
      const client = await rawConnect(port.number, options);
      clients.push(client);
      return client;
    },
    async clear() {
      for (const client of clients.splice(0)) client.destroy();
      for (const { listener } of ports.splice(0)) await listener.close();
    },
  };
}

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}

/** Waits until `done` answers true, at most two seconds. */
export async function until(done: () => boolean): Promise<void> {
  for (let i = 0; i < 400 && !done(); i++) await sleep(5);
}
