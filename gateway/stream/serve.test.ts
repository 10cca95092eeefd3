/** The whole stream on a real port, over both transports: what a stranger and a bot get. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { systemClock } from "../clock.ts";
import { type Key, keysOf } from "../control/keys.ts";
import { parseMsgpack } from "../protocol/msgpack.ts";
import { packMsgpack } from "../protocol/pack.ts";
import { type FakeBoard, fakeBoard } from "./board.test-kit.ts";
import type { Page } from "./pages.ts";
import { opcodes, rawConnect } from "./raw-client.test-kit.ts";
import { openStream, type Stream } from "./serve.ts";
import { authHeader, authParams, narrowKey, type SeenFrame, traderKey } from "./stream.test-kit.ts";
import { transportCases } from "./transports.test-kit.ts";

const demoKey: Key = { ...traderKey, keyId: "demo", loopbackOnly: true };
const pages = new Map<string, Page>([["/", { type: "text/html", body: "<p>" }]]);
const json = { "content-type": "application/json" };

describe.each(transportCases)("a stream on $title", ({ transport }) => {
  let stream: Stream;
  let board: FakeBoard;
  const faults: unknown[] = [];
  const cases = it.skipIf(transport === undefined);

  beforeAll(async () => {
    if (transport === undefined) return;
    board = fakeBoard({ accounts: ["mm-1", "mm-2"], instrumentCount: 1_234 });
    board.move("mm-1", "mm-2", "BTC");
    stream = await openStream({
      board,
      keys: keysOf([traderKey, narrowKey, demoKey]),
      transport: transport.name,
      host: "127.0.0.1",
      port: 0,
      boot: "boot-1",
      version: "1.2.3",
      pages,
      onFault: (error) => void faults.push(error),
    });
  });
  afterAll(async () => {
    if (transport === undefined) return;
    await stream.close();
    expect(faults).toEqual([]);
  });

  const get = (path: string, headers: Record<string, string> = {}) =>
    fetch(`${stream.url}${path}`, { headers });
  const rpc = async (key: Key | undefined, method: string, params: object = {}, id = "1") => {
    const authorization = key && authHeader(key, systemClock.now(), method, params);
    const response = await fetch(`${stream.url}/rpc`, {
      method: "POST",
      headers: { ...json, ...(authorization && { authorization }) },
      body: JSON.stringify({ jsonrpc: "2.0", id, method, params }),
    });
    const body = (await response.json()) as SeenFrame;
    return { status: response.status, body };
  };

  describe("says over HTTP", () => {
    cases("that it lives, and whether its figures may be trusted", async () => {
      expect((await get("/healthz")).status).toBe(200);
      expect((await get("/readyz")).status).toBe(200);
      board.setReady(false);
      const unready = await get("/readyz");
      expect([unready.status, await unready.json()]).toMatchObject([503, { ready: false }]);
      expect((await get("/healthz")).status).toBe(200);
      board.setReady(true);
    });

    cases("its counters, with nothing dropped", async () => {
      const text = await (await get("/metrics")).text();
      expect(text).toContain("# TYPE slidewire_dropped_total counter\nslidewire_dropped_total 0\n");
      expect(text).toMatch(/^slidewire_connections \d+$/m);
    });

    cases("what it understands, in OpenAPI and AsyncAPI", async () => {
      expect(await (await get("/openapi.json")).json()).toMatchObject({
        openapi: "3.1.0",
        info: { version: "1.2.3" },
      });
      expect(await (await get("/asyncapi.json")).json()).toMatchObject({ asyncapi: "3.0.0" });
    });

    cases.each([
      ["/nope", 404, "unknown_path"],
      ["/v1/accounts/mm-1/book", 401, "auth_required"],
      ["/v1/accounts/%ff/book", 404, "unknown_path"],
      ["/../etc/passwd%00", 404, "unknown_path"],
    ])("%s: %i", async (path, status, code) => {
      const response = await get(path);
      const { error } = (await response.json()) as SeenFrame;
      expect([response.status, error?.data["code"]]).toEqual([status, code]);
    });

    cases("that a method is not for a path", async () => {
      const response = await fetch(`${stream.url}/healthz`, { method: "DELETE" });
      expect(response.status).toBe(405);
    });

    cases("everything with headers that keep browsers from guessing", async () => {
      for (const path of ["/healthz", "/", "/nope"]) {
        const { headers } = await get(path);
        expect(headers.get("x-content-type-options")).toBe("nosniff");
        expect(headers.get("referrer-policy")).toBe("no-referrer");
      }
    });
  });

  describe("POST /rpc", () => {
    cases("answers open methods to anyone and the others to a signature", async () => {
      expect((await rpc(undefined, "hello")).body.result).toMatchObject({
        server: "slidewire",
        version: "1.2.3",
        transport: transport!.name,
      });
      const refused = await rpc(undefined, "margin.get", { account: "mm-1" });
      expect([refused.status, refused.body.error?.data["code"]]).toEqual([401, "auth_required"]);
      const { body } = await rpc(traderKey, "margin.get", { account: "mm-1" }, "a");
      expect(body).toMatchObject({
        id: "a",
        result: {
          turn: board.marginTurn("mm-1"),
          account: "mm-1",
          scenarioPnl: [-1, 0, 1],
        },
      });
    });

    cases(
      "gives an account's positions and balances with the turn that they stand in",
      async () => {
        const { body } = await rpc(traderKey, "positions.get", { account: "mm-1" });
        expect(body.result).toEqual({ turn: board.turn(), ...board.positions("mm-1") });
      },
    );

    cases("lists every instrument, a page at a time", async () => {
      const seen: string[] = [];
      let after: object = {};
      for (let page = 0; page < 5; page++) {
        const { body } = await rpc(traderKey, "instruments", { limit: 500, ...after });
        const { instruments, next } = body.result as {
          instruments: { id: string }[];
          next: string | null;
        };
        seen.push(...instruments.map(({ id }) => id));
        if (next === null) break;
        after = { after: next };
      }
      expect(seen).toEqual(
        board
          .listing()
          .instruments.map(({ id }) => id)
          .sort(),
      );
      const { body } = await rpc(traderKey, "instruments", {
        kind: "perpetual",
        underlying: "ETH",
      });
      const { instruments } = body.result as { instruments: { id: string; kind: string }[] };
      expect(instruments.length).toBeGreaterThan(100);
      expect(instruments.every((one) => one.kind === "perpetual")).toBe(true);
      expect(instruments.every((one) => one.id.startsWith("ETH"))).toBe(true);
    });

    cases("carries a notification out and says nothing", async () => {
      const body = '{"jsonrpc":"2.0","method":"ping"}';
      const response = await fetch(`${stream.url}/rpc`, { method: "POST", body });
      expect([response.status, await response.text()]).toEqual([204, ""]);
    });

    cases.each([
      ["no JSON", "{", 400, "malformed_json"],
      ["a batch", "[]", 400, "malformed_frame"],
      [
        "a method of the stream",
        '{"jsonrpc":"2.0","id":1,"method":"subscribe"}',
        400,
        "unsupported",
      ],
      ["an unknown method", '{"jsonrpc":"2.0","id":1,"method":"x"}', 400, "unknown_method"],
      ["no UTF-8", Uint8Array.of(0xff), 400, "malformed_json"],
    ])("refuses %s", async (_, body, status, code) => {
      const response = await fetch(`${stream.url}/rpc`, { method: "POST", body });
      const { error } = (await response.json()) as SeenFrame;
      expect([response.status, error?.data["code"]]).toEqual([status, code]);
    });

    cases(
      "refuses a signature of other params, a replay and a header of another form",
      async () => {
        const params = { account: "mm-1" };
        const good = authHeader(traderKey, systemClock.now(), "margin.get", params);
        const post = async (authorization: string, account = "mm-1") => {
          const body = { jsonrpc: "2.0", id: 1, method: "margin.get", params: { account } };
          const init = { method: "POST", headers: { authorization }, body: JSON.stringify(body) };
          return (await fetch(`${stream.url}/rpc`, init)).status;
        };
        expect(await post(good, "mm-2")).toBe(401);
        expect(await post(good)).toBe(200);
        expect(await post(good)).toBe(401);
        expect(await post(good.replace("Slidewire", "Bearer"))).toBe(401);
        expect(await post(`${good},more=1`)).toBe(401);
      },
    );
  });

  describe("GET /v1/accounts/ID/book", () => {
    const book = (key: Key, path: string, headers = {}) =>
      get(path, { authorization: authHeader(key, systemClock.now(), path, {}), ...headers });

    cases("gives everything that the figures were computed from", async () => {
      const response = await book(traderKey, "/v1/accounts/mm-1/book");
      expect([response.status, await response.json()]).toEqual([200, board.book("mm-1")]);
    });

    cases("gives somebody else's and a missing one the same refusal", async () => {
      const texts = await Promise.all(
        ["mm-2", "mm-3"].map(async (account) => {
          const response = await book(narrowKey, `/v1/accounts/${account}/book`);
          return `${response.status} ${(await response.text()).replace(account, "?")}`;
        }),
      );
      expect(texts[0]).toBe(texts[1]);
      expect(texts[0]).toMatch(/^404 .*unknown_account/);
    });

    cases("takes a demo key on this machine and under its own name only", async () => {
      expect((await book(demoKey, "/v1/accounts/mm-1/book")).status).toBe(200);
    });
  });

  describe("a MessagePack client", () => {
    cases("is answered and streamed to in MessagePack", async () => {
      const headers = { "Sec-WebSocket-Protocol": "slidewire.v1.msgpack" };
      const client = await rawConnect(stream.port, { headers });
      const heard = async () => {
        const frame = await client.next();
        expect(frame?.opcode).toBe(opcodes.binary);
        return parseMsgpack(frame!.payload, 16) as SeenFrame;
      };
      const call = async (method: string, params: object) => {
        const payload = packMsgpack({ jsonrpc: "2.0", id: 7, method, params });
        client.send({ opcode: opcodes.binary, payload });
        return heard();
      };
      expect(await call("auth", authParams(traderKey, systemClock.now()))).toMatchObject({ id: 7 });
      const { result } = await call("subscribe", { channels: ["margin.mm-1.raw"] });
      expect(result?.["channels"]).toMatchObject([{ status: "subscribed" }]);
      expect(await heard()).toMatchObject({
        method: "subscription",
        params: { channel: "margin.mm-1.raw", type: "snapshot", data: board.margin("mm-1", false) },
      });
      client.send({ opcode: opcodes.binary, payload: Uint8Array.of(0xc1) });
      expect((await heard()).error?.data["code"]).toBe("unsupported");
      client.send({ opcode: opcodes.text, payload: "{}" });
      expect((await heard()).error?.data["code"]).toBe("malformed_frame");
      client.destroy();
    });
  });

  describe("an end", () => {
    cases("says 1001 to everyone, refuses newcomers and is quick", async () => {
      const own = await openStream({
        board,
        keys: keysOf([]),
        transport: transport!.name,
        host: "127.0.0.1",
        port: 0,
        boot: "boot-2",
        version: "0",
      });
      const client = await rawConnect(own.port);
      const before = performance.now();
      const closing = own.close();
      const frame = await client.next();
      expect(frame?.payload.readUInt16BE(0)).toBe(1001);
      client.send({ opcode: opcodes.close, payload: frame!.payload });
      await closing;
      expect(performance.now() - before).toBeLessThan(2_000);
      await expect(fetch(`${own.url}/healthz`)).rejects.toThrow();
    });
  });
});
