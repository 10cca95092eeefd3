/**
 * A WebSocket client on a bare TCP socket: it can break every rule, and stop reading when told.
 *
 * A proper client library would refuse to send what these tests must send.
 */
import { randomBytes } from "node:crypto";
import { connect, type Socket as TcpSocket } from "node:net";

export const opcodes = {
  continuation: 0,
  text: 1,
  binary: 2,
  close: 8,
  ping: 9,
  pong: 10,
} as const;

export interface RawFrame {
  readonly opcode: number;
  readonly payload?: Uint8Array | string;
  readonly fin?: boolean;
  /** The three reserved bits, 0 to 7. */
  readonly reserved?: number;
  readonly masked?: boolean;
}

export interface HeardFrame {
  readonly opcode: number;
  readonly payload: Buffer;
}

export interface RawClient {
  readonly tcp: TcpSocket;
  /** The answer to the handshake: status line and headers. */
  readonly head: string;
  send(...frames: readonly RawFrame[]): void;
  /** The next frame; undefined when the line ends before one comes. */
  next(): Promise<HeardFrame | undefined>;
  /** Chunks in which bytes arrived so far. */
  readonly chunks: number;
  /** Resolves with the code of the close frame, 1006 when the line ended without one. */
  closed(): Promise<number>;
  pause(): void;
  resume(): void;
  /** Cuts the line. */
  destroy(): void;
}

export interface RawOptions {
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Sends the text to the port and answers all that comes back until the line ends. */
export function rawHttp(port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const tcp = connect(port, "127.0.0.1");
    let heard = "";
    tcp.on("data", (chunk) => {
      heard += chunk.toString("latin1");
    });
    tcp.on("close", () => resolve(heard));
    tcp.on("error", reject);
    tcp.write(text);
  });
}

/** Shakes hands; whoever is refused has a `head` that is not a 101. */
export async function rawConnect(port: number, options: RawOptions = {}): Promise<RawClient> {
  const tcp = connect(port, "127.0.0.1");
  tcp.setNoDelay(true);
  let heard = Buffer.alloc(0);
  let chunks = 0;
  let ended = false;
  let wake: (() => void) | undefined;
  tcp.on("data", (chunk) => {
    heard = Buffer.concat([heard, chunk]);
    chunks += 1;
    wake?.();
  });
  tcp.on("close", () => {
    ended = true;
    wake?.();
  });
  // A line cut by the other side is an outcome, not an error of the test.
  tcp.on("error", () => {});
  const more = () =>
    new Promise<void>((resolve) => {
      wake = resolve;
    });
  tcp.write(handshake(options));
  while (heard.indexOf("\r\n\r\n") < 0 && !ended) await more();
  const end = heard.indexOf("\r\n\r\n") + 4;
  const head = heard.subarray(0, end).toString("latin1");
  heard = heard.subarray(end);

  const next = async (): Promise<HeardFrame | undefined> => {
    for (;;) {
      const parsed = parseFrame(heard);
      if (parsed) {
        heard = heard.subarray(parsed.bytes);
        return parsed.frame;
      }
      if (ended) return undefined;
      await more();
    }
  };
  return {
    tcp,
    head,
    get chunks() {
      return chunks;
    },
    next,
    send: (...frames) => void tcp.write(Buffer.concat(frames.map(frameBytes))),
    async closed() {
      let code = 1006;
      for (;;) {
        const frame = await next();
        if (frame === undefined) return code;
        if (frame.opcode !== opcodes.close) continue;
        code = frame.payload.length >= 2 ? frame.payload.readUInt16BE(0) : 1005;
      }
    },
    pause: () => void tcp.pause(),
    resume: () => void tcp.resume(),
    destroy: () => void tcp.destroy(),
  };
}

function handshake({ path = "/ws", headers = {} }: RawOptions): string {
  const all: Record<string, string> = {
    Host: "127.0.0.1",
    Upgrade: "websocket",
    Connection: "Upgrade",
    "Sec-WebSocket-Key": randomBytes(16).toString("base64"),
    "Sec-WebSocket-Version": "13",
    ...headers,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`);
  return `GET ${path} HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n`;
}

/** One frame as bytes, masked unless told otherwise. */
export function frameBytes(frame: RawFrame): Buffer {
  const { opcode, payload = "", fin = true, reserved = 0, masked = true } = frame;
  const body = Buffer.from(payload as Uint8Array);
  const first = (fin ? 0x80 : 0) | (reserved << 4) | opcode;
  const maskBit = masked ? 0x80 : 0;
  const head = lengthHead(first, maskBit, body.length);
  if (!masked) return Buffer.concat([head, body]);
  const mask = randomBytes(4);
  for (let i = 0; i < body.length; i++) body[i]! ^= mask[i % 4]!;
  return Buffer.concat([head, mask, body]);
}

function lengthHead(first: number, maskBit: number, length: number): Buffer {
  if (length < 126) return Buffer.from([first, maskBit | length]);
  if (length < 65_536) return Buffer.from([first, maskBit | 126, length >> 8, length & 255]);
  const head = Buffer.alloc(10);
  head[0] = first;
  head[1] = maskBit | 127;
  head.writeBigUInt64BE(BigInt(length), 2);
  return head;
}

function parseFrame(heard: Buffer): { frame: HeardFrame; bytes: number } | undefined {
  if (heard.length < 2) return undefined;
  const short = heard[1]! & 0x7f;
  const headBytes = short < 126 ? 2 : short === 126 ? 4 : 10;
  if (heard.length < headBytes) return undefined;
  const length =
    short < 126 ? short : short === 126 ? heard.readUInt16BE(2) : Number(heard.readBigUInt64BE(2));
  const bytes = headBytes + length;
  if (heard.length < bytes) return undefined;
  const payload = Buffer.from(heard.subarray(headBytes, bytes));
  return { frame: { opcode: heard[0]! & 0x0f, payload }, bytes };
}
