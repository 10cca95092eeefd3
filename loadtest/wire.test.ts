/** The thin client against the gateway's own transport, and against what is no WebSocket. */
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { RiskError } from "../core/errors.ts";
import type { Listener, Socket } from "../gateway/stream/socket.ts";
import { wsTransport } from "../gateway/stream/ws.ts";
import { openWire, type Wire, wallMs } from "./wire.ts";

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const clean of cleanups.splice(0)) await clean();
});

interface Peer {
  readonly port: number;
  readonly heard: (string | Uint8Array)[];
  readonly ponged: string[];
  readonly closed: number[];
  /** The next connection. */
  readonly socket: Promise<Socket>;
}

async function openPeer(): Promise<Peer> {
  const { promise, resolve } = Promise.withResolvers<Socket>();
  const heard: (string | Uint8Array)[] = [];
  const ponged: string[] = [];
  const closed: number[] = [];
  const listener: Listener = await wsTransport.listen({
    host: "127.0.0.1",
    port: 0,
    streamPath: "/ws",
    frameBytesMax: 65_536,
    bodyBytesMax: 65_536,
    requestMs: 5_000,
    http: () => ({ status: 404, body: "" }),
    admit: ({ offered }) => ({ taken: true, subprotocol: offered[0]! }),
    opened(socket) {
      resolve(socket);
      return {
        message: (frame) => heard.push(frame),
        pong: (nonce) => ponged.push(Buffer.from(nonce).toString()),
        drain: () => {},
        close: (code) => closed.push(code),
      };
    },
    dropped: () => {},
    fault: (error) => {
      throw error;
    },
  });
  cleanups.push(() => listener.close());
  return { port: listener.port, heard, ponged, closed, socket: promise };
}

interface Opened {
  readonly wire: Wire;
  readonly frames: { text: string; atMs: number }[];
  readonly over: Promise<string>;
}

async function open(port: number, path = "/ws"): Promise<Opened> {
  const frames: { text: string; atMs: number }[] = [];
  const { promise: over, resolve: closed } = Promise.withResolvers<string>();
  const wire = await openWire({
    host: "127.0.0.1",
    port,
    path,
    subprotocol: "slidewire.v1.json",
    frame: (payload, atMs) => frames.push({ text: payload.toString(), atMs }),
    closed,
  });
  return { wire, frames, over };
}

const settled = (what: () => unknown) => expect.poll(what, { timeout: 2_000 });

describe("openWire", () => {
  it("takes frames of every size with the time at which they were read", async () => {
    const peer = await openPeer();
    const { frames, wire } = await open(peer.port);
    const socket = await peer.socket;
    expect(socket.subprotocol).toBe("slidewire.v1.json");
    const sent = [1, 125, 126, 70_000].map((size) => "z".repeat(size));
    const before = wallMs();
    for (const text of sent) socket.send(text, false);
    await settled(() => frames.length).toBe(4);
    expect(frames.map(({ text }) => text)).toEqual(sent);
    for (const { atMs } of frames) expect(atMs).toBeGreaterThanOrEqual(before);
    wire.close();
  });

  it("sends what the peer reads, text and binary", async () => {
    const peer = await openPeer();
    const { wire } = await open(peer.port);
    wire.send(Buffer.from("hello"), false);
    wire.send(Buffer.alloc(200, 7), true);
    await settled(() => peer.heard.length).toBe(2);
    expect(peer.heard[0]).toBe("hello");
    expect(Buffer.from(peer.heard[1] as Uint8Array)).toEqual(Buffer.alloc(200, 7));
    wire.close();
  });

  it("answers a ping with its nonce", async () => {
    const peer = await openPeer();
    const { wire } = await open(peer.port);
    (await peer.socket).ping(Buffer.from("nonce-7"));
    await settled(() => peer.ponged).toEqual(["nonce-7"]);
    wire.close();
  });

  it("closes as a client should, and says how it ended", async () => {
    const peer = await openPeer();
    const { wire, over } = await open(peer.port);
    wire.close();
    await settled(() => peer.closed).toEqual([1000]);
    expect(await over).toBe("ended");
  });

  it("says with which code the peer closed", async () => {
    const peer = await openPeer();
    const { over } = await open(peer.port);
    (await peer.socket).close(4410, "slow");
    expect(await over).toBe("closed 4410");
  });

  it("refuses an answer that is no upgrade", async () => {
    const peer = await openPeer();
    await expect(open(peer.port, "/elsewhere")).rejects.toThrow(RiskError);
  });

  it("refuses an upgrade to another key", async () => {
    const server = createServer((socket) => {
      socket.end("HTTP/1.1 101 Switching Protocols\r\nSec-WebSocket-Accept: wrong\r\n\r\n");
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    cleanups.push(() => server.close());
    const { port } = server.address() as AddressInfo;
    await expect(open(port)).rejects.toThrow(/unsupported/);
  });

  it("refuses a port where nobody listens", async () => {
    const peer = await openPeer();
    for (const clean of cleanups.splice(0)) await clean();
    await expect(open(peer.port)).rejects.toThrow(/ECONNREFUSED/);
  });
});
