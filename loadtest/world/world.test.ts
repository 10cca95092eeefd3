import { describe, expect, it } from "vitest";
import { type CheckName, checkNames } from "./checks.ts";
import { runSeeds } from "./seeds.ts";
import { runWorld } from "./world.ts";

const short = { stormMs: 2_500, calmMs: 5_000 };

describe("a simulated world", () => {
  it.each([2, 16])("keeps every promise through a short storm (seed %i)", async (seed) => {
    const said: string[] = [];
    const say = (line: string): void => void said.push(line);
    const once = { from: seed, count: 1, seconds: 60, twice: false, say };
    const { failed, events } = await runSeeds({ ...once, ...short });
    expect(failed?.violation, said.join("\n")).toBeUndefined();
    expect(events).toBeGreaterThan(300);
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

  it("prints the one command that shows a failing seed again", async () => {
    const said: string[] = [];
    const say = (line: string): void => void said.push(line);
    // Without time to catch up, a promise is broken.
    const cut = { stormMs: 1_500, calmMs: 1 };
    const { failed } = await runSeeds({
      from: 1,
      count: 20,
      seconds: 60,
      twice: false,
      say,
      ...cut,
    });
    expect(failed?.violation?.check).toBe("caught-up");
    const flags = `--seed ${failed!.seed} --storm 1500 --calm 1`;
    expect(said.join("\n")).toContain(`again   node loadtest/world/main.ts ${flags}`);
  });
});
