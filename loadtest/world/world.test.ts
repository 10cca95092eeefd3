import { describe, expect, it } from "vitest";
import { type CheckName, checkNames } from "./checks.ts";
import { runWorld } from "./world.ts";

const short = { stormMs: 4_000, calmMs: 8_000 };

describe("a simulated world", () => {
  it.each([2, 9, 16])("keeps every promise through a short storm (seed %i)", async (seed) => {
    const report = await runWorld({ seed, ...short });
    expect(report.violation).toBeUndefined();
    expect(report.acknowledged).toBeGreaterThan(10);
  });

  it("runs the same way twice, and looks at every promise", async () => {
    const first = await runWorld({ seed: 4, ...short });
    const second = await runWorld({ seed: 4, ...short });
    expect(second.trace).toBe(first.trace);
    const named = new Set(Object.keys(checkNames));
    for (const name of first.checks.keys()) expect(named).toContain(name);
    const looked: CheckName[] = ["acknowledged-once", "state-equal", "model-equal", "margin-bits"];
    for (const name of [...looked, "channel-order", "bounded", "published-durable"] as const) {
      expect([name, (first.checks.get(name) ?? 0) > 0]).toEqual([name, true]);
    }
  });
});
