/** Keys made, listed and revoked on the command line, and a running stream that takes them up. */
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { runCli } from "../cli.ts";
import { connect } from "../client/index.ts";
import { openDemoKeys } from "../control/demo-keys.ts";
import { openKeyFile } from "../control/key-file.ts";
import { joinKeys } from "../control/keys.ts";
import { roles } from "../control/roles.ts";
import { holds, mayRead } from "../control/scopes.ts";
import { fakeBoard } from "../stream/board.test-kit.ts";
import { openStream } from "../stream/serve.ts";
import { flagSpecs } from "./verb.ts";

let data: string;
let out: string;
let err: string;
beforeEach(() => {
  data = join(mkdtempSync(join(tmpdir(), "slidewire-keys-")), "data");
  out = "";
  err = "";
  vi.spyOn(process.stdout, "write").mockImplementation((text) => {
    out += String(text);
    return true;
  });
  vi.spyOn(process.stderr, "write").mockImplementation((text) => {
    // Node warns of the many commands in one process, among other things.
    if (String(text).startsWith("{")) err += String(text);
    return true;
  });
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(join(data, ".."), { recursive: true, force: true });
});

/** Runs `keys …` on the folder; answers the exit code and what was said. */
async function keys(...args: readonly string[]) {
  out = "";
  err = "";
  const code = await runCli(["keys", ...args, "--data", data], {});
  return { code, out, err };
}
const made = async (scopes: string) => {
  const { out: text } = await keys("new", "--principal", "desk-a", "--scopes", scopes, "--json");
  return JSON.parse(text) as { keyId: string; secret: string; scopes: string[] };
};

describe("slidewire keys", () => {
  it("makes a key in a new folder, mode 0600, and shows its secret once", async () => {
    const key = await made("trader,simulate,admin");
    expect(key.secret).toMatch(/^[0-9a-f]{64}$/);
    expect(key.scopes).toEqual([...roles.trader, "admin"]);
    const file = join(data, "keys.json");
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readFileSync(file, "utf8")).toContain(key.secret);
    for (const args of [["list"], ["list", "--json"], ["revoke", key.keyId]]) {
      const said = await keys(...args);
      expect(said).toMatchObject({ code: 0 });
      expect(said.out).toContain(key.keyId);
      expect(said.out).not.toContain(key.secret);
    }
  });

  it("makes a key of one account, by the example of the flag", async () => {
    const [example] = /positions:write\S+$/.exec(flagSpecs.scopes.meaning)!;
    const { scopes, ...key } = await made(example);
    const caller = { ...key, principal: "desk-a", scopes };
    expect([mayRead(caller, "mm-1"), mayRead(caller, "mm-2")]).toEqual([true, false]);
    expect(holds(caller, "positions:write")).toBe(true);
    expect(readFileSync("docs/doors.md", "utf8")).toContain(`--scopes ${example}`);
  });

  it("lists nothing where there is nothing, and makes nothing by it", async () => {
    expect(JSON.parse((await keys("list", "--json")).out)).toEqual({ keys: [] });
    expect(existsSync(data)).toBe(false);
  });

  it("revokes once, and says so when there is nothing to revoke", async () => {
    const { keyId } = await made("viewer");
    expect((await keys("revoke", keyId)).code).toBe(0);
    const again = await keys("revoke", keyId, "--json");
    expect(again.code).toBe(2);
    expect(JSON.parse(again.err)).toMatchObject({
      error: { code: "unknown_value", found: JSON.stringify(keyId) },
    });
  });

  it.each([
    ["no principal", ["new", "--scopes", "trader"], "missing_field"],
    ["no scopes", ["new", "--principal", "a"], "missing_field"],
    [
      "a misspelt scope",
      ["new", "--principal", "a", "--scopes", "positions:wirte"],
      "unknown_value",
    ],
    [
      "an account beside a role that reads them all",
      ["new", "--principal", "a", "--scopes", "trader,margin:read:mm-1"],
      "unsupported",
    ],
    [
      "a role that reads all accounts beside one of them",
      ["new", "--principal", "a", "--scopes", "margin:read:mm-1,viewer"],
      "unsupported",
    ],
    ["an empty scope", ["new", "--principal", "a", "--scopes", "trader,"], "unknown_value"],
    [
      "a scope of no account",
      ["new", "--principal", "a", "--scopes", "margin:read:"],
      "unknown_value",
    ],
    [
      "a name of the prototype",
      ["new", "--principal", "a", "--scopes", "toString"],
      "unknown_value",
    ],
    ["another verb", ["rotate"], "unknown_command"],
    ["no id to revoke", ["revoke"], "unknown_command"],
    ["an id to list", ["list", "key-1"], "unknown_command"],
    ["nothing", [], "missing_field"],
  ])("refuses %s, and makes no file", async (_, args, code) => {
    const said = await keys(...args, "--json");
    expect(said.code).toBe(2);
    expect(JSON.parse(said.err)).toMatchObject({ error: { code } });
    expect(said.out).toBe("");
    expect(existsSync(join(data, "keys.json"))).toBe(false);
  });

  it("refuses a file that others may read", async () => {
    await made("viewer");
    const file = join(data, "keys.json");
    const content = readFileSync(file);
    rmSync(file);
    writeFileSync(file, content, { mode: 0o644 });
    const said = await keys("list", "--json");
    expect(JSON.parse(said.err)).toMatchObject({ error: { code: "unreadable_file" } });
  });
});

describe("slidewire keys new where nothing can be written", () => {
  it("is bad input and no fault of ours, and names the folder", async () => {
    const file = join(data, "..", "file");
    writeFileSync(file, "");
    data = join(file, "data");
    const said = await keys("new", "--principal", "a", "--scopes", "viewer", "--json");
    data = file;
    expect(said).toMatchObject({ code: 2, out: "" });
    expect(JSON.parse(said.err)).toMatchObject({
      error: { code: "unreadable_file", path: join(file, "data"), found: "ENOTDIR" },
    });
  });
});

describe("a running stream", () => {
  it("takes up a new key, and closes a revoked one's connections within a second", async () => {
    await made("viewer");
    const keyring = joinKeys([
      openDemoKeys(join(data, "demo-keys.json")),
      openKeyFile(join(data, "keys.json"), { loopbackOnly: false }),
    ]);
    const stream = await openStream({
      board: fakeBoard(),
      keys: keyring,
      transport: "ws",
      host: "127.0.0.1",
      port: 0,
      boot: "boot",
      version: "0",
    });
    try {
      const key = await made("trader");
      await new Promise((done) => setTimeout(done, 1_000));
      const states: string[] = [];
      const client = await connect(stream.url, {
        auth: key,
        onState: (state) => void states.push(state),
      });
      const demo = JSON.parse(readFileSync(join(data, "demo-keys.json"), "utf8")) as {
        keys: { keyId: string; secret: string }[];
      };
      const other = await connect(stream.url, { auth: demo.keys[0]! });
      expect((await keys("revoke", key.keyId)).code).toBe(0);
      const from = performance.now();
      while (client.state !== "closed" && performance.now() - from < 3_000) {
        await new Promise((done) => setTimeout(done, 10));
      }
      expect(states.at(-1)).toBe("closed");
      expect(performance.now() - from).toBeLessThan(1_000);
      await expect(connect(stream.url, { auth: key })).rejects.toMatchObject({
        code: "auth_failed",
      });
      expect(other.state).toBe("ready");
      await other.close();
    } finally {
      await stream.close();
    }
  });
});
