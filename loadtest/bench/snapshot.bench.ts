/**
 * What a snapshot of a large venue costs: to take beside the running fold, to keep, to load.
 *
 *      node loadtest/bench/snapshot.bench.ts [ACCOUNTS] [POSITIONS] [FILLS]
 *
 * 100,000 accounts with 20 positions each over the embedded market's full chain, and so many events
 * of fills (none), fixed seed; three rounds, the least and the worst of each figure. `copy` stops
 * the loop; `encode`, `write` and `take` do not, and `… block` is the longest that a timer of 1 ms
 * came late beside them, pauses of the garbage collector included. `load` is the file read, checked
 * and restored, ready for the next Turn, in a process of its own as after a restart, whose start is
 * not included; `load cpu` the processor time of that, of all threads. `JSON.parse` is what the
 * same state's JSON costs to parse alone, in the same run, without BigInts, maps or a hash. The
 * margins of the accounts, which an engine works out after that, are not included.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { EngineState } from "../../core/engine/state.ts";
import { accountDocument, stateDocument } from "../../core/engine/state-document.ts";
import { openFolder } from "../../gateway/journal/folder.ts";
import { copyOf, decodeSnapshot, encodeSnapshot } from "../../gateway/journal/snapshot-file.ts";
import { openSnapshots, type Snapshot } from "../../gateway/journal/snapshots.ts";
import { venueOf } from "./venue.ts";

const ROUNDS = 3;
const LOAD = "load";
const accountCount = Number(process.argv[2] ?? 100_000);
const positionCount = Number(process.argv[3] ?? 20);
const fillCount = Number(process.argv[4] ?? 0);

const taken = new Map<string, number[]>();

function timed<T>(name: string, act: () => T): T {
  const start = performance.now();
  const made = act();
  note(name, performance.now() - start);
  return made;
}

function note(name: string, ms: number): void {
  taken.set(name, [...(taken.get(name) ?? []), ms]);
}

/** Runs `act` beside a timer of 1 ms and notes by how much that came late at worst. */
async function beside(name: string, act: () => Promise<void>): Promise<void> {
  let last = performance.now();
  let worst = 0;
  const timer = setInterval(() => {
    const now = performance.now();
    worst = Math.max(worst, now - last - 1);
    last = now;
  }, 1);
  const start = performance.now();
  await act();
  note(name, performance.now() - start);
  worst = Math.max(worst, performance.now() - last - 1);
  clearInterval(timer);
  note(`${name} block`, worst);
}

/** The text of the accounts' JSON in pieces, for as a whole it is longer than a string can be. */
function jsonOf(state: EngineState): string[] {
  const pieces = [JSON.stringify(stateDocument({ ...state, accounts: new Map() }))];
  const all = [...state.accounts.values()];
  for (let i = 0; i < all.length; i += 10_000) {
    pieces.push(JSON.stringify(all.slice(i, i + 10_000).map(accountDocument)));
  }
  return pieces;
}

async function round(snapshot: Snapshot, path: string): Promise<number> {
  const copy = timed("copy", () => copyOf(snapshot));
  let bytes: Uint8Array = new Uint8Array();
  await beside("encode", async () => {
    bytes = await encodeSnapshot(copy, () => new Promise((done) => setImmediate(done)));
  });
  const folder = openFolder(path);
  await beside("write", async () => folder.write("plain.bin", bytes));
  await beside("take", () => openSnapshots(folder).take(snapshot));
  const loaded = spawnSync(process.execPath, [fileURLToPath(import.meta.url), LOAD, path]);
  const { ms, cpuMs } = JSON.parse(loaded.stdout.toString()) as { ms: number; cpuMs: number };
  note("load", ms);
  note("load cpu", cpuMs);
  return bytes.length;
}

async function run(): Promise<void> {
  const snapshot = await venueOf({
    accounts: accountCount,
    positions: positionCount,
    fills: fillCount,
  });
  const path = mkdtempSync(join(tmpdir(), "slidewire-snapshot-"));
  try {
    let bytes = 0;
    for (let i = 0; i < ROUNDS; i++) bytes = await round(snapshot, path);
    const json = jsonOf(snapshot.state);
    // One piece after the other: all of them together would not fit into a heap of Node's default.
    const parseAll = () => {
      for (const one of json) JSON.parse(one);
    };
    for (let i = 0; i < ROUNDS; i++) timed("JSON.parse", parseAll);
    const jsonBytes = json.reduce((sum, one) => sum + one.length, 0);
    process.stdout.write(
      `node ${process.version}, ${accountCount} accounts x ${positionCount} positions, ` +
        `${fillCount} fills, ` +
        `${(bytes / 1e6).toFixed(1)} MB, as JSON ${(jsonBytes / 1e6).toFixed(1)} MB\n`,
    );
    for (const [name, ms] of taken) {
      const [least, worst] = [Math.min(...ms).toFixed(1), Math.max(...ms).toFixed(1)];
      process.stdout.write(`${name.padEnd(12)} least ${least} ms  worst ${worst} ms\n`);
    }
  } finally {
    rmSync(path, { recursive: true });
  }
}

/** The same after a restart: nothing is warm. */
function load(path: string): void {
  const before = process.cpuUsage();
  const start = performance.now();
  decodeSnapshot("plain.bin", readFileSync(join(path, "plain.bin")));
  const ms = performance.now() - start;
  const { user, system } = process.cpuUsage(before);
  process.stdout.write(JSON.stringify({ ms, cpuMs: (user + system) / 1000 }));
}

if (process.argv[2] === LOAD) load(process.argv[3]!);
else await run();
