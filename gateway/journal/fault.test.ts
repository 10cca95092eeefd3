import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { FAULT_VARIABLE, type FaultPoint, pass, setTrap, trapOf } from "./fault.ts";

/** How often the trap sprang over these passings. */
function sprung(text: string, points: readonly FaultPoint[]): number {
  let deaths = 0;
  const trap = trapOf(text, () => {
    deaths += 1;
  });
  for (const point of points) trap?.(point);
  return deaths;
}

describe("a fault point", () => {
  const twice: FaultPoint[] = ["journal:before-commit", "journal:before-commit"];

  it.each([
    ["", 0],
    ["journal:before-commit", 1],
    ["journal:before-commit@1", 1],
    ["journal:before-commit@2", 1],
    ["journal:before-commit@3", 0],
    ["journal:after-commit", 0],
  ])("named %j is met %i times in two passings of journal:before-commit", (text, times) => {
    expect(sprung(text, twice)).toBe(times);
  });

  it.each([
    ["journal:nowhere", "unknown_value"],
    ["journal:before-commit@0", "out_of_bounds"],
    ["journal:before-commit@x", "out_of_bounds"],
    ["@3", "unknown_value"],
  ])("named %j is refused as %s", (text, code) => {
    expect(() => trapOf(text)).toThrow(code);
  });

  it.each(["serve", "--version"])("that is none is one line of `slidewire %s`", (verb) => {
    const main = new URL("../main.ts", import.meta.url).pathname;
    const env = { ...process.env, [FAULT_VARIABLE]: "journal:nowhere" };
    const { status, stderr } = spawnSync(process.execPath, [main, verb], { env, encoding: "utf8" });
    expect(status).toBe(2);
    expect(stderr).toMatch(/^slidewire: unknown_value: SLIDEWIRE_FAULT: [^\n]+\n$/);
  });

  it("that is none is refused at the first passing where no command line looked", () => {
    const module = new URL("./fault.ts", import.meta.url).href;
    const script = `const { pass } = await import("${module}"); pass("journal:after-commit");`;
    const env = { ...process.env, [FAULT_VARIABLE]: "journal:nowhere" };
    const args = ["--input-type=module", "-e", script];
    const { status, stderr } = spawnSync(process.execPath, args, { env, encoding: "utf8" });
    expect([status, stderr]).toEqual([
      1,
      expect.stringContaining("unknown_value: SLIDEWIRE_FAULT"),
    ]);
  });

  it("tells whoever set a trap, and nobody afterwards", () => {
    const seen: FaultPoint[] = [];
    setTrap((point) => void seen.push(point));
    pass("snapshot:before-rename");
    setTrap(undefined);
    pass("snapshot:after-rename");
    expect(seen).toEqual(["snapshot:before-rename"]);
  });

  it("ends a process at the passing that its environment names", () => {
    const module = new URL("./fault.ts", import.meta.url).href;
    const script = `
      import { pass } from ${JSON.stringify(module)};
      for (let i = 1; i <= 5; i++) { console.log(i); pass("journal:after-commit"); }
    `;
    const { signal, stdout } = spawnSync(process.execPath, ["--input-type=module", "-e", script], {
      env: { ...process.env, [FAULT_VARIABLE]: "journal:after-commit@3" },
      encoding: "utf8",
    });
    expect([signal, stdout.trim().split("\n")]).toEqual(["SIGKILL", ["1", "2", "3"]]);
  });
});
