/** What a browser may do here, and on whose behalf: origins, names, the page and its token. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { keysOf } from "../control/keys.ts";
import { fakeBoard } from "./board.test-kit.ts";
import type { Page } from "./pages.ts";
import { opcodes, rawConnect } from "./raw-client.test-kit.ts";
import { openStream, type Stream } from "./serve.ts";
import type { SeenFrame } from "./stream.test-kit.ts";
import { transportCases } from "./transports.test-kit.ts";

const pages = new Map<string, Page>([
  ["/", { type: "text/html; charset=utf-8", body: '<meta content="%SLIDEWIRE_TOKEN%">' }],
  ["/app.js", { type: "text/javascript", body: "export {};", headers: { "cache-control": "x" } }],
]);

describe.each(transportCases)("a browser and a stream on $title", ({ transport }) => {
  let stream: Stream;
  const cases = it.skipIf(transport === undefined);
  beforeAll(async () => {
    if (transport === undefined) return;
    const board = fakeBoard({ accounts: ["mm-1", "mm-2"] });
    board.move("mm-1", "mm-2");
    stream = await openStream({
      board,
      keys: keysOf([]),
      transport: transport.name,
      host: "127.0.0.1",
      port: 0,
      boot: "boot-1",
      version: "1.2.3",
      pages,
      origins: ["https://desk.example"],
    });
  });
  afterAll(() => stream?.close());

  const get = (path: string, headers: Record<string, string> = {}) =>
    fetch(`${stream.url}${path}`, { headers });

  describe("who may come in", () => {
    const upgrade = async (headers: Record<string, string>) => {
      const client = await rawConnect(stream.port, { headers });
      client.destroy();
      return Number(client.head.split(" ")[1]);
    };
    const host = () => `127.0.0.1:${stream.port}`;

    cases("is whoever has no Origin, this site's pages, and those on the list", async () => {
      expect(await upgrade({})).toBe(101);
      expect(await upgrade({ Host: host(), Origin: `http://${host()}` })).toBe(101);
      expect(await upgrade({ Origin: "https://desk.example" })).toBe(101);
      expect(await upgrade({ Host: "localhost:1", Origin: "http://localhost:1" })).toBe(101);
    });

    cases("is none of 50 other Origins, on the stream or off it", async () => {
      const origins = [
        "null",
        "https://desk.example.evil.example",
        "https://desk.example:444",
        "http://desk.example",
        "https://DESK.example",
        "file://",
        "http://127.0.0.1",
        "http://localhost:9",
        ...Array.from({ length: 42 }, (_, i) => `https://evil-${i}.example`),
      ];
      const statuses = await Promise.all(
        origins.map((Origin) => upgrade({ Host: host(), Origin })),
      );
      expect(statuses).toEqual(origins.map(() => 403));
      const posted = await fetch(`${stream.url}/rpc`, {
        method: "POST",
        headers: { origin: "https://evil.example" },
        body: "{}",
      });
      expect(posted.status).toBe(403);
    });

    cases("is nobody under a name that is not this machine's: DNS rebinding", async () => {
      const evil = "rebound.example:8787";
      expect(await upgrade({ Host: evil })).toBe(403);
      expect(await upgrade({ Host: evil, Origin: `http://${evil}` })).toBe(403);
      expect(await upgrade({ Host: "" })).not.toBe(101);
    });

    cases("agrees on a subprotocol that is known, or is told which are", async () => {
      const offer = (value: string) =>
        rawConnect(stream.port, { headers: { "Sec-WebSocket-Protocol": value } });
      const agreed = await offer("slidewire.v9.json, slidewire.v1.msgpack");
      expect(agreed.head.toLowerCase()).toContain("sec-websocket-protocol: slidewire.v1.msgpack");
      const refused = await offer("graphql-ws");
      expect(refused.head).toMatch(/^HTTP\/1.1 400 /);
      for (const client of [agreed, refused]) client.destroy();
    });
  });

  describe("the page", () => {
    const tokenOf = async (headers: Record<string, string> = {}) =>
      /content="([^"]*)"/.exec(await (await get("/", headers)).text())?.[1];

    cases("is served under a policy that runs nothing inline and is framed by nobody", async () => {
      const { headers } = await get("/");
      const policy = headers.get("content-security-policy");
      expect(policy).toContain("default-src 'none'");
      expect(policy).toContain("script-src 'self'");
      expect(policy).toContain("frame-ancestors 'none'");
      expect(policy).toContain(`connect-src 'self' ws://127.0.0.1:${stream.port}`);
      expect(policy).not.toContain("unsafe");
      expect((await get("/app.js")).headers.get("cache-control")).toBe("x");
    });

    cases("holds a token that reads, once, and never the same", async () => {
      const [token, other] = [await tokenOf(), await tokenOf()];
      expect(token).toMatch(/^[\w-]{32}$/);
      expect(other).not.toBe(token);
      const client = await rawConnect(stream.port);
      const call = async (method: string, params: object) => {
        const payload = JSON.stringify({ jsonrpc: "2.0", id: 1, method, params });
        client.send({ opcode: opcodes.text, payload });
        return JSON.parse(String((await client.next())?.payload)) as SeenFrame;
      };
      const auth = { grant: "page", token };
      expect((await call("auth", auth)).result).toMatchObject({ principal: "page" });
      expect((await call("margin.get", { account: "mm-2" })).error).toBeUndefined();
      client.destroy();
      const second = await rawConnect(stream.port);
      const payload = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "auth", params: auth });
      second.send({ opcode: opcodes.text, payload });
      expect(String((await second.next())?.payload)).toContain("auth_failed");
      second.destroy();
    });

    cases.each([
      ["fetched by another site", { "sec-fetch-site": "cross-site", "sec-fetch-dest": "empty" }],
      ["framed by another site", { "sec-fetch-site": "cross-site", "sec-fetch-dest": "iframe" }],
      ["asked for by a listed site", { origin: "https://desk.example" }],
    ])("holds none when %s", async (_, headers) => {
      expect(await tokenOf(headers)).toBe("");
    });

    cases("holds one when somebody follows a link to it", async () => {
      const headers = { "sec-fetch-site": "cross-site", "sec-fetch-dest": "document" };
      expect(await tokenOf(headers)).toMatch(/^[\w-]{32}$/);
    });

    cases("gets another token when it reconnects, and no other page does", async () => {
      const renew = (headers: Record<string, string>) =>
        fetch(`${stream.url}/page-token`, { method: "POST", headers });
      const own = await renew({ origin: stream.url });
      expect(await own.json()).toMatchObject({ token: expect.stringMatching(/^[\w-]{32}$/) });
      expect((await renew({})).status).toBe(403);
      expect((await renew({ origin: "https://desk.example" })).status).toBe(403);
    });
  });
});
