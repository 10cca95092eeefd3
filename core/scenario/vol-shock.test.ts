import { describe, expect, it } from "vitest";
import { seededChance, seeds } from "../margin/chance.test-kit.ts";
import { usualVol } from "../margin/terms.test-kit.ts";
import { pow } from "../math/pow.ts";
import { shockVol } from "./vol-shock.ts";

const rule = { ...usualVol, minShockedVol: 0 };

describe("a relative vol shock", () => {
  it("is as stated at the reference tenor", () => {
    expect(shockVol([rule], 0.8, 30, 1)).toEqual({ up: 0.8 * 1.5, flat: 0.8, down: 0.8 * 0.75 });
  });

  it.each([
    ["short tenors by the short power", 10, 0.3, 10],
    ["the reference day itself by the short power", 30, 0.3, 30],
    ["long tenors by the long power", 90, 0.13, 90],
    ["just beyond the reference by the long power", 30.001, 0.13, 30.001],
    ["tenors below the floor as the floor", 0.25, 0.3, 1],
    ["no tenor at all as the floor", 0, 0.3, 1],
    ["the floor itself", 1, 0.3, 1],
  ])("scales %s", (_, days, power, counted) => {
    const t = pow(30 / counted, power);
    const { up, down } = shockVol([rule], 0.6, days, 1);
    expect(up).toBe(0.6 * (1 + 0.5 * t));
    expect(down).toBe(0.6 * Math.max(0, 1 - 0.25 * t));
  });

  it("does not depend on the tenor with power 0", () => {
    const flat = { ...rule, shortPower: 0, longPower: 0 };
    expect(shockVol([flat], 0.6, 1, 1)).toEqual(shockVol([flat], 0.6, 900, 1));
  });

  it.each([
    ["is lifted to the least shocked vol", 0.2, 0.5],
    ["is left where it is higher anyway", 0.6, 0.6 * 1.5],
    ["is left where it is just that", 0.5 / 1.5, 0.5],
  ])("up %s", (_, vol, up) => {
    expect(shockVol([{ ...rule, minShockedVol: 0.5 }], vol, 30, 1).up).toBeCloseTo(up, 15);
  });

  it("down never goes below zero", () => {
    expect(shockVol([{ ...rule, down: 2 }], 0.6, 30, 1).down).toBe(0);
    expect(shockVol([rule], 0.6, 30, 10).down).toBe(0);
  });

  it("is multiplied by the scale in both directions", () => {
    const { up, down } = shockVol([rule], 1, 30, 1.2);
    expect([up, down]).toEqual([1 + 0.5 * 1.2, 1 - 0.25 * 1.2]);
  });
});

describe("an absolute vol shock", () => {
  const points = { ...rule, kind: "absolute" as const, up: 0.2, down: 0.1, shortPower: 0 };

  it.each([
    [0.6, 0.6 + 0.2, 0.6 - 0.1],
    [0.05, 0.05 + 0.2, 0],
    [0.1, 0.1 + 0.2, 0],
  ])("moves a vol of %d by points, down to zero at most", (vol, up, down) => {
    expect(shockVol([points], vol, 10, 1)).toEqual({ up, flat: vol, down });
  });

  it("is scaled too", () => {
    expect(shockVol([points], 0.6, 10, 2)).toMatchObject({ up: 0.6 + 0.4, down: 0.6 - 0.2 });
  });
});

describe("a shock in deviations", () => {
  it("is n x vol of vol x √horizon", () => {
    const deviations = {
      ...rule,
      kind: "stdev" as const,
      up: 3,
      down: 2,
      volOfVol: 1.5,
      horizonDays: 4,
    };
    const one = 1.5 * Math.sqrt(4 / 365);
    const { up, down } = shockVol([deviations], 0.8, 3, 1);
    expect(up).toBeCloseTo(0.8 * (1 + 3 * one), 15);
    expect(down).toBeCloseTo(0.8 * (1 - 2 * one), 15);
  });
});

describe("a tenor table", () => {
  const table = {
    ...rule,
    tenorTable: [
      { days: 7, up: 0.8, down: 0.4 },
      { days: 30, up: 0.4, down: 0.2 },
      { days: 90, up: 0.3, down: 0.1 },
    ],
  };

  it.each([
    ["before its first entry", 1, 0.8, 0.4],
    ["on its first entry", 7, 0.8, 0.4],
    ["half way between two", 18.5, 0.6, 0.3],
    ["a quarter of the way", 12.75, 0.7, 0.35],
    ["on an entry inside", 30, 0.4, 0.2],
    ["between the last two", 60, 0.35, 0.15],
    ["on its last entry", 90, 0.3, 0.1],
    ["beyond it", 400, 0.3, 0.1],
  ])("%s is linear between, flat outside", (_, days, up, down) => {
    const shocked = shockVol([table], 1, days, 1);
    expect(shocked.up).toBeCloseTo(1 + up, 14);
    expect(shocked.down).toBeCloseTo(1 - down, 14);
  });
});

describe("several rules", () => {
  it("take the worse in each direction apart", () => {
    const wide = { ...rule, up: 0.6, down: 0.1, shortPower: 0 };
    const low = { ...rule, up: 0.2, down: 0.4, shortPower: 0 };
    const { up, down } = shockVol([wide, low], 0.5, 10, 1);
    expect([up, down]).toEqual([0.5 * 1.6, 0.5 * 0.6]);
    expect(shockVol([low, wide], 0.5, 10, 1)).toEqual({ up, flat: 0.5, down });
  });

  it("leave the vol alone where there is none", () => {
    expect(shockVol([], 0.5, 10, 1)).toEqual({ up: 0.5, flat: 0.5, down: 0.5 });
  });
});

describe("any vol", () => {
  it.each(seeds(60))("lies between its down and its up shock (seed %d)", (seed) => {
    const chance = seededChance(seed);
    const rules = Array.from({ length: chance.whole(1, 3) }, () => ({
      ...usualVol,
      kind: chance.pick(["relative", "absolute", "stdev"] as const),
      up: chance.between(0, 1),
      down: chance.between(0, 1.5),
      shortPower: chance.between(-1, 1),
      volOfVol: chance.between(0, 2),
    }));
    const vol = chance.between(0, 3);
    const { up, flat, down } = shockVol(rules, vol, chance.between(0, 400), chance.between(0, 2));
    expect(down).toBeLessThanOrEqual(flat);
    expect(flat).toBeLessThanOrEqual(up);
    expect(down).toBeGreaterThanOrEqual(0);
    expect(flat).toBe(vol);
  });
});
