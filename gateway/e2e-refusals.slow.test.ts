/** Bad input at the command line, by real processes: one line, exit code 2, nothing started. */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

const main = new URL("./main.ts", import.meta.url).pathname;
const dirty = new URL("../../shared/data/btcusd_bitfinex_1m_2016_raw.csv.gz", import.meta.url)
  .pathname;

/** Runs the command to its end. */
function run(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...args], {
    encoding: "utf8",
    timeout: 20_000,
  });
  return { status, stdout, lines: stderr.trimEnd().split("\n") };
}

describe("bad input", () => {
  it.each([
    ["no such verb", ["fly"], "unknown_command"],
    ["no such flag", ["serve", "--prot", "1"], "unknown_flag"],
    ["a flag without its value", ["serve", "--port"], "missing_field"],
    ["a port that is no number", ["serve", "--port", "http"], "wrong_type"],
    ["a port out of range", ["serve", "--port", "70000"], "out_of_bounds"],
    ["a host that is not loopback", ["serve", "--host", "0.0.0.0"], "out_of_bounds"],
    ["a feed that does not exist", ["serve", "--feed", "dream"], "unknown_value"],
    ["a transport that does not exist", ["serve", "--transport", "tcp"], "unknown_value"],
    ["a replay without a file", ["serve", "--feed", "replay"], "missing_field"],
    [
      "a file that is not there",
      ["serve", "--feed", "replay", "--file", "/none"],
      "unreadable_file",
    ],
    [
      "a file that is no price file",
      ["serve", "--feed", "replay", "--file", main],
      "malformed_file",
    ],
    ["terms that do not exist", ["serve", "--terms", "none"], "unknown_terms"],
    ["a seed that is no seed", ["serve", "--seed", "-1"], "out_of_bounds"],
    ["a speed of zero", ["serve", "--speed", "0", "--port", "0"], "out_of_bounds"],
    ["a book that is not there", ["margin", "/none/book.json"], "unreadable_file"],
    ["a book that is no JSON", ["margin", main], "malformed_json"],
  ])("%s is one clear line and exit code 2", (_, args, code) => {
    const { status, stdout, lines } = run(...args, "--json");
    expect([status, stdout, lines.length]).toEqual([2, "", 1]);
    expect(JSON.parse(lines[0]!)).toMatchObject({ error: { code } });
  });

  it("is one line for people too", () => {
    const { status, stdout, lines } = run("serve", "--port", "http");
    expect([status, stdout, lines.length]).toEqual([2, "", 1]);
    expect(lines[0]).toMatch(/^slidewire: wrong_type: --port: .*expected a number, found "http"/);
  });

  it.skipIf(!existsSync(dirty))("a dirty file is named by line (needs ../shared/data)", () => {
    const { status, lines } = run("serve", "--feed", "replay", "--file", dirty, "--json");
    expect(status).toBe(2);
    expect(JSON.parse(lines[0]!)).toMatchObject({ error: { code: "malformed_file", line: 1003 } });
  });

  it("a taken port is one clear line and exit code 2", async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as { port: number };
    const data = join(tmpdir(), `slidewire-not-written-${port}`);
    const { status, lines } = run("serve", "--port", String(port), "--data", data, "--json");
    server.close();
    expect([status, existsSync(data)]).toEqual([2, false]);
    expect(JSON.parse(lines[0]!)).toMatchObject({ error: { code: "port_taken" } });
  });
});
