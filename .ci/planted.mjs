/**
 * Plants bugs in the margin arithmetic, one at a time, and sees that the property suite finds each.
 *
 *      node .ci/planted.mjs
 *
 * A bug is one text in one source replaced by another, in a copy of the sources outside the checkout.
 * The suite has to pass without a bug and fail with each of them; a text that is no longer there fails
 * too, so that the list cannot go stale in silence.
 */
import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const bugs = [
  {
    name: "a charge with the wrong sign",
    file: "core/margin/charges/short-options.ts",
    from: "Math.max(0, -net)",
    to: "Math.max(0, net)",
  },
  {
    name: "the weight applied twice",
    file: "core/margin/scan.ts",
    from: "positions[i] = -mask.weights[i]! * pnl",
    to: "positions[i] = -mask.weights[i]! * mask.weights[i]! * pnl",
  },
  {
    name: "shares of a ladder's node sets swapped",
    file: "core/scenario/mask.ts",
    from: "{ nodes, share: 1 - share }",
    to: "{ nodes, share }",
  },
  {
    name: "tails weighed by a set that is one node too wide",
    file: "core/scenario/mask.ts",
    from: "maskOf(terms, grid, nodes * step,",
    to: "maskOf(terms, grid, (nodes + 2) * step,",
  },
  {
    name: "an offset without the stage's factor",
    file: "core/margin/offset.ts",
    from: "(joint[i] ?? 0) + factor * loss",
    to: "(joint[i] ?? 0) + loss",
  },
  {
    name: "requirements rounded down",
    file: "core/margin/rounding.ts",
    from: "initialMargin: roundUp",
    to: "initialMargin: roundDown",
  },
  {
    name: "an order's cost against the mark dropped",
    file: "core/margin/scan.ts",
    from: "return order.penalty - weight * pnl",
    to: "return -weight * pnl",
  },
  {
    name: "an order that hurts taken with the wrong side",
    file: "core/margin/scan.ts",
    from: "order.direction * order.quantity * order.leg",
    to: "order.quantity * order.leg",
  },
  {
    name: "a short leg of an inverse contract treated as long",
    file: "core/margin/portfolio-rows.ts",
    from: "pnl[row]! += quantity * array[row]!",
    to: "pnl[row]! += Math.abs(quantity) * array[row]!",
  },
  {
    name: "legs summed in the order in which they were listed",
    file: "core/margin/account.ts",
    from: "return [...byInstrument.values()].sort((a, b) => byId(a.leg.market.spec, b.leg.market.spec));",
    to: "return [...byInstrument.values()];",
    also: [["    .sort((a, b) => byId(a.leg.market.spec, b.leg.market.spec));", ";"]],
  },
  {
    name: "the outer node set alone, without interpolation",
    file: "core/margin/underlying.ts",
    from: "requirement += share * combine(",
    to: "requirement = combine(",
  },
  {
    name: "the worst of the wrong row families",
    file: "core/margin/scan.ts",
    from: "const of = family[mask.rows[i]!]!;",
    to: "const of = family[i]!;",
  },
  {
    name: "a NaN let through",
    file: "core/margin/account.ts",
    from: "refuseNotFinite(margin);",
    to: "",
  },
  {
    name: "inverse P&L converted at the index now",
    file: "core/margin/view.ts",
    from: 'if (conversion === "base") return index;',
    to: 'if (conversion !== "rangeEdge") return index;',
  },
  {
    name: "a haircut on a loan",
    file: "core/margin/equity.ts",
    from: "if (place === undefined || usd <= 0) return usd;",
    to: "if (place === undefined) return usd;",
    suite: "core/margin/equity.test.ts",
  },
];

/** What has to find a bug that names no suite of its own. */
const properties = "core/margin/any-";
const copied = ["core", "config", "regime", "package.json", "tsconfig.json", "vitest.config.ts"];

const folder = mkdtempSync(join(tmpdir(), "slidewire-planted-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
for (const name of copied) cpSync(name, join(folder, name), { recursive: true });
symlinkSync(resolve("node_modules"), join(folder, "node_modules"));

/** Titles of the tests that fail, or undefined when the suite passes. */
function failures(suite = properties) {
  const vitest = join(folder, "node_modules/vitest/vitest.mjs");
  const to = join(folder, "report.json");
  const args = [vitest, "run", "--bail=1", "--reporter=json", `--outputFile=${to}`, suite];
  const ran = spawnSync(process.execPath, args, { cwd: folder, stdio: "ignore" });
  if (ran.status === 0) return undefined;
  const report = JSON.parse(readFileSync(to, "utf8"));
  return report.testResults
    .flatMap(({ assertionResults }) => assertionResults)
    .filter(({ status }) => status === "failed")
    .map(({ fullName }) => fullName);
}

let bad = 0;
function say(ok, text) {
  if (!ok) bad += 1;
  console.log(`${ok ? "ok" : "not ok"} ${text}`);
}

for (const suite of new Set(bugs.map((bug) => bug.suite))) {
  say(failures(suite) === undefined, `${suite ?? properties} holds without a bug`);
}
for (const { name, file, from, to, also = [], suite } of bugs) {
  const path = join(folder, file);
  const source = readFileSync(path, "utf8");
  const edits = [[from, to], ...also];
  const missing = edits.find(([text]) => !source.includes(text));
  if (missing !== undefined) {
    say(false, `${name}: its text is no longer in ${file}`);
    continue;
  }
  writeFileSync(
    path,
    edits.reduce((text, [a, b]) => text.replace(a, b), source),
  );
  const found = failures(suite) ?? [];
  say(found.length > 0, `${name}: found by ${found.length} (${found[0] ?? "nothing"})`);
  writeFileSync(path, source);
}
process.exitCode = bad === 0 ? 0 : 1;
