/**
 * Plants bugs of durability and order, one at a time, and sees that the simulation finds each.
 *
 *      node .ci/planted-world.mjs            five of them, for every landing
 *      node .ci/planted-world.mjs --all      all ten, for the night
 *
 * A bug is one text in one source replaced by another, in a copy of the sources outside the
 * checkout. Then seeds are run, from 1 on, until one fails or a minute is over. A text that is no
 * longer there fails too, so that the list cannot go stale in silence.
 */
import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const SECONDS_MAX = 60;

const bugs = [
  {
    name: "ignored short write",
    file: "gateway/journal/folder.ts",
    from: "at += bytesWritten;",
    to: "at += length;",
  },
  {
    name: "skipped fsync",
    landing: true,
    file: "loadtest/world/log.ts",
    from: "this.#files.sync(this.#name);",
    to: "",
  },
  {
    name: "reordered batch",
    landing: true,
    file: "gateway/journal/group-commit.ts",
    from: "const records = group.flatMap((one) => one.records);",
    to: "const records = group.flatMap((one) => one.records).toReversed();",
  },
  {
    name: "double apply",
    landing: true,
    file: "core/engine/admission.ts",
    from: "if (applied === undefined) return undefined;",
    to: "if (applied === undefined || applied.seq < state.commands) return undefined;",
  },
  {
    name: "lost rename",
    file: "gateway/journal/folder.ts",
    from: "await syncFolder(disk, path);",
    to: "",
  },
  {
    name: "stale snapshot",
    file: "gateway/journal/snapshots.ts",
    from: "const copy = copyOf(snapshot);",
    to: "const copy = (folder.kept ??= copyOf(snapshot));",
  },
  {
    name: "ack before commit",
    landing: true,
    file: "gateway/journal/group-commit.ts",
    from: "await this.#options.write({",
    to: "for (const { written } of group) written();\n      await this.#options.write({",
  },
  {
    name: "cut tail",
    file: "gateway/recover.ts",
    from: "const left = await leftCommands(chains.account, state.commands);",
    to: "const left = [];",
  },
  {
    name: "unsorted legs",
    file: "core/margin/account.ts",
    from: "return [...byInstrument.values()].sort((a, b) => byId(a.leg.market.spec, b.leg.market.spec));",
    to: "return [...byInstrument.values()];",
    also: [["    .sort((a, b) => byId(a.leg.market.spec, b.leg.market.spec));", ";"]],
  },
  {
    name: "clock read",
    landing: true,
    file: "gateway/stream/topics.ts",
    from: "ts: Math.round(clock.now()),",
    to: "ts: Date.now(),",
    twice: true,
  },
];

const copied = ["core", "config", "regime", "gateway", "loadtest", "package.json"];
const folder = mkdtempSync(join(tmpdir(), "slidewire-world-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
for (const name of copied) cpSync(name, join(folder, name), { recursive: true });
symlinkSync(resolve("node_modules"), join(folder, "node_modules"));

/** The report of the first seed that failed, or undefined when none did in time. */
function failure({ twice = false }) {
  const flags = ["--seconds", String(SECONDS_MAX), ...(twice ? ["--twice"] : [])];
  const args = ["loadtest/world/main.ts", ...flags];
  const ran = spawnSync(process.execPath, args, {
    cwd: folder,
    encoding: "utf8",
    timeout: 2 * SECONDS_MAX * 1_000,
  });
  if (ran.status !== 3) return undefined;
  return /not ok (seed \d+ after [\d.]+ s)[\s\S]*?check +([a-z-]+)/.exec(ran.stdout);
}

let bad = 0;
function say(ok, text) {
  if (!ok) bad += 1;
  console.log(`${ok ? "ok" : "not ok"} ${text}`);
}

const only = process.argv.slice(2).filter((word) => !word.startsWith("--"));
const all = process.argv.includes("--all");
for (const bug of bugs) {
  const { name, file, from, to, also = [] } = bug;
  if (only.length > 0 ? !only.includes(name) : !all && bug.landing !== true) continue;
  const path = join(folder, file);
  const source = readFileSync(path, "utf8");
  const edits = [[from, to], ...also];
  if (edits.some(([text]) => !source.includes(text))) {
    say(false, `${name}: its text is no longer in ${file}`);
    continue;
  }
  writeFileSync(
    path,
    edits.reduce((text, [a, b]) => text.replace(a, b), source),
  );
  const found = failure(bug);
  say(found !== undefined, `${name}: ${found ? `${found[1]}, ${found[2]}` : "not found"}`);
  writeFileSync(path, source);
}
process.exitCode = bad === 0 ? 0 : 1;
