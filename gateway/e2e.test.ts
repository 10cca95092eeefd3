/**
 * The whole path with real processes and real sockets: what a stranger sees, and what can be
 * proved.
 */
import { execFileSync } from "node:child_process";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Client, connect } from "./client/index.ts";
import { demoAccounts } from "./demo/accounts.ts";
import { type Started, startGateway } from "./gateway.test-kit.ts";

type Tree = { readonly [name: string]: unknown };

const main = new URL("./main.ts", import.meta.url).pathname;

/** Paths at which two trees differ, floats by their bits. */
function differences(a: unknown, b: unknown, path = ""): string[] {
  if (a === null || b === null || typeof a !== "object" || typeof b !== "object") {
    return Object.is(a, b) ? [] : [`${path}: ${String(a)} is not ${String(b)}`];
  }
  const names = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...names].flatMap((name) =>
    differences((a as Tree)[name], (b as Tree)[name], `${path}.${name}`),
  );
}

describe("a running gateway", () => {
  let gateway: Started;
  let client: Client;
  beforeAll(async () => {
    gateway = await startGateway(["--speed", "120", "--seed", "7"]);
    client = await connect(gateway.ws, { auth: gateway.key });
  }, 40_000);
  afterAll(async () => {
    await client?.close();
    expect(await gateway?.stop()).toBe(0);
  });

  it("is ready, and lists the demo accounts' instruments", async () => {
    expect((await fetch(`${gateway.url}/healthz`)).status).toBe(200);
    expect((await fetch(`${gateway.url}/readyz`)).status).toBe(200);
    const { instruments } = (await client.call("instruments", { limit: 1000 })) as {
      instruments: Tree[];
    };
    expect(instruments.length).toBeGreaterThan(450);
  });

  it("streams margins that move with the market, gapless, for every account", async () => {
    const frames = new Map<string, Tree[]>();
    const ended = new AbortController();
    setTimeout(() => ended.abort(), 4000);
    await Promise.all(
      demoAccounts.map(async (account) => {
        const seen: Tree[] = [];
        frames.set(account, seen);
        let seq = 0;
        const stream = client.margin(account, { interval: "raw", signal: ended.signal });
        for await (const frame of stream) {
          expect(frame.seq).toBeGreaterThan(seq);
          seq = frame.seq;
          seen.push(frame.data as Tree);
        }
      }),
    );
    for (const [account, seen] of frames) {
      const moved = new Set(seen.map((figures) => (figures["equity"] as Tree)["maintenance"]));
      expect([account, seen.length > 20, moved.size > 10]).toEqual([account, true, true]);
      for (const figures of seen) expect(figures["initialMargin"]).toBeTypeOf("number");
    }
  });

  it("streams the regime behind them", async () => {
    for await (const { data } of client.regime("BTC", { interval: "raw" })) {
      const { initial, volScale, label, k } = data as unknown as Tree;
      expect((initial as Tree)["slideRange"]).toBeGreaterThan(0.05);
      expect(volScale).toBeTypeOf("number");
      expect(k).toBeTypeOf("number");
      expect(["calm", "normal", "elevated", "stress"]).toContain(label);
      break;
    }
  });

  it("exports books that recompute bit for bit, all of them in one go", async () => {
    const paths = demoAccounts.map((account) => `/v1/accounts/${account}/book`);
    const exports = (await Promise.all(paths.map((path) => gateway.get(path)))) as {
      readonly book: unknown;
      readonly statement: Tree;
    }[];
    const answer = execFileSync(process.execPath, [main, "margin", "-", "--json", "--raw"], {
      input: exports.map(({ book }) => JSON.stringify(book)).join("\n"),
      maxBuffer: 1 << 28,
    });
    const lines = answer.toString().trimEnd().split("\n");
    expect(lines).toHaveLength(demoAccounts.length);
    // Only the gateway knows turn numbers and the times of marks.
    const live = (tree: Tree): Tree => ({
      ...tree,
      turn: null,
      marks: { ...(tree["marks"] as Tree), oldestAgeMs: null },
    });
    for (const [i, { statement }] of exports.entries()) {
      const offline = JSON.parse(lines[i]!) as Tree;
      expect(differences(live(statement["raw"] as Tree), offline["raw"])).toEqual([]);
      const { raw: _live, ...rounded } = live(statement);
      const { raw: _offline, ...expected } = offline;
      expect(differences(rounded, expected)).toEqual([]);
    }
  });

  it("streams the very figures that the exported book gives", async () => {
    const streamed = new Map<number, Tree>();
    const ended = new AbortController();
    const reading = (async () => {
      const stream = client.margin("condor-1", { interval: "raw", signal: ended.signal });
      for await (const { data } of stream)
        streamed.set((data as Tree)["turn"] as number, data as Tree);
    })();
    let compared = 0;
    for (let i = 0; i < 20; i++) {
      const { statement } = (await gateway.get("/v1/accounts/condor-1/book")) as {
        statement: Tree;
      };
      await new Promise((resolve) => setTimeout(resolve, 50));
      const raw = statement["raw"] as Tree;
      const frame = streamed.get(raw["turn"] as number);
      if (frame === undefined) continue;
      compared += 1;
      const { explain: _e, liquidationPrice: _slow, perUnderlying, grids, ...figures } = raw;
      const parts = (perUnderlying as Tree[]).map(({ scenarioPnl: _pnl, ...part }) => part);
      const ranges = Object.entries(grids as Tree).map(([id, grid]) => {
        const { evidence: _evidence, ...range } = grid as Tree;
        return [id, range];
      });
      const fast = { ...figures, perUnderlying: parts, grids: Object.fromEntries(ranges) };
      expect(differences(fast, frame)).toEqual([]);
    }
    ended.abort();
    await reading;
    expect(compared).toBeGreaterThan(5);
  });

  it("answers an unknown account and a forbidden one alike, and lives on", async () => {
    const refused = async (account: string) =>
      client.call("margin.get", { account }).then(
        () => "answered",
        (error: { code?: string }) => error.code,
      );
    expect(await refused("nobody")).toBe("unknown_account");
    expect(await refused("x".repeat(64))).toBe("unknown_account");
    expect(await client.call("ping", {})).toBeDefined();
  });
});
