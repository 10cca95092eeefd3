/**
 * One gateway a data folder, in real processes: also after a recovery, whose recheck reads the
 * folder, and when somebody removes the empty file that says who holds it.
 */
import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { connect } from "./client/index.ts";
import { type Started, startGateway } from "./gateway.test-kit.ts";

const parent = mkdtempSync(join(tmpdir(), "slidewire-one-"));
const data = join(parent, "data");
const program = new URL("./recheck-main.ts", import.meta.url).pathname;
/** A recheck of a second's list is done long before. */
const RECHECK_MS = 2_500;

afterAll(() => rmSync(parent, { recursive: true, force: true }));

const fill = (gateway: Started, idempotencyKey: string) =>
  withClient(gateway, (client) =>
    client.call("fills.apply", {
      account: "perp-1",
      idempotencyKey,
      fills: [{ instrument: "BTC_USDC-PERPETUAL", quantity: "0.001", price: "65000.5" }],
    }),
  );

async function withClient<T>(
  { ws, key }: Started,
  act: (client: Awaited<ReturnType<typeof connect>>) => Promise<T>,
): Promise<T> {
  const client = await connect(ws, { auth: key });
  try {
    return await act(client);
  } finally {
    await client.close();
  }
}

const copiesOf = (pid: number | undefined) =>
  readdirSync(tmpdir()).filter((name) => name.startsWith(`slidewire-journal-${pid}-`));

describe("two gateways on one data folder", () => {
  it("do not both run when journal.lock is removed after a recovery", async () => {
    await (await startGateway([], { data })).stop();
    expect((statSync(data).mode & 0o777).toString(8)).toBe("700");
    const first = await startGateway([], { data });
    try {
      await new Promise((done) => setTimeout(done, RECHECK_MS));
      await expect(startGateway([], { data })).rejects.toThrow("in_use");
      expect(await fill(first, "before")).toMatchObject({ durable: true });
      rmSync(join(data, "journal.lock"));
      await expect(startGateway([], { data })).rejects.toThrow("in_use");
      const refused = { code: "journal_failed" };
      await expect(fill(first, "after")).rejects.toMatchObject(refused);
    } finally {
      await first.kill();
    }
    const next = await startGateway([], { data });
    try {
      expect(await fill(next, "before")).toMatchObject({ replayed: true });
    } finally {
      expect(await next.stop()).toBe(0);
    }
  }, 60_000);
});

describe("the recheck of a folder", () => {
  it("tells the record of the regimes, and nothing when its gateway is gone", async () => {
    const told = await recheckFor(process.pid);
    expect(told).toMatchObject({ code: 0, said: [{ record: expect.any(Map) }] });
    expect(await recheckFor(1)).toMatchObject({ code: 0, said: [] });
  }, 60_000);
});

async function recheckFor(gateway: number) {
  const said: unknown[] = [];
  const child = fork(program, [data, String(gateway)], { serialization: "advanced" });
  child.on("message", (message) => said.push(message));
  const [code] = await once(child, "exit");
  expect(copiesOf(child.pid)).toEqual([]);
  return { code, said };
}
