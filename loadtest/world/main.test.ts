/** What the program that runs worlds says of its flags. */
import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";

const main = new URL("./main.ts", import.meta.url).pathname;
const run = (...args: string[]) =>
  spawnSync(process.execPath, [main, ...args], { encoding: "utf8" });

describe("the program that runs worlds", () => {
  it("tells its flags in one line", () => {
    const { status, stdout, stderr } = run("--help");
    expect([status, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(/^node loadtest\/world\/main\.ts \[--seed N\] [^\n]+\n$/);
  });

  it.each([
    [["--sead", "7"], "unknown_flag"],
    [["more"], "unknown_flag"],
    [["--seed"], "unknown_flag"],
    [["--twice=yes"], "unknown_flag"],
    [["--seed", "x"], "out_of_bounds: --seed"],
    [["--seconds", "1e3"], "out_of_bounds: --seconds"],
  ])("refuses %j in one line, and leaves with 2", (args, said) => {
    const { status, stdout, stderr } = run(...args);
    expect([status, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(/^slidewire: [^\n]+\n$/);
    expect(stderr).toContain(`slidewire: ${said}`);
  });

  it.each([
    ["5000", 0, /^ok seed 7: /],
    ["200", 3, /^not ok seed 7 /],
  ])("with a calm of %s ms leaves with %i", (calm, code, said) => {
    const { status, stdout } = run("--seed", "7", "--storm", "200", "--calm", calm);
    expect([status, stdout]).toEqual([code, expect.stringMatching(said)]);
  });
});
