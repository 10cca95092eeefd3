/** Keys on disk: private, replaced whole, refused when broken, and never repeated in an error. */
import { spawn } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { lockFile } from "../journal/folder-lock.ts";
import { demoRoles, openDemoKeys } from "./demo-keys.ts";
import {
  addKey,
  changeKeyFile,
  KEYS_LOCK,
  openKeyFile,
  readKeyFile,
  revokeKey,
} from "./key-file.ts";
import { joinKeys, keysOf, newKey } from "./keys.ts";

let folder = "";
let path = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "keys-"));
  path = join(folder, "keys.json");
});
afterEach(() => rmSync(folder, { recursive: true }));

const wanted = { principal: "desk", scopes: ["margin:read:*"] };

describe("a key file", () => {
  it("that is absent holds no key", () => {
    expect(readKeyFile(path)).toEqual([]);
  });

  it("keeps what was added, is private, and loses what was revoked", () => {
    const first = addKey(path, wanted);
    const second = addKey(path, { ...wanted, keyId: "second" });
    expect(readKeyFile(path)).toEqual([first, second]);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(first.secret).toMatch(/^[0-9a-f]{64}$/);
    expect(revokeKey(path, first.keyId)).toBe(true);
    expect(revokeKey(path, first.keyId)).toBe(false);
    expect(readKeyFile(path)).toEqual([second]);
  });

  it("takes no second key of an id", () => {
    addKey(path, { ...wanted, keyId: "a" });
    expect(() => addKey(path, { ...wanted, keyId: "a" })).toThrow(/conflict/);
  });

  it.each([0o640, 0o604, 0o660, 0o644])("of mode %o is refused, for others can read it", (mode) => {
    addKey(path, wanted);
    chmodSync(path, mode);
    expect(() => readKeyFile(path)).toThrow(
      expect.objectContaining({
        code: "unreadable_file",
        detail: expect.objectContaining({ found: `mode ${mode.toString(8)}` }),
      }),
    );
  });

  const secret = "5ec2e7".repeat(8);
  it.each([
    ["no JSON", `{"keys": [${secret}`],
    ["no keys", "{}"],
    ["a list", "[]"],
    ["a member too many", `{"keys": [], "more": "${secret}"}`],
    ["a key without scopes", `{"keys": [{"keyId": "a", "secret": "${secret}", "principal": "p"}]}`],
    [
      "a short secret",
      '{"keys": [{"keyId":"a","secret":"5ec2e7","principal":"p","scopes":["s"]}]}',
    ],
    [
      "a key id that no header could carry",
      `{"keys": [{"keyId":"a,b","secret":"${secret}","principal":"p","scopes":["s"]}]}`,
    ],
    [
      "a key twice",
      JSON.stringify({ keys: [1, 2].map(() => ({ keyId: "a", secret, ...wanted })) }),
    ],
  ])("with %s is refused, and no secret is repeated", (_, content) => {
    writeFileSync(path, content, { mode: 0o600 });
    let message = "";
    try {
      readKeyFile(path);
    } catch (error) {
      message = (error as Error).message;
    }
    expect(message).toContain("malformed_file");
    expect(message).not.toContain("5ec2e7");
  });

  it("that changes is read again, and one that breaks keeps what it had and says why", () => {
    const { keyId } = addKey(path, wanted);
    const keys = openKeyFile(path, { loopbackOnly: false });
    expect(keys.find(keyId)?.loopbackOnly).toBe(false);
    expect(keys.refresh()).toBeUndefined();
    writeFileSync(path, "broken");
    expect(keys.refresh()?.code).toBe("malformed_file");
    expect(keys.refresh()).toBeUndefined();
    expect(keys.find(keyId)).toBeDefined();
    rmSync(path);
    changeKeyFile(path, () => []);
    expect(keys.refresh()).toBeUndefined();
    expect(keys.find(keyId)).toBeUndefined();
  });
});

describe("a key file that cannot be changed", () => {
  it.each([
    ["written", () => mkdirSync(join(folder, "keys.json.new", "x"), { recursive: true })],
    ["read", () => mkdirSync(path, { mode: 0o700 })],
  ])("for it cannot be %s is refused by its name", (_, spoil) => {
    spoil();
    const refusal = { code: "unreadable_file", detail: expect.objectContaining({ path }) };
    expect(() => addKey(path, wanted)).toThrow(expect.objectContaining(refusal));
  });

  it("for others are at it is a conflict that may be tried again", () => {
    const { keyId } = addKey(path, wanted);
    const lock = lockFile(join(folder, KEYS_LOCK), { waitMs: 0 });
    const from = performance.now();
    try {
      expect(() => changeKeyFile(path, () => [], 200)).toThrow(
        expect.objectContaining({ code: "conflict", retryable: true }),
      );
    } finally {
      lock.release();
    }
    expect(performance.now() - from).toBeGreaterThan(150);
    expect(performance.now() - from).toBeLessThan(2_000);
    expect(readKeyFile(path)).toMatchObject([{ keyId }]);
    expect(changeKeyFile(path, () => [])).toBe(true);
  });
});

/** Runs the lines in a process of its own, beside the module of key files; answers what it says. */
function elsewhere(...lines: readonly string[]): Promise<{ code: number | null; said: string }> {
  const module = JSON.stringify(new URL("key-file.ts", import.meta.url).href);
  const script = [`import { addKey, changeKeyFile, revokeKey } from ${module};`, ...lines].join(
    "\n",
  );
  const flags = ["--input-type=module", "--disable-warning=ExperimentalWarning", "--eval", script];
  const child = spawn(process.execPath, [...flags, path], { timeout: 30_000 });
  let said = "";
  child.stdout.on("data", (chunk: Buffer) => (said += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (said += chunk.toString()));
  return new Promise((resolve) => child.on("close", (code) => resolve({ code, said })));
}

describe("a key file that several processes change at once", () => {
  it("keeps every key that was made, and none that was revoked", { timeout: 60_000 }, async () => {
    const old = Array.from({ length: 12 }, (_, i) =>
      addKey(path, { ...wanted, keyId: `old-${i}` }),
    );
    const all = old.map(({ keyId }) =>
      elsewhere(
        `const [path, wanted] = [process.argv[1], ${JSON.stringify(wanted)}];`,
        `for (const i of [1, 2, 3]) addKey(path, { ...wanted, keyId: "${keyId}-" + i });`,
        `if (!revokeKey(path, "${keyId}")) process.exit(1);`,
      ),
    );
    expect(await Promise.all(all)).toEqual(all.map(() => ({ code: 0, said: "" })));
    const made = old.flatMap(({ keyId }) => [1, 2, 3].map((i) => `${keyId}-${i}`));
    expect(new Set(readKeyFile(path).map(({ keyId }) => keyId))).toEqual(new Set(made));
    expect(readdirSync(folder).sort()).toEqual(["keys.json", KEYS_LOCK]);
  });

  it("is free again when a process was killed in the midst of a change", async () => {
    const { code } = await elsewhere(
      "changeKeyFile(process.argv[1], (keys) => process.kill(process.pid, 'SIGKILL') && keys);",
    );
    expect(code).toBeNull();
    expect(existsSync(join(folder, KEYS_LOCK))).toBe(true);
    expect(addKey(path, wanted)).toMatchObject(wanted);
  });
});

describe("joined keys", () => {
  it("answer from the first source that knows a key, and refresh all of them", () => {
    const a = { ...newKey({ ...wanted, keyId: "a" }), loopbackOnly: true };
    const b = { ...newKey({ ...wanted, keyId: "b" }), loopbackOnly: true };
    const keys = joinKeys([keysOf([a]), keysOf([b, { ...a, principal: "other" }])]);
    expect(keys.find("a")?.principal).toBe("desk");
    expect(keys.find("b")).toBe(b);
    expect(keys.find("c")).toBeUndefined();
    expect(keys.refresh()).toBeUndefined();
  });
});

describe("demo keys", () => {
  it("are made once, one for each role, and are good on loopback only", () => {
    const demo = join(folder, "demo-keys.json");
    const keys = openDemoKeys(demo);
    const written = readFileSync(demo, "utf8");
    expect(statSync(demo).mode & 0o777).toBe(0o600);
    for (const { keyId, scopes } of demoRoles) {
      expect(keys.find(keyId)).toMatchObject({ scopes, loopbackOnly: true });
    }
    openDemoKeys(demo);
    expect(readFileSync(demo, "utf8")).toBe(written);
  });

  it("hold the scopes of their role and no other: proposing and approving are apart", () => {
    const holders = (scope: string) =>
      demoRoles
        .filter((r) => (r.scopes as readonly string[]).includes(scope))
        .map((r) => r.principal);
    expect(holders("regime:propose")).toEqual(["quant-a"]);
    expect(holders("regime:approve")).toEqual(["quant-b"]);
    expect(holders("marks:write")).toEqual(["feed"]);
    expect(holders("admin")).toEqual(["ops"]);
  });
});
