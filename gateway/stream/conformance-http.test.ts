/** What every transport must do with plain HTTP and with its port, asked of both. */
import { afterEach, describe, expect, it } from "vitest";
import { opcodes, rawHttp } from "./raw-client.test-kit.ts";
import { openBench, type Port, sleep, transportCases, until } from "./transports.test-kit.ts";

const { text } = opcodes;

describe.each(transportCases)("transport $title", ({ transport }) => {
  const { open, join, clear } = openBench(transport);
  afterEach(clear);
  const cases = it.skipIf(transport === undefined);

  describe("plain HTTP", () => {
    const heardOf = async (port: Port, path: string, init: RequestInit = {}) => {
      const response = await fetch(`http://127.0.0.1:${port.number}${path}`, init);
      return { response, heard: (await response.json()) as Record<string, unknown> };
    };

    cases("hands over the request as it was sent, and answers later if need be", async () => {
      const port = await open();
      const { response, heard } = await heardOf(port, "/v1/a%2Fb/book?x=1&y=%20", {
        method: "POST",
        headers: { "X-Own": "A" },
        body: "{}",
      });
      expect(response.headers.get("x-answered")).toBe("yes");
      expect(heard).toMatchObject({
        method: "POST",
        path: "/v1/a%2Fb/book",
        query: "x=1&y=%20",
        body: "{}",
        remoteAddress: "127.0.0.1",
        headers: { "x-own": "A", host: `127.0.0.1:${port.number}` },
      });
    });

    cases("takes a body up to its limit, in pieces too, and refuses one byte more", async () => {
      const port = await open();
      const body = "x".repeat(65_536);
      const { heard } = await heardOf(port, "/", { method: "POST", body });
      expect((heard["body"] as string).length).toBe(65_536);
      const chunked = await rawHttp(
        port.number,
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n" +
          "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n",
      );
      expect(chunked).toContain('"body":"abcde"');
      const refused = await fetch(`http://127.0.0.1:${port.number}/`, {
        method: "POST",
        body: `${body}x`,
      });
      expect(refused.status).toBe(413);
    });

    cases("answers HEAD without a body", async () => {
      const port = await open();
      const answer = await rawHttp(
        port.number,
        "HEAD / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
      );
      expect(answer).toMatch(/^HTTP\/1.1 200 OK\r\n/);
      expect(answer.endsWith("\r\n\r\n")).toBe(true);
    });

    cases("answers bytes as they are", async () => {
      const body = Uint8Array.from({ length: 256 }, (_, i) => i);
      const port = await open({ http: () => ({ status: 200, body }) });
      const response = await fetch(`http://127.0.0.1:${port.number}/`);
      expect(new Uint8Array(await response.arrayBuffer())).toEqual(body);
    });

    cases("survives whoever leaves before the answer is there", async () => {
      let answered = 0;
      const port = await open({
        async http() {
          await sleep(30);
          answered += 1;
          return { status: 200, body: "late" };
        },
      });
      for (let i = 0; i < 20; i++) {
        const gone = new AbortController();
        const asked = fetch(`http://127.0.0.1:${port.number}/`, { signal: gone.signal });
        setTimeout(() => gone.abort(), 10);
        await expect(asked).rejects.toThrow();
      }
      await until(() => answered === 20);
      expect(port.faults).toEqual([]);
      expect((await fetch(`http://127.0.0.1:${port.number}/`)).status).toBe(200);
    });

    cases("answers what is no HTTP with an error, and lives", async () => {
      const port = await open();
      for (const noise of [
        "\u0000\u0001\u0002\r\n\r\n",
        "G E T /\r\n\r\n",
        "GET / HTTP/9.9\r\n\r\n",
      ]) {
        const answer = await rawHttp(port.number, noise);
        expect(answer === "" || /^HTTP\/1.1 [45]/.test(answer)).toBe(true);
      }
      expect((await fetch(`http://127.0.0.1:${port.number}/`)).status).toBe(200);
    });
  });

  describe("a port", () => {
    cases("that is taken is refused by its name", async () => {
      const port = await open();
      await expect(open({ port: port.number })).rejects.toMatchObject({ code: "port_taken" });
    });

    cases("of an address that is not this machine's is refused for that", async () => {
      await expect(open({ host: "192.0.2.1", port: 8787 })).rejects.toMatchObject({
        code: "out_of_bounds",
        detail: { path: "host", found: "EADDRNOTAVAIL" },
      });
    });

    cases("that stops accepting keeps who is there and takes nobody else", async () => {
      const port = await open();
      const client = await join(port);
      port.listener.stopAccepting();
      port.listener.stopAccepting();
      client.send({ opcode: text, payload: "still" });
      expect((await client.next())?.payload.toString()).toBe("still");
      await expect(fetch(`http://127.0.0.1:${port.number}/`)).rejects.toThrow();
    });

    cases("that closes ends everyone and is free again", async () => {
      const free = await open();
      await free.listener.close();
      const port = await open({ port: free.number });
      const client = await join(port);
      await port.listener.close();
      expect(await client.closed()).toBe(1006);
      const again = await open({ port: port.number });
      expect(again.number).toBe(port.number);
    });
  });
});
