import { describe, expect, it } from "vitest";
import { dice } from "./dice.ts";
import { newLane, Timeline } from "./timeline.ts";

function ran(seed: number, set: (line: Timeline, say: (what: string) => void) => void): string {
  const line = new Timeline(1_000, dice(seed, "order"));
  const said: string[] = [];
  set(line, (what) => void said.push(what));
  while (line.step());
  return said.join(" ");
}

describe("virtual time", () => {
  it("runs events in the order of their times, and stands at each", () => {
    const order = ran(1, (line, say) => {
      for (const ms of [1_500, 1_100, 1_300]) line.at(ms, () => say(String(line.now())));
    });
    expect(order).toBe("1100 1300 1500");
  });

  it("lets chance order what happens at one moment, the same for the same seed", () => {
    const set = (line: Timeline, say: (what: string) => void) => {
      for (const name of ["a", "b", "c"]) line.at(2_000, () => say(name));
    };
    const orders = Array.from({ length: 30 }, (_, seed) => ran(seed, set));
    expect(new Set(orders).size).toBe(6);
    expect(ran(7, set)).toBe(ran(7, set));
  });

  it("keeps the order within a lane, also of an event that was due before the last", () => {
    for (let seed = 0; seed < 20; seed++) {
      const order = ran(seed, (line, say) => {
        const lane = newLane();
        line.at(2_000, () => say("a"), lane);
        line.at(1_500, () => say("b"), lane);
        line.at(2_000, () => say("c"), lane);
      });
      expect(order).toBe("a b c");
    }
  });

  it("runs nothing that was cancelled, and nothing beyond the time asked for", () => {
    const line = new Timeline(0, dice(1, "order"));
    const said: string[] = [];
    line.at(10, () => said.push("no"))();
    line.at(20, () => said.push("later"));
    expect(line.step(15)).toBe(false);
    expect(said).toEqual([]);
    expect(line.step(20)).toBe(true);
    expect(said).toEqual(["later"]);
  });
});
