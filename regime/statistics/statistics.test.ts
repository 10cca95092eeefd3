/** Tests of the coverage tests, against published tables and against the definitions. */
import { describe, expect, it } from "vitest";
import { normals, uniforms } from "../study/synthetic.test-kit.ts";
import { chiSquareTail } from "./chi-square.ts";
import { conditionalCoverage, independence, transitionsOf } from "./christoffersen.ts";
import { kupiec } from "./kupiec.ts";
import { chanceUpTo, trafficLight } from "./traffic-light.ts";

describe("the tail of chi-square", () => {
  it.each([
    // x, degrees, tail (tables of percentage points)
    [3.841458820694124, 1, 0.05],
    [6.634896601021213, 1, 0.01],
    [10.827566170662733, 1, 0.001],
    [0.454936423119572, 1, 0.5],
    [5.991464547107979, 2, 0.05],
    [9.21034037197618, 2, 0.01],
  ] as const)("above %d with %i degrees is %d", (x, degrees, tail) => {
    expect(chiSquareTail(x, degrees)).toBeCloseTo(tail, 12);
  });

  it.each([1, 2] as const)("is 1 from 0 down, with %i degrees", (degrees) => {
    expect([0, -1e-15, -3].map((x) => chiSquareTail(x, degrees))).toEqual([1, 1, 1]);
  });

  it("is the share of squared normal deviates above x", () => {
    const normal = normals(6);
    const squares = Array.from({ length: 40_000 }, () => normal() ** 2);
    for (const x of [0.5, 1, 4]) {
      const share = squares.filter((square) => square > x).length / squares.length;
      expect(Math.abs(share - chiSquareTail(x, 1))).toBeLessThan(0.01);
    }
  });
});

describe("Kupiec's test", () => {
  it.each([
    // exceedances of 3,158 at 0.5 %, p
    [14, 0.645],
    [16, 0.958],
    [12, 0.318],
    [15, 0.841],
    [17, 0.763],
    [18, 0.586],
    [7, 0.013],
    [5, 0.001],
    [66, 0],
  ])("of %i exceedances has p %d", (x, p) => {
    expect(kupiec(x, 3158, 0.005).p).toBeCloseTo(p, 3);
  });

  it("accepts 9 to 24 of 3,158 windows at 0.5 %", () => {
    const accepted = Array.from({ length: 60 }, (_, x) => x).filter(
      (x) => kupiec(x, 3158, 0.005).p > 0.05,
    );
    expect([accepted[0], accepted.at(-1)]).toEqual([9, 24]);
  });

  it.each([
    // x, n
    [0, 100],
    [100, 100],
    [0, 1],
  ])("has a figure at the ends: %i of %i", (x, n) => {
    const { p, statistic } = kupiec(x, n, 0.01);
    expect(Number.isFinite(statistic) && p >= 0 && p <= 1).toBe(true);
  });

  it("refuses a true claim in about 5 % of samples", () => {
    const uniform = uniforms(9);
    let refused = 0;
    for (let i = 0; i < 2000; i++) {
      let x = 0;
      for (let k = 0; k < 500; k++) if (uniform() < 0.05) x += 1;
      if (kupiec(x, 500, 0.05).p < 0.05) refused += 1;
    }
    expect(refused / 2000).toBeGreaterThan(0.03);
    expect(refused / 2000).toBeLessThan(0.075);
  });
});

describe("independence", () => {
  const series = (text: string): boolean[] => [...text].map((mark) => mark === "x");

  it("counts pairs in order", () => {
    expect(transitionsOf(series("..xx.x."))).toEqual({ n00: 1, n01: 2, n10: 2, n11: 1 });
  });

  it("equals the likelihoods written out", () => {
    const { n00, n01, n10, n11 } = { n00: 2990, n01: 48, n10: 48, n11: 18 };
    const [q, q0, q1] = [66 / 3104, 48 / 3038, 18 / 66];
    const alone = (n00 + n10) * Math.log(1 - q) + (n01 + n11) * Math.log(q);
    const chained =
      n00 * Math.log(1 - q0) + n01 * Math.log(q0) + n10 * Math.log(1 - q1) + n11 * Math.log(q1);
    expect(independence({ n00, n01, n10, n11 }).statistic).toBeCloseTo(2 * (chained - alone), 9);
  });

  it.each([
    // series, whether it is refused
    ["back to back", `${"x".repeat(8)}${".".repeat(300)}`, true],
    ["spread out", "x".padEnd(40, ".").repeat(8), false],
    ["none", ".".repeat(300), false],
  ])("of exceedances that come %s", (_, text, refused) => {
    expect(independence(transitionsOf(series(text))).p < 0.05).toBe(refused);
  });

  it("adds up with Kupiec's to conditional coverage", () => {
    const exceeded = series("x".padEnd(40, ".").repeat(8));
    const transitions = transitionsOf(exceeded);
    const counted = { exceedances: 8, windows: 320, share: 0.01, transitions };
    const { statistic } = conditionalCoverage(counted);
    expect(statistic).toBeCloseTo(
      kupiec(8, 320, 0.01).statistic + independence(transitions).statistic,
      12,
    );
  });
});

describe("the traffic light", () => {
  it.each([
    // exceedances of 250 at 1 %, zone (Basel Committee 1996)
    [0, "green"],
    [4, "green"],
    [5, "yellow"],
    [9, "yellow"],
    [10, "red"],
  ])("of %i exceedances is %s", (exceedances, zone) => {
    expect(trafficLight(exceedances, 250, 0.01)).toBe(zone);
  });

  it("has the published cumulative chances", () => {
    expect(chanceUpTo(4, 250, 0.01)).toBeCloseTo(0.8922, 4);
    expect(chanceUpTo(9, 250, 0.01)).toBeCloseTo(0.9997, 4);
  });
});
