/**
 * Who sends slowly, and who is merely silent: the first is cut, the second is left alone. These
 * wait in real time, so they have a file of their own and run side by side.
 */
import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { opcodes, rawConnect } from "./raw-client.test-kit.ts";
import { openPort, type Port, sleep, transportCases } from "./transports.test-kit.ts";

/** What the port allows a request. */
const REQUEST_MS = 1_000;
/** uWebSockets.js cuts half a header after ten seconds of its own, looking every four. */
const HEADER_MS = { ws: 3_000, uws: 15_000 };
const BODY_MS = 3_000;
const SENDERS = 50;

describe.concurrent.each(transportCases)("slow senders on $title", ({ transport }) => {
  let port: Port | undefined;
  beforeAll(async () => {
    port = transport && (await openPort(transport, { requestMs: REQUEST_MS }));
  });
  afterAll(() => port?.listener.close());
  const cases = it.skipIf(transport === undefined).concurrent;

  cases("are cut in the middle of a header, however steadily they drip", async () => {
    const ages = await dripFrom(port!.number, "GET / HTTP/1.1\r\nHost: a\r\n", "X-a: b\r\n");
    expect(Math.max(...ages)).toBeLessThan(HEADER_MS[transport!.name]);
  });

  cases("are cut in the middle of a body", async () => {
    const head = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 60000\r\n\r\n";
    const ages = await dripFrom(port!.number, head, "x");
    expect(Math.max(...ages)).toBeLessThan(BODY_MS);
  });

  cases("do not touch a WebSocket that is silent for longer than all of them", async () => {
    const client = await rawConnect(port!.number);
    await sleep(13_000);
    client.send({ opcode: opcodes.text, payload: "still here" });
    expect((await client.next())?.payload.toString()).toBe("still here");
    client.destroy();
  });
});

/**
 * Opens fifty connections that send `start` and then `drop` twice a second; their ages when cut.
 */
function dripFrom(port: number, start: string, drop: string): Promise<number[]> {
  const one = () =>
    new Promise<number>((resolve) => {
      const tcp = connect(port, "127.0.0.1");
      const openedAtMs = performance.now();
      const drip = setInterval(() => tcp.write(drop), 500);
      tcp.write(start);
      tcp.resume();
      tcp.on("error", () => {});
      tcp.on("close", () => {
        clearInterval(drip);
        resolve(performance.now() - openedAtMs);
      });
    });
  return Promise.all(Array.from({ length: SENDERS }, one));
}
