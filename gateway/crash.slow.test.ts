/**
 * A gateway that is killed again and again while it is written to: what it acknowledged is there.
 *
 *      SLIDEWIRE_ROUNDS=100 SLIDEWIRE_SLOW=1 npx vitest run gateway/crash
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type Client, connect } from "./client/index.ts";
import { type Started, startGateway } from "./gateway.test-kit.ts";

const ROUNDS = Number(process.env["SLIDEWIRE_ROUNDS"] ?? 10);
const WRITERS = 8;
const main = new URL("./main.ts", import.meta.url).pathname;

interface Acknowledged {
  readonly key: string;
  readonly seq: number;
  readonly version: number;
}

const fillOf = (idempotencyKey: string) => ({
  account: "perp-1",
  idempotencyKey,
  fills: [{ instrument: "BTC_USDC-PERPETUAL", quantity: "0.001", price: "65000.5" }],
});

/** Writes one fill after the other until the line is cut; what was answered, and what was sent. */
async function write(client: Client, prefix: string, acks: Acknowledged[], sent: string[]) {
  for (let i = 0; ; i++) {
    const key = `${prefix}-${i}`;
    sent.push(key);
    const { seq, version, durable } = (await client.call("fills.apply", fillOf(key))) as never as {
      seq: number;
      version: number;
      durable: boolean;
    };
    expect(durable).toBe(true);
    acks.push({ key, seq, version });
  }
}

interface Perp {
  readonly version: number;
  readonly positions: readonly { readonly instrument: string; readonly quantity: string }[];
}

const perpOf = async (client: Client) =>
  (await client.call("positions.get", { account: "perp-1" })) as never as Perp;

const run = (...args: string[]) =>
  JSON.parse(execFileSync(process.execPath, [main, ...args], { encoding: "utf8" })) as never as {
    readonly stateHash: string;
    readonly ok: boolean;
  };

describe(`killed ${ROUNDS} times in the middle of writing`, () => {
  it("has every acknowledged fill once, under the number it was acknowledged with", async () => {
    const data = mkdtempSync(join(tmpdir(), "slidewire-crash-"));
    const acks: Acknowledged[] = [];
    const sent: string[] = [];
    let gateway: Started = await startGateway([], { data });
    try {
      for (let round = 0; round < ROUNDS; round++) {
        const client = await connect(gateway.ws, { auth: gateway.key });
        const writing = Array.from({ length: WRITERS }, (_, i) =>
          write(client, `${round}-${i}`, acks, sent).catch(() => undefined),
        );
        // Another moment in every round, from the first answer to some hundred writes.
        await new Promise((resolve) => setTimeout(resolve, 60 + ((round * 137) % 400)));
        await gateway.kill();
        await client.close();
        await Promise.all(writing);
        gateway = await startGateway([], { data });
      }
      expect(acks.length).toBeGreaterThan(ROUNDS);
      expect(new Set(acks.map(({ seq }) => seq)).size).toBe(acks.length);
      const client = await connect(gateway.ws, { auth: gateway.key });
      for (const { key, seq, version } of acks.slice(-500)) {
        const again = await client.call("fills.apply", fillOf(key));
        expect(again).toMatchObject({ seq, version, replayed: true });
      }
      const { version, positions } = await perpOf(client);
      const perp = positions.find(({ instrument }) => instrument === "BTC_USDC-PERPETUAL")!;
      await client.close();
      // Three commands opened the account; each fill since then is 0.001 and one version.
      const filled = version - 3;
      expect(filled).toBeGreaterThanOrEqual(acks.length);
      expect(filled).toBeLessThanOrEqual(sent.length);
      expect(Math.round(1_000 * Number(perp.quantity))).toBe(openedWith(data) + filled);
      await gateway.stop();
      expect(run("journal", "verify", data, "--json").ok).toBe(true);
      const [first, second] = [0, 1].map(() => run("replay", data, "--state-hash").stateHash);
      expect(first).toBe(second);
    } finally {
      await gateway.kill();
      rmSync(data, { recursive: true, force: true });
    }
  }, 600_000);
});

/** Thousandths of a contract that the account was opened with. */
function openedWith(data: string): number {
  const lines = execFileSync(process.execPath, [main, "journal", "export", data], {
    encoding: "utf8",
    maxBuffer: 1 << 30,
  });
  const first = lines
    .split("\n")
    .filter((line) => line.includes('"kind":"Fill"') && line.includes('"chain":"account"'))
    .map(
      (line) => JSON.parse(line) as { command: { account: string; fills: { quantity: string }[] } },
    )
    .find(({ command }) => command.account === "perp-1")!;
  return Math.round(1_000 * Number(first.command.fills[0]!.quantity));
}
