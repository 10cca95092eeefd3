/** What a start says of snapshots that it must not believe, and what it does about them. */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startGateway } from "./gateway.test-kit.ts";
import { openFolder } from "./journal/folder.ts";
import { decodeSnapshot } from "./journal/snapshot-file.ts";
import { openSnapshots } from "./journal/snapshots.ts";

const main = new URL("./main.ts", import.meta.url).pathname;
let root: string;
let data: string;
const folder = () => join(data, "snapshots");
const snapshots = () => readdirSync(folder()).sort();

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "slidewire-distrust-"));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** A folder in which a gateway ran twice, so that it has two snapshots. */
async function ranTwice(name: string): Promise<void> {
  data = join(root, name);
  for (let i = 0; i < 2; i++) {
    const gateway = await startGateway([], { data });
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(await gateway.stop()).toBe(0);
  }
}

const serve = () =>
  spawnSync(process.execPath, [main, "serve", "--port", "0", "--data", data, "--ready-json"], {
    encoding: "utf8",
    timeout: 20_000,
    killSignal: "SIGTERM",
  });

describe("a start", () => {
  it("ends at a snapshot that the list does not give, puts it aside, and keeps none", async () => {
    await ranTwice("wrong");
    const newest = snapshots().at(-1)!;
    const { state, regimes, pairs } = decodeSnapshot(newest, readFileSync(join(folder(), newest)));
    const account = state.accounts.get("perp-1")!;
    state.accounts.set("perp-1", { ...account, version: account.version + 7 });
    rmSync(join(folder(), newest));
    await openSnapshots(openFolder(folder())).take({ state, regimes, pairs });
    const before = snapshots();
    const { status, stderr } = serve();
    expect(status).toBe(1);
    expect(stderr).toContain(`put aside ${newest}`);
    expect(stderr).toMatch(/invariant_broken/);
    expect(stderr).not.toMatch(/replay has ended/);
    expect(snapshots()).toEqual([...before.slice(0, -1), `${newest}.wrong`]);
    const again = await startGateway([], { data });
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    expect(await again.stop()).toBe(0);
  }, 60_000);

  it("says which snapshot it passed over, and why", async () => {
    await ranTwice("flipped");
    const newest = join(folder(), snapshots().at(-1)!);
    const bytes = readFileSync(newest);
    bytes[500]! ^= 4;
    writeFileSync(newest, bytes);
    const { stderr } = spawnSync(
      "timeout",
      ["-s", "TERM", "6", process.execPath, main, "serve", "--port", "0", "--data", data],
      { encoding: "utf8" },
    );
    expect(stderr).toMatch(/passed over a snapshot: malformed_file: snapshot-\d+\.bin/);
  }, 60_000);

  it("refuses a folder whose journal is gone while its snapshots are there", async () => {
    await ranTwice("gone");
    for (const name of readdirSync(data)) {
      if (name.startsWith("journal") || name === "turns")
        rmSync(join(data, name), { recursive: true });
    }
    for (let i = 0; i < 2; i++) {
      const { status, stdout, stderr } = serve();
      expect([status, stdout]).toEqual([2, ""]);
      expect(stderr).toMatch(/corrupt: journal.*snapshot-\d+\.bin holds/);
    }
    expect(() => execFileSync(process.execPath, [main, "replay", data])).toThrow();
  }, 60_000);
});
