/**
 * Starts a real gateway process for the tests and stops it by its process id.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { RiskError } from "../core/errors.ts";
import { sign } from "./control/signature.ts";

export interface Started {
  readonly url: string;
  readonly ws: string;
  readonly key: { readonly keyId: string; readonly secret: string };
  /** A signed GET, its body as JSON. */
  get(path: string): Promise<unknown>;
  /** The same, as it came. */
  text(path: string): Promise<string>;
  /** SIGTERM; the exit code. The data folder is removed when it was made here. */
  stop(): Promise<number | null>;
  /** SIGKILL: what is not on disk is gone. */
  kill(): Promise<void>;
}

export interface StartOptions {
  /** A data folder of the test's own, which stays. */
  readonly data?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** How long a start may take, ms. */
const START_MS = 30_000;
const main = new URL("./main.ts", import.meta.url).pathname;

/** Runs `serve` on a free port with these further flags. */
export async function startGateway(
  flags: readonly string[] = [],
  options: StartOptions = {},
): Promise<Started> {
  const data = options.data ?? mkdtempSync(join(tmpdir(), "slidewire-"));
  const args = [main, "serve", "--port", "0", "--data", data, "--ready-json", ...flags];
  const env = { ...process.env, ...options.env };
  const child = spawn(process.execPath, args, { env, stdio: ["ignore", "pipe", "pipe"] });
  const { url, demoKeys } = await readyLine(child);
  const { keys } = JSON.parse(readFileSync(demoKeys, "utf8")) as { keys: Started["key"][] };
  const key = keys[0]!;
  return {
    url,
    ws: `${url.replace("http", "ws")}/ws`,
    key,
    get: async (path) => (await signedGet(url, path, key)).json(),
    text: async (path) => (await signedGet(url, path, key)).text(),
    async stop() {
      child.kill("SIGTERM");
      const [code] = child.exitCode === null ? await once(child, "exit") : [child.exitCode];
      if (options.data === undefined) rmSync(data, { recursive: true, force: true });
      return code as number | null;
    },
    async kill() {
      child.kill("SIGKILL");
      if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
    },
  };
}

async function readyLine(child: ChildProcess): Promise<{ url: string; demoKeys: string }> {
  const said: string[] = [];
  child.stderr!.on("data", (chunk: Buffer) => said.push(chunk.toString()));
  const timer = setTimeout(() => child.kill("SIGKILL"), START_MS);
  for await (const line of createInterface({ input: child.stdout! })) {
    clearTimeout(timer);
    return JSON.parse(line) as { url: string; demoKeys: string };
  }
  throw new RiskError("not_ready", {
    path: "serve",
    expected: "a ready line",
    found: said.join(""),
  });
}

async function signedGet(url: string, path: string, key: Started["key"]): Promise<Response> {
  const timestamp = Date.now();
  const nonce = timestamp.toString(16).padStart(16, "0") + Math.random().toString(16).slice(2, 10);
  const signature = sign(key.secret, { timestamp, nonce, method: path, params: {} });
  const parts = { keyId: key.keyId, timestamp, nonce, signature };
  const pairs = Object.entries(parts).map(([name, value]) => `${name}=${value}`);
  const authorization = `Slidewire ${pairs.join(",")}`;
  return fetch(url + path, { headers: { authorization } });
}
