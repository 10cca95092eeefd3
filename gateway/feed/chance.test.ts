/** Seeded chance: the published generator, and deviates that are what they claim. */
import { describe, expect, it } from "vitest";
import { chance, nextWord } from "./chance.ts";

const draws = <T>(count: number, draw: () => T): T[] => Array.from({ length: count }, draw);
const mean = (xs: readonly number[]) => xs.reduce((a, x) => a + x, 0) / xs.length;

describe("nextWord", () => {
  it("gives the first words that implementations of xoshiro128** agree on", () => {
    const state = Uint32Array.of(1, 2, 3, 4);
    expect(draws(10, () => nextWord(state))).toEqual([
      11520, 0, 5927040, 70819200, 2031721883, 1637235492, 1287239034, 3734860849, 3729100597,
      4258142804,
    ]);
  });
});

describe("chance", () => {
  it("repeats itself for a seed and a stream", () => {
    const a = chance(7, "index");
    const b = chance(7, "index");
    expect(draws(100, a.gaussian)).toEqual(draws(100, b.gaussian));
  });

  it.each([
    ["seed", chance(8, "index")],
    ["stream", chance(7, "jump")],
  ])("is another for another %s", (_, other) => {
    expect(draws(5, other.uniform)).not.toEqual(draws(5, chance(7, "index").uniform));
  });

  it("forks into two that go on alike and apart", () => {
    const a = chance(7, "index");
    a.gaussian(); // Leaves a spare deviate that the fork must carry.
    const b = a.fork();
    const ahead = draws(10, b.gaussian);
    expect(draws(10, a.gaussian)).toEqual(ahead);
  });

  it("draws uniforms in [0, 1) with the moments of one", () => {
    const xs = draws(200_000, chance(1, "u").uniform);
    expect(Math.min(...xs.slice(0, 1_000))).toBeGreaterThanOrEqual(0);
    expect(xs.every((x) => x >= 0 && x < 1)).toBe(true);
    // Four standard errors.
    expect(Math.abs(mean(xs) - 1 / 2)).toBeLessThan((4 * 0.2887) / Math.sqrt(xs.length));
    expect(Math.abs(mean(xs.map((x) => x * x)) - 1 / 3)).toBeLessThan(0.0027);
  });

  it("draws normal deviates: mean 0, variance 1, fourth moment 3", () => {
    const xs = draws(200_000, chance(1, "z").gaussian);
    expect(Math.abs(mean(xs))).toBeLessThan(4 / Math.sqrt(xs.length));
    expect(Math.abs(mean(xs.map((x) => x * x)) - 1)).toBeLessThan(0.0127);
    expect(Math.abs(mean(xs.map((x) => x ** 4)) - 3)).toBeLessThan(0.088);
    const beyond = xs.filter((x) => Math.abs(x) > 1.959964).length / xs.length;
    expect(Math.abs(beyond - 0.05)).toBeLessThan(0.002);
  });

  it("draws exponentials of mean 1, above 0", () => {
    const xs = draws(100_000, chance(1, "e").exponential);
    expect(xs.every((x) => x >= 0 && Number.isFinite(x))).toBe(true);
    expect(Math.abs(mean(xs) - 1)).toBeLessThan(0.013);
  });
});
