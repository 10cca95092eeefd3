/**
 * The installed package as a stranger meets it, on the Node that runs this file: serve, subscribe,
 * export a book, compute it again offline; write, be killed, go on, replay, stop.
 *
 *      node smoke.mjs FOLDER      a folder with node_modules/slidewire, installed without tools
 *
 * Prints a line for each step, `ok …` or `not ok …`; the exit code is 1 when any failed. Plain
 * JavaScript, so that nothing but the package and Node is needed.
 */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

const READY_MS = 60_000;
const FRAME_MS = 20_000;
const STOP_MS = 20_000;
const ACCOUNT = "perp-1";

const root = join(resolve(process.argv[2] ?? "."), "node_modules", "slidewire");
const bin = join(root, "dist", "gateway", "main.js");
const label = `node ${process.versions.node.split(".")[0]}`;
let failed = 0;

/** Runs a step and says how it went; later steps are pointless when it throws. */
async function step(title, act) {
  try {
    const found = await act();
    process.stdout.write(`ok ${label}: ${title}\n`);
    return found;
  } catch (error) {
    failed += 1;
    process.stdout.write(`not ok ${label}: ${title}: ${String(error?.message ?? error)}\n`);
    throw error;
  }
}

function expect(holds, what) {
  if (!holds) throw new Error(`expected ${what}`);
}

function within(ms, what, promise) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no ${what} within ${ms} ms`)), ms);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** Paths at which two trees differ, numbers by their bits. */
function differences(a, b, path = "") {
  if (a === null || b === null || typeof a !== "object" || typeof b !== "object") {
    return Object.is(a, b) ? [] : [`${path}: ${String(a)} is not ${String(b)}`];
  }
  const names = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...names].flatMap((name) => differences(a[name], b[name], `${path}.${name}`));
}

async function started(child) {
  let said = "";
  child.stderr.on("data", (chunk) => {
    said = (said + chunk).slice(-2_000);
  });
  const line = new Promise((done, reject) => {
    createInterface({ input: child.stdout }).once("line", done);
    child.once("exit", (code) => reject(new Error(`it ended with ${code}: ${said.trim()}`)));
  });
  const ready = JSON.parse(await within(READY_MS, "ready line", line));
  expect(ready.event === "ready" && ready.nodeVersion === process.versions.node, "this Node");
  return ready;
}

async function firstFrame(client) {
  const channel = client.margin(ACCOUNT, { interval: "100ms" });
  for await (const frame of channel) {
    expect(frame.channel === `margin.${ACCOUNT}.100ms`, "a frame of the channel");
    expect(frame.data.account === ACCOUNT, `the account ${ACCOUNT}`);
    expect(Number.isFinite(frame.data.initialMargin), "a finite initial margin");
    if (frame.type === "update") return frame;
  }
  throw new Error("the channel ended");
}

async function exported(url, key, authorization) {
  const path = `/v1/accounts/${ACCOUNT}/book`;
  const signed = await authorization(key, { method: path, params: {} }, Date.now());
  const answer = await fetch(url + path, { headers: { authorization: signed } });
  expect(answer.status === 200, `status 200, found ${answer.status}`);
  return answer.json();
}

function recomputed({ book, statement }) {
  const asked = ["margin", "-", "--json", "--raw"];
  const input = JSON.stringify(book);
  const { status, stdout, stderr } = spawnSync(process.execPath, [bin, ...asked], {
    input,
    maxBuffer: 1 << 28,
    timeout: READY_MS,
  });
  expect(status === 0, `exit code 0, found ${status}: ${stderr}`);
  // Only the gateway knows turn numbers and the ages of marks.
  const live = (tree) => ({ ...tree, turn: null, marks: { ...tree.marks, oldestAgeMs: null } });
  const offline = JSON.parse(stdout.toString());
  const found = differences({ ...live(statement), raw: live(statement.raw) }, offline);
  expect(found.length === 0, `equal bits: ${found.slice(0, 3).join("; ")}`);
}

async function stopped(child) {
  const ended = once(child, "exit");
  child.kill("SIGTERM");
  const [code, signal] = await within(STOP_MS, "end after SIGTERM", ended);
  expect(code === 0, `exit code 0, found ${code ?? signal}`);
}

const fill = {
  account: ACCOUNT,
  idempotencyKey: "smoke-1",
  fills: [{ instrument: "BTC_USDC-PERPETUAL", quantity: "0.01", price: "65000" }],
};

/** Runs a verb that answers one line of JSON. */
function answered(...args) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [bin, ...args], {
    timeout: READY_MS,
  });
  expect(status === 0, `exit code 0 of ${args[0]}, found ${status}: ${stderr}`);
  return JSON.parse(stdout.toString());
}

function launched() {
  child = spawn(process.execPath, [bin, ...serve], { stdio: ["ignore", "pipe", "pipe"] });
  return started(child);
}

const data = mkdtempSync(join(tmpdir(), "slidewire-smoke-"));
const serve = ["serve", "--port", "0", "--data", data, "--ready-json"];
let child;
process.once("exit", () => {
  child?.kill("SIGKILL");
  rmSync(data, { recursive: true, force: true });
});

try {
  const ready = await step("the package serves", launched);
  await step(`it is healthy and ready, over ${ready.transport}`, async () => {
    for (const path of ["/healthz", "/readyz"]) {
      const { status } = await fetch(ready.url + path);
      expect(status === 200, `${path} 200, found ${status}`);
    }
  });
  const file = join(root, "dist", "gateway", "client", "index.js");
  const { connect, authorization } = await import(pathToFileURL(file).href);
  const [key] = JSON.parse(readFileSync(ready.demoKeys, "utf8")).keys;
  const client = await connect(ready.url, { auth: key });
  await step(`margin.${ACCOUNT}.100ms streams`, () =>
    within(FRAME_MS, "frame", firstFrame(client)),
  );
  await step("an exported book gives its statement again, bit for bit", async () =>
    recomputed(await exported(ready.url, key, authorization)),
  );
  const applied = await step("a fill is on disk when it is answered", async () => {
    const answer = await client.call("fills.apply", fill);
    expect(answer.durable && !answer.replayed, "a durable answer");
    return answer;
  });
  child.kill("SIGKILL");
  await client.close();
  const again = await step("it starts again after kill -9", launched);
  await step("and knows the fill by its key, under its number", async () => {
    const next = await connect(again.url, { auth: key });
    const answer = await within(FRAME_MS, "answer", next.call("fills.apply", fill));
    await next.close();
    expect(answer.replayed && answer.seq === applied.seq, `seq ${applied.seq} replayed`);
    expect(answer.lineage === applied.lineage, "the same lineage");
  });
  await step("it ends on SIGTERM", () => stopped(child));
  await step("its journal is what was written", () =>
    expect(answered("journal", "verify", data, "--json").ok === true, "ok"),
  );
  await step("and replays to one state", () => {
    const hashes = [0, 1].map(() => answered("replay", data, "--state-hash").stateHash);
    expect(/^[0-9a-f]{64}$/.test(hashes[0]) && hashes[0] === hashes[1], "the same hash twice");
  });
} catch (error) {
  if (failed === 0) {
    failed = 1;
    process.stdout.write(`not ok ${label}: ${String(error?.message ?? error)}\n`);
  }
}
process.exit(failed === 0 ? 0 : 1);
