/** A replay of March 2020 as a trader sees it: over a real socket, up to the margin call. */
import { existsSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { connect } from "./client/index.ts";
import { startGateway } from "./gateway.test-kit.ts";

type Tree = { readonly [name: string]: unknown };

const file = new URL("../../shared/data/btcusd_bitstamp_2h_2012_2025.csv.gz", import.meta.url)
  .pathname;

describe.skipIf(!existsSync(file))("a replay of March 2020 (needs ../shared/data)", () => {
  it("shows perp-1 its margin call on a real socket", async () => {
    const flags = [
      "--feed",
      "replay",
      "--file",
      file,
      "--from",
      "2020-03-07",
      "--to",
      "2020-03-12",
    ];
    const gateway = await startGateway([...flags, "--speed", "43200"]);
    const client = await connect(gateway.ws, { auth: gateway.key });
    const ranges = new Set<unknown>();
    const ended = new AbortController();
    const timer = setTimeout(() => ended.abort(), 25_000);
    let status: unknown;
    const regimes = (async () => {
      for await (const { data } of client.regime("BTC", {
        interval: "raw",
        signal: ended.signal,
      })) {
        ranges.add((data as unknown as { initial: Tree }).initial["slideRange"]);
      }
    })();
    for await (const { data } of client.margin("perp-1", {
      interval: "raw",
      signal: ended.signal,
    })) {
      status = (data as Tree)["status"];
      if (status === "marginCall") break;
    }
    clearTimeout(timer);
    ended.abort();
    await regimes;
    await client.close();
    expect(await gateway.stop()).toBe(0);
    expect(status).toBe("marginCall");
    expect(ranges.size).toBeGreaterThanOrEqual(2);
  }, 40_000);
});
