/**
 * A WebSocket client as thin as it can be: one TCP socket, an upgrade, frames as views.
 *
 * The generator shares the machine with what it measures, so every microsecond that it spends on a
 * frame is taken from the gateway. What a browser's WebSocket does for an application (events,
 * copies, extensions) is left out; pings are answered, for they are the gateway's flow control.
 */
import { createHash, randomBytes } from "node:crypto";
import { connect, type Socket } from "node:net";
import { RiskError, shown } from "../core/errors.ts";
import { masked, opcodes, openUnframer } from "./unframe.ts";

/** What opening may take, ms. */
export const OPEN_MS_MAX = 10_000;
const HEAD_BYTES_MAX = 16_384;
/** RFC 6455 1.3. */
const ACCEPT_SALT = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
const NORMAL_CLOSE = Uint8Array.of(0x03, 0xe8);
const HEAD_END = "\r\n\r\n";
const NOTHING = Buffer.alloc(0);

export interface WireOptions {
  readonly host: string;
  readonly port: number;
  readonly path: string;
  readonly subprotocol: string;
  /** Address to call from: one address may hold a limited number of connections. */
  readonly localAddress?: string;
  /** A text or binary frame, and when it was read; `payload` is good until the call returns. */
  frame(payload: Buffer, atMs: number): void;
  /** The line is over; `reason` says why in a word. */
  closed(reason: string): void;
}

export interface Wire {
  send(payload: Uint8Array, binary: boolean): void;
  close(): void;
}

/** Wall time on the scale of the gateway's own clock, ms since the epoch. */
export const wallMs = (): number => performance.timeOrigin + performance.now();

/** @throws RiskError `unreachable` when nobody answers in time, or not as a WebSocket */
export function openWire(options: WireOptions): Promise<Wire> {
  return new OpeningWire(options).opened.promise;
}

class OpeningWire implements Wire {
  readonly opened = Promise.withResolvers<Wire>();
  readonly #options: WireOptions;
  readonly #socket: Socket;
  readonly #key = randomBytes(16).toString("base64");
  readonly #timer: ReturnType<typeof setTimeout>;
  readonly #unframe = openUnframer((opcode, payload) => this.#frame(opcode, payload));
  /** What came of the answer to the upgrade; undefined once it was accepted. */
  #head: Buffer | undefined = Buffer.alloc(0);
  /** Why it ends; what happened first. */
  #reason: string | undefined;
  #nowMs = 0;

  constructor(options: WireOptions) {
    const { host, port, localAddress } = options;
    this.#options = options;
    this.#socket = connect({ host, port, ...(localAddress === undefined ? {} : { localAddress }) });
    this.#socket.setNoDelay(true);
    this.#timer = setTimeout(() => this.#end(`nothing within ${OPEN_MS_MAX} ms`), OPEN_MS_MAX);
    this.#socket.on("connect", () => this.#socket.write(upgradeRequest(options, this.#key)));
    this.#socket.on("data", (chunk) => this.#take(chunk));
    this.#socket.on("error", ({ message }) => {
      this.#reason ??= message;
    });
    this.#socket.on("close", () => this.#closed());
  }

  send(payload: Uint8Array, binary: boolean): void {
    this.#write(binary ? opcodes.binary : opcodes.text, payload);
  }

  close(): void {
    this.#write(opcodes.close, NORMAL_CLOSE);
    this.#reason ??= "ended";
    this.#socket.end();
  }

  #write(opcode: number, payload: Uint8Array): void {
    if (this.#socket.writable) this.#socket.write(masked(opcode, payload, randomBytes(4)));
  }

  #take(chunk: Buffer): void {
    try {
      this.#nowMs = wallMs();
      this.#unframe(this.#head === undefined ? chunk : this.#upgraded(this.#head, chunk));
    } catch (error) {
      this.#end(error instanceof Error ? error.message : String(error));
    }
  }

  /** Waits for the answer's end; answers the bytes behind it. */
  #upgraded(before: Buffer, chunk: Buffer): Buffer {
    const head = Buffer.concat([before, chunk]);
    const end = head.indexOf(HEAD_END);
    if (end < 0 && head.length <= HEAD_BYTES_MAX) {
      this.#head = head;
      return NOTHING;
    }
    requireUpgraded(head.toString("latin1", 0, Math.max(end, 0)), this.#key);
    this.#head = undefined;
    clearTimeout(this.#timer);
    this.opened.resolve(this);
    return head.subarray(end + HEAD_END.length);
  }

  #frame(opcode: number, payload: Buffer): void {
    if (opcode === opcodes.ping) this.#write(opcodes.pong, payload);
    else if (opcode === opcodes.close) {
      this.#end(payload.length < 2 ? "closed" : `closed ${payload.readUInt16BE(0)}`);
    } else if (opcode !== opcodes.pong) this.#options.frame(payload, this.#nowMs);
  }

  #end(reason: string): void {
    this.#reason ??= reason;
    this.#socket.destroy();
  }

  #closed(): void {
    clearTimeout(this.#timer);
    const reason = this.#reason ?? "cut";
    if (this.#head === undefined) this.#options.closed(reason);
    else this.opened.reject(unreachable(this.#options, reason));
  }
}

function upgradeRequest({ host, port, path, subprotocol }: WireOptions, key: string): string {
  return [
    `GET ${path} HTTP/1.1`,
    `Host: ${host}:${port}`,
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    `Sec-WebSocket-Key: ${key}`,
    `Sec-WebSocket-Protocol: ${subprotocol}`,
    "\r\n",
  ].join("\r\n");
}

/** @throws RiskError `unsupported` when the answer is no upgrade to our key */
function requireUpgraded(head: string, key: string): void {
  const [status = "", ...lines] = head.split("\r\n");
  const accept = createHash("sha1")
    .update(key + ACCEPT_SALT)
    .digest("base64");
  const isAccepted = lines.some((line) => {
    const [name = "", value = ""] = line.split(/:\s*/, 2);
    return name.toLowerCase() === "sec-websocket-accept" && value.trim() === accept;
  });
  if (/^HTTP\/1\.1 101 /.test(status) && isAccepted) return;
  throw new RiskError("unsupported", { expected: "a WebSocket upgrade", found: shown(status) });
}

function unreachable({ host, port, path }: WireOptions, found: string): RiskError {
  const where = `ws://${host}:${port}${path}`;
  return new RiskError("unreachable", { path: where, expected: "a gateway", found: shown(found) });
}
