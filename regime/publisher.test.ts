/** Tests of the publisher: its limits, dead bands, dwell and rounding. */
import { describe, expect, it } from "vitest";
import { paceOf } from "./pace.ts";
import { publish, roundedUp, startPublisher } from "./publisher.ts";
import { exampleTerms as terms } from "./study/example-terms.test-kit.ts";
import { uniforms } from "./study/synthetic.test-kit.ts";

const HOUR_MS = 3_600_000;
const twoHours = paceOf(terms, 2 * HOUR_MS);

/** Values of a publisher that starts at 0.1 and is given each target for one bar. */
function valuesFor(targets: readonly number[], pace = twoHours, mayFall = true): number[] {
  const publisher = startPublisher(pace, 0.1);
  return targets.map((target) => {
    publish(publisher, pace, terms.publisher, { target, mayFall });
    return publisher.value;
  });
}
const held = (target: number, bars: number): number[] => new Array(bars).fill(target);

describe("a published value", () => {
  it.each([
    // target, value one bar on
    [0.1, 0.1],
    [0.102, 0.1],
    [0.1021, 0.1021],
    [0.11, 0.11],
    [0.3, 0.11],
    [0.095, 0.1],
    [0.05, 0.1],
  ])("with the target at %d goes from 0.1 to %d", (target, expected) => {
    expect(valuesFor([target])[0]).toBeCloseTo(expected, 12);
  });

  it("rises by 10 % in two hours and 50 % in a day", () => {
    const values = [...held(0.1, 12), ...valuesFor(held(1, 36))];
    for (let i = 12; i < values.length; i++) {
      expect(values[i]! / values[i - 1]!).toBeLessThan(1.1 + 1e-12);
      expect(values[i]! / values[i - 12]!).toBeLessThan(1.5 + 1e-12);
    }
    expect(values.at(-1)! / 0.1).toBeGreaterThan(3);
  });

  it.each([
    // bar, values of the first bars with the target far above
    ["five minutes", 300_000, [0.11, 0.11]],
    ["two hours", 2 * HOUR_MS, [0.11, 0.121]],
    ["four hours", 4 * HOUR_MS, [0.121, 0.14641]],
    ["a day", 24 * HOUR_MS, [0.15, 0.225]],
  ])("rises as fast on bars of %s", (_, barMs, expected) => {
    const values = valuesFor(held(1, 2), paceOf(terms, barMs));
    for (const [i, value] of values.entries()) expect(value).toBeCloseTo(expected[i]!, 12);
  });

  it.each([
    // bar, bars of a day
    ["five minutes", 300_000, 288],
    ["two hours", 2 * HOUR_MS, 12],
    ["a day", 24 * HOUR_MS, 1],
  ])("falls by 8 % a day after a day's dwell, on bars of %s", (_, barMs, dayBars) => {
    const values = valuesFor(held(0.01, 3 * dayBars), paceOf(terms, barMs));
    if (dayBars > 1) expect(values[dayBars - 2]).toBe(0.1);
    expect(values[dayBars]! / values[2 * dayBars]!).toBeCloseTo(1 / 0.92, 9);
  });

  it("starts its dwell anew when the target has looked back up", () => {
    const values = valuesFor([...held(0.05, 11), 0.096, ...held(0.05, 11)]);
    expect(new Set(values)).toEqual(new Set([0.1]));
  });

  it("does not fall while marks are missing, and may rise", () => {
    expect(valuesFor(held(0.05, 40), twoHours, false).at(-1)).toBe(0.1);
    expect(valuesFor([0.2], twoHours, false)[0]).toBeCloseTo(0.11, 12);
  });

  it.each([
    // bars between two silent ones
    [12],
    [3],
    [2],
  ])("comes down though every %dth bar is silent, and not in a silent one", (every) => {
    const publisher = startPublisher(twoHours, 0.1);
    for (let i = 1; i <= 12 * 20; i++) {
      const [before, mayFall] = [publisher.value, i % every !== 0];
      publish(publisher, twoHours, terms.publisher, { target: 0.05, mayFall });
      if (!mayFall) expect(publisher.value).toBe(before);
    }
    expect(publisher.value).toBeLessThan(0.05 / (1 - terms.publisher.deadBandDown) + 1e-12);
  });

  it("keeps its limits under any target", () => {
    const uniform = uniforms(21);
    const values = valuesFor(Array.from({ length: 5000 }, () => 0.02 + uniform() * uniform()));
    for (let i = 12; i < values.length; i++) {
      const [now, before, day] = [values[i]!, values[i - 1]!, values[i - 12]!];
      expect(now / before).toBeLessThan(1.1 + 1e-12);
      expect(now / day).toBeLessThan(1.5 + 1e-12);
      expect(now / before).toBeGreaterThan(0.92 ** (1 / 12) - 1e-12);
    }
  });
});

describe("what is published", () => {
  it.each([
    // value, step, published
    [0.1801, 0.0025, 0.1825],
    [0.18, 0.0025, 0.18],
    [0.1800000000001, 0.0025, 0.18],
    [0.35, 0.0005, 0.35],
    [0.0301, 0.0005, 0.0305],
    [1.001, 0.01, 1.01],
  ])("of %d by steps of %d is %d, to the last digit", (value, step, expected) => {
    expect(roundedUp(value, { min: 0, max: 1, step })).toBe(expected);
  });
});
