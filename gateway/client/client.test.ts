/** The client against a real stream: it signs, follows, comes back, and gives up when it must. */
import { afterEach, describe, expect, it } from "vitest";
import { RiskError } from "../../core/errors.ts";
import { type Key, keysOf } from "../control/keys.ts";
import { methods } from "../protocol/methods.ts";
import { fakeBoard } from "../stream/board.test-kit.ts";
import { bind } from "../stream/calls.ts";
import { openStream, type Stream, type StreamOptions } from "../stream/serve.ts";
import { narrowKey, traderKey } from "../stream/stream.test-kit.ts";
import { sleep, until } from "../stream/transports.test-kit.ts";
import { BACKOFF_FIRST_MS, BACKOFF_MAX_MS, backoffMs } from "./backoff.ts";
import { streamUrl } from "./client.ts";
import { type Client, type ClientOptions, type ClientState, connect } from "./index.ts";

interface Figures {
  readonly equity: number;
}

const streams: Stream[] = [];
const clients: Client[] = [];
afterEach(async () => {
  for (const client of clients.splice(0)) await client.close();
  for (const stream of streams.splice(0)) await stream.close();
});

const board = fakeBoard({ accounts: ["mm-1", "mm-2"] });
board.move("mm-1", "mm-2", "BTC");

async function serve(options: Partial<StreamOptions> = {}): Promise<Stream> {
  const keys = keysOf([traderKey, narrowKey]);
  const common = { board, keys, transport: "ws", host: "127.0.0.1", port: 0 } as const;
  const stream = await openStream({ ...common, boot: "boot-1", version: "1", ...options });
  streams.push(stream);
  return stream;
}

async function join(url: string, options: ClientOptions = {}): Promise<Client> {
  const { keyId, secret } = traderKey;
  const client = await connect(url, { auth: { keyId, secret }, random: () => 0, ...options });
  clients.push(client);
  return client;
}

describe("a refusal", () => {
  it.each([true, false])("may succeed later as the gateway says: %j", async (retryable) => {
    const detail = { path: "params.x", ...(retryable ? {} : { retryable }) };
    const refused = bind(methods.regimeParams, () => {
      throw new RiskError("conflict", detail);
    });
    const client = await join((await serve({ extraMethods: [refused] })).url);
    const call = client.call("regime.params", { underlying: "BTC" });
    await expect(call).rejects.toMatchObject({ code: "conflict", detail, retryable });
  });
});

describe("a client", () => {
  it("says hello, signs, and calls", async () => {
    const client = await join((await serve()).url);
    expect(client.state).toBe("ready");
    expect(client.hello).toMatchObject({ server: "slidewire", boot: "boot-1" });
    expect(await client.call("margin.get", { account: "mm-1" })).toMatchObject({
      account: "mm-1",
    });
  });

  it("throws the gateway's refusal with its code, path and kind", async () => {
    const client = await join((await serve()).url);
    await expect(client.call("margin.get", { account: "nobody" })).rejects.toMatchObject({
      name: "RiskError",
      code: "unknown_account",
      detail: { path: "params.account" },
    });
  });

  it("follows an account and an underlying as they move", async () => {
    const client = await join((await serve()).url);
    const margin = client.margin<Figures>("mm-1", { interval: "raw" });
    const equities: number[] = [];
    for await (const { data, turn } of margin) {
      expect(data.equity).toBe(1_000 + turn);
      equities.push(data.equity);
      if (equities.length === 3) break;
      board.move("mm-1", "BTC");
    }
    expect(equities[2]! - equities[0]!).toBe(2);
    const regime = client.regime<{ label: string }>("BTC", { interval: "raw" });
    for await (const { data } of regime) {
      expect(data.label).toBe("calm");
      break;
    }
    expect([margin.gaps, regime.gaps]).toEqual([0, 0]);
  });

  it("keeps two feeds of one channel and one of all apart from each other's end", async () => {
    const client = await join((await serve()).url);
    const all = client.margin<Figures>("*", { interval: "raw" });
    await until(() => all.latestByChannel.size === 2);
    const first = client.margin<Figures>("mm-1", { interval: "raw" });
    const second = client.margin<Figures>("mm-1", { interval: "raw" });
    await until(() => second.latest !== undefined);
    await all.close();
    await first.close();
    await sleep(30);
    board.move("mm-1", "mm-2");
    await until(() => second.latest?.turn === board.turn());
    expect(second.latest?.turn).toBe(board.turn());
    expect(first.latest?.turn).toBeLessThan(board.turn());
    expect(all.latest?.turn).toBeLessThan(board.turn());
    const { channels } = (await client.call("subscriptions")) as { channels: unknown[] };
    expect(channels).toHaveLength(1);
  });

  it("ends a feed that is refused with the refusal, and lives on", async () => {
    const { keyId, secret } = narrowKey;
    const client = await join((await serve()).url, { auth: { keyId, secret } });
    await expect(client.margin("mm-2")[Symbol.asyncIterator]().next()).rejects.toThrow(
      /unknown_account/,
    );
    expect(() => client.margin("mm-1", { interval: "5ms" as "raw" })).toThrow(/unknown_channel/);
    expect(client.state).toBe("ready");
  });

  it("ends a feed, and itself, by a signal", async () => {
    const [feedEnd, clientEnd] = [new AbortController(), new AbortController()];
    const client = await join((await serve()).url, { signal: clientEnd.signal });
    const one = client.margin("mm-1", { signal: feedEnd.signal });
    const other = client.margin("mm-2");
    feedEnd.abort();
    await one[Symbol.asyncIterator]().return?.();
    expect(client.state).toBe("ready");
    clientEnd.abort();
    expect(client.state).toBe("closed");
    for await (const _ of other) await sleep(0);
    await expect(client.call("ping", {})).rejects.toThrow(/unreachable/);
    for await (const _ of client.margin("mm-1")) expect("a frame after the end").toBe("");
  });
});

describe("a client whose gateway goes", () => {
  it("comes back, signs again, and gets a snapshot of each channel once", async () => {
    const first = await serve();
    const states: ClientState[] = [];
    const client = await join(first.url, { onState: (state) => states.push(state) });
    const feed = client.margin<Figures>("mm-1", { interval: "raw" });
    await until(() => feed.latest !== undefined);
    const { port } = first;
    await first.close();
    await until(() => client.state === "connecting");
    await expect(client.call("ping", {})).rejects.toThrow(/unreachable/);
    await sleep(100);
    const second = await serve({ port, boot: "boot-2" });
    await until(() => client.state === "ready");
    await until(() => feed.latest?.epoch === "boot-2");
    expect(feed.latest).toMatchObject({ epoch: "boot-2", type: "snapshot", prev: 0 });
    expect(feed.gaps).toBe(0);
    expect(client.hello?.boot).toBe("boot-2");
    board.move("mm-1");
    await until(() => feed.latest?.turn === board.turn());
    expect(second.metrics.render()).toContain("slidewire_frames_sent_total 2\n");
    expect(states.filter((s, i) => s !== states[i - 1])).toEqual([
      "connecting",
      "ready",
      "connecting",
      "ready",
    ]);
  });

  it("gives up when its key no longer stands", async () => {
    let keys: readonly Key[] = [traderKey];
    const find = (id: string) => keys.find(({ keyId }) => keyId === id);
    const client = await join((await serve({ keys: { find, refresh: () => undefined } })).url);
    const feed = client.margin("mm-1");
    keys = [];
    await expect(
      (async () => {
        for await (const _ of feed) await sleep(0);
      })(),
    ).rejects.toThrow(/forbidden/);
    expect(client.state).toBe("closed");
  });
});

describe("connect", () => {
  it("refuses at once where nobody answers", async () => {
    const stream = await serve();
    await stream.close();
    await expect(join(stream.url)).rejects.toMatchObject({ code: "unreachable" });
  });

  it("refuses at once with a key that is not taken", async () => {
    const stream = await serve();
    const auth = { keyId: traderKey.keyId, secret: "f".repeat(32) };
    await expect(join(stream.url, { auth })).rejects.toMatchObject({ code: "auth_failed" });
  });

  it.each([
    ["http://127.0.0.1:8787", "ws://127.0.0.1:8787/ws"],
    ["https://risk.example/", "wss://risk.example/ws"],
    ["ws://127.0.0.1:8787/ws", "ws://127.0.0.1:8787/ws"],
    ["wss://risk.example/behind/a/proxy", "wss://risk.example/behind/a/proxy"],
  ])("takes %s for %s", (given, stream) => {
    expect(streamUrl(given)).toBe(stream);
  });
});

describe("backoff", () => {
  it("waits anywhere between nothing and a bound that doubles to its limit", () => {
    expect(backoffMs(0, 0)).toBe(0);
    expect([0, 1, 2, 3, 5, 6, 7, 1_000].map((attempt) => backoffMs(attempt, 1))).toEqual([
      BACKOFF_FIRST_MS,
      500,
      1_000,
      2_000,
      8_000,
      BACKOFF_MAX_MS,
      BACKOFF_MAX_MS,
      BACKOFF_MAX_MS,
    ]);
  });
});
