/** The check that the package runs on every Node, as a process. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Golden } from "./golden.ts";

const EXPECTED = "core/cases/turns/sim.json";
const file = new Uint8Array(readFileSync("core/cases/turns/sim.turns"));
const expected = JSON.parse(readFileSync(EXPECTED, "utf8")) as Golden;

describe("the check of golden Turns", () => {
  const check = (path: string) =>
    spawnSync(process.execPath, ["gateway/journal/golden-check.ts", path], { encoding: "utf8" });

  it("counts what passed", () => {
    const { status, stdout } = check(EXPECTED);
    expect([status, stdout]).toEqual([0, expect.stringMatching(/^\d+ passed, 0 failed\n$/)]);
  });

  it("names what differs, with exit code 3; says what is no file of Turns, with 2", () => {
    const folder = mkdtempSync(join(tmpdir(), "golden-"));
    try {
      const path = join(folder, "sim.json");
      writeFileSync(path, JSON.stringify({ ...expected, turns: 1 }));
      writeFileSync(join(folder, "sim.turns"), file);
      const differing = check(path);
      expect(differing.status).toBe(3);
      expect(differing.stdout).toMatch(
        /differs on Node v\S+: the number of turns\n\d+ passed, 1 failed\n$/,
      );
      writeFileSync(join(folder, "sim.turns"), file.subarray(0, 1_000));
      const cut = check(path);
      expect([cut.status, cut.stdout]).toEqual([2, ""]);
      expect(cut.stderr).toMatch(/^malformed_file: record 1/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
