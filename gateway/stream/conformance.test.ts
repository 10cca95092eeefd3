/**
 * What every transport must do with a WebSocket, asked of both: the traps that one of them has are
 * cases for the other.
 */
import { afterEach, describe, expect, it } from "vitest";
import { opcodes } from "./raw-client.test-kit.ts";
import type { Socket } from "./socket.ts";
import { echoSocket, openBench, sleep, transportCases, until } from "./transports.test-kit.ts";

const { text, binary, ping, pong } = opcodes;

describe.each(transportCases)("transport $title", ({ transport }) => {
  const { open, join, clear } = openBench(transport);
  afterEach(clear);
  const cases = it.skipIf(transport === undefined);

  describe("a WebSocket", () => {
    cases("carries texts and bytes both ways, whole and in fragments", async () => {
      const client = await join(await open());
      client.send({ opcode: text, payload: "é😀" });
      client.send({ opcode: binary, payload: Uint8Array.of(0, 255) });
      client.send(
        { opcode: text, payload: "a", fin: false },
        { opcode: ping, payload: "p" },
        { opcode: opcodes.continuation, payload: "b", fin: false },
        { opcode: opcodes.continuation, payload: "c" },
      );
      const heard = [];
      for (let i = 0; i < 4; i++) heard.push(await client.next());
      expect(heard.map((f) => [f?.opcode, f?.payload.toString("hex")])).toEqual([
        [text, Buffer.from("é😀").toString("hex")],
        [binary, "00ff"],
        [pong, "70"],
        [text, "616263"],
      ]);
    });

    cases(
      "agrees on the subprotocol that was chosen, and on none when none is offered",
      async () => {
        const seen: (string | undefined)[] = [];
        const port = await open({
          admit: ({ offered }) =>
            offered[1] ? { taken: true, subprotocol: offered[1] } : { taken: true },
          opened(socket) {
            seen.push(socket.subprotocol);
            return echoSocket(socket);
          },
        });
        const offering = await join(port, { headers: { "Sec-WebSocket-Protocol": "one, two" } });
        expect(offering.head).toMatch(/^HTTP\/1.1 101 /);
        expect(offering.head.toLowerCase()).toContain("sec-websocket-protocol: two\r\n");
        const plain = await join(port);
        expect(plain.head.toLowerCase()).not.toContain("sec-websocket-protocol");
        expect(seen).toEqual(["two", undefined]);
      },
    );

    cases("is refused with the status and body that admission says", async () => {
      const refusal = { status: 400, headers: { "x-why": "test" }, body: "no" };
      const client = await join(await open({ admit: () => ({ taken: false, response: refusal }) }));
      expect(client.head).toMatch(/^HTTP\/1.1 400 Bad Request\r\n/);
      expect(client.head.toLowerCase()).toContain("x-why: test");
      expect(await client.closed()).toBe(1006);
    });

    cases("is not to be had on another path", async () => {
      const port = await open({ http: () => ({ status: 404, body: "" }) });
      const client = await join(port, { path: "/other" });
      expect(client.head).toMatch(/^HTTP\/1.1 404 /);
    });

    cases("tells who is on it", async () => {
      let seen: Socket | undefined;
      const port = await open({
        opened(socket) {
          seen = socket;
          return echoSocket(socket);
        },
      });
      await join(port, { headers: { Origin: "http://a.example", Host: "b.example:1" } });
      await until(() => seen !== undefined);
      expect(seen).toMatchObject({ origin: "http://a.example", host: "b.example:1", open: true });
      expect(seen?.remoteAddress).toBe("127.0.0.1");
      await join(port);
      expect(seen?.origin).toBeUndefined();
    });

    cases("hands over bytes that stay when the callback is over", async () => {
      const kept: Uint8Array[] = [];
      const nonces: Uint8Array[] = [];
      const port = await open({
        opened: (socket) => ({
          ...echoSocket(socket),
          message: (frame) => void kept.push(frame as Uint8Array),
          pong: (nonce) => void nonces.push(nonce),
        }),
      });
      const client = await join(port);
      for (let i = 0; i < 3; i++) client.send({ opcode: binary, payload: Uint8Array.of(i, i) });
      client.send({ opcode: pong, payload: Uint8Array.of(9) });
      await until(() => kept.length === 3 && nonces.length === 1);
      expect(kept.map((bytes) => [...bytes])).toEqual([
        [0, 0],
        [1, 1],
        [2, 2],
      ]);
      expect([...nonces[0]!]).toEqual([9]);
    });

    cases("pings with a nonce and hears it back", async () => {
      const nonces: string[] = [];
      const port = await open({
        opened: (socket) => {
          queueMicrotask(() => socket.ping(Buffer.from("nonce")));
          return {
            ...echoSocket(socket),
            pong: (n) => void nonces.push(Buffer.from(n).toString()),
          };
        },
      });
      const client = await join(port);
      const heard = await client.next();
      expect([heard?.opcode, heard?.payload.toString()]).toEqual([ping, "nonce"]);
      client.send({ opcode: pong, payload: heard!.payload });
      await until(() => nonces.length > 0);
      expect(nonces).toEqual(["nonce"]);
    });

    cases("may be used after it closed, to no effect", async () => {
      const port = await open({ opened: (socket) => echoSocket(socket, port.closes) });
      const client = await join(port);
      await until(() => port.sockets.length === 1);
      const socket = port.sockets[0]!;
      client.destroy();
      await until(() => port.closes.length === 1);
      socket.send("late", false);
      socket.ping(Uint8Array.of(1));
      socket.cork(() => socket.send("late", false));
      socket.close(1000, "");
      socket.terminate();
      expect([socket.open, socket.bufferedBytes]).toEqual([false, 0]);
      await sleep(20);
      expect(port.closes).toHaveLength(1);
      expect(port.faults).toEqual([]);
    });

    cases("closes with the code that it is told, after the call and once", async () => {
      const port = await open({ opened: (socket) => echoSocket(socket, port.closes) });
      const client = await join(port);
      await until(() => port.sockets.length === 1);
      const socket = port.sockets[0]!;
      socket.close(4410, "slow");
      expect([socket.open, port.closes.length]).toEqual([false, 0]);
      socket.close(4400, "again");
      const frame = await client.next();
      expect(frame?.payload.readUInt16BE(0)).toBe(4410);
      expect(frame?.payload.subarray(2).toString()).toBe("slow");
      client.send({ opcode: opcodes.close, payload: frame!.payload });
      await until(() => port.closes.length === 1);
      expect(port.closes).toHaveLength(1);
    });

    cases("is cut by terminate, and its owner is told", async () => {
      const port = await open({ opened: (socket) => echoSocket(socket, port.closes) });
      const client = await join(port);
      await until(() => port.sockets.length === 1);
      port.sockets[0]!.terminate();
      expect(await client.closed()).toBe(1006);
      await until(() => port.closes.length === 1);
      expect(port.closes).toEqual([1006]);
    });

    cases("sends what is corked in one piece", async () => {
      const port = await open({
        opened: (socket) => ({
          ...echoSocket(socket),
          message: () =>
            socket.cork(() => {
              for (let i = 0; i < 4; i++) socket.send("x".repeat(200), false);
              socket.ping(Uint8Array.of(1));
            }),
        }),
      });
      const client = await join(port);
      const before = client.chunks;
      client.send({ opcode: text, payload: "go" });
      for (let i = 0; i < 5; i++) await client.next();
      expect(client.chunks - before).toBe(1);
    });

    cases("a little too large closes 1009, a lot too large ends", async () => {
      const port = await open({ frameBytesMax: 1_000 });
      const fits = await join(port);
      fits.send({ opcode: binary, payload: new Uint8Array(1_000) });
      expect((await fits.next())?.payload.length).toBe(1_000);
      fits.send({ opcode: binary, payload: new Uint8Array(1_001) });
      expect(await fits.closed()).toBe(1009);
      const far = await join(port);
      far.send({ opcode: binary, payload: new Uint8Array(10_000) });
      expect([1006, 1009]).toContain(await far.closed());
      const split = await join(port);
      for (let i = 0; i < 10; i++) {
        split.send({ opcode: i === 0 ? binary : 0, payload: new Uint8Array(900), fin: false });
      }
      expect([1006, 1009]).toContain(await split.closed());
    });

    cases("loses nothing to a reader that stops: it waits, and is counted meanwhile", async () => {
      let drains = 0;
      const port = await open({
        opened: (socket) => ({
          ...echoSocket(socket),
          drain() {
            drains += 1;
          },
        }),
      });
      const client = await join(port);
      await until(() => port.sockets.length === 1);
      const socket = port.sockets[0]!;
      client.pause();
      const frames = 200;
      for (let i = 0; i < frames; i++) socket.send(new Uint8Array(65_536).fill(i), true);
      await sleep(50);
      const waiting = socket.bufferedBytes;
      expect(waiting).toBeGreaterThan(1_000_000);
      expect(waiting).toBeLessThanOrEqual(frames * 65_546);
      client.resume();
      for (let i = 0; i < frames; i++) {
        const frame = await client.next();
        if (frame?.payload.length !== 65_536 || frame.payload[9] !== i) expect(i).toBe("in order");
      }
      await until(() => socket.bufferedBytes === 0);
      expect([socket.bufferedBytes, port.dropped]).toEqual([0, 0]);
      expect(drains).toBeGreaterThan(0);
    });

    cases("takes a client that leaves without a word", async () => {
      const port = await open({ opened: (socket) => echoSocket(socket, port.closes) });
      const client = await join(port);
      client.destroy();
      await until(() => port.closes.length === 1);
      expect(port.closes).toEqual([1006]);
    });
  });

  describe("an exception", () => {
    const boom = () => {
      throw new TypeError("boom");
    };
    cases.each(["message", "pong", "close"] as const)(
      "in %s is a fault and no more",
      async (on) => {
        const port = await open({ opened: (socket) => ({ ...echoSocket(socket), [on]: boom }) });
        const client = await join(port);
        client.send({ opcode: text, payload: "x" }, { opcode: pong, payload: "x" });
        await sleep(20);
        client.destroy();
        await until(() => port.faults.length > 0);
        expect(port.faults).toEqual([new TypeError("boom")]);
      },
    );

    cases("in admission or in opening is a fault, and the port lives", async () => {
      for (const options of [{ admit: boom }, { opened: boom }]) {
        const port = await open(options);
        const client = await join(port);
        await until(() => port.faults.length > 0);
        expect(port.faults).toEqual([new TypeError("boom")]);
        client.destroy();
        expect((await fetch(`http://127.0.0.1:${port.number}/`)).status).toBe(200);
      }
    });

    cases("in a cork leaves it, and what was sent before it goes out", async () => {
      const port = await open({
        opened: (socket) => ({
          ...echoSocket(socket),
          message: () =>
            socket.cork(() => {
              socket.send("before", false);
              boom();
            }),
        }),
      });
      const client = await join(port);
      client.send({ opcode: text, payload: "x" });
      expect((await client.next())?.payload.toString()).toBe("before");
      expect(port.faults).toEqual([new TypeError("boom")]);
    });

    cases("in an HTTP answer, at once or later, cuts that request and no other", async () => {
      const port = await open({
        async http({ path }) {
          if (path === "/later") await sleep(5);
          if (path !== "/ok") boom();
          return { status: 200, body: "ok" };
        },
      });
      for (const path of ["/now", "/later"]) {
        await expect(fetch(`http://127.0.0.1:${port.number}${path}`)).rejects.toThrow();
      }
      expect(port.faults).toHaveLength(2);
      expect(await (await fetch(`http://127.0.0.1:${port.number}/ok`)).text()).toBe("ok");
    });
  });
});
