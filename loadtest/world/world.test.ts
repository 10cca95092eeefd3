import { describe, expect, it } from "vitest";
import { type CheckName, checkNames } from "./checks.ts";
import { runWorld } from "./world.ts";

const short = { stormMs: 6_000, calmMs: 14_000 };

describe("a simulated world", () => {
  it.each([1, 2, 3])("keeps every promise through its storm (seed %i)", async (seed) => {
    const report = await runWorld({ seed, ...short });
    expect(report.violation).toBeUndefined();
    expect(report.acknowledged).toBeGreaterThan(20);
  });

  it("runs the same way twice", async () => {
    const [first, second] = [
      await runWorld({ seed: 4, ...short }),
      await runWorld({ seed: 4, ...short }),
    ];
    expect(second.trace).toBe(first.trace);
    const names: CheckName[] = ["acknowledged-once", "state-equal", "margin-reference", "bounded"];
    for (const name of names) expect([name, first.checks.get(name) ?? 0]).not.toEqual([name, 0]);
    for (const name of first.checks.keys()) expect(Object.keys(checkNames)).toContain(name);
  });
});
