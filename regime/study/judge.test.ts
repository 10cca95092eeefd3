/** Tests of the judgement on ranges small enough to judge by hand. */
import { describe, expect, it } from "vitest";
import type { Bar } from "../bar.ts";
import { exampleTerms } from "./example-terms.test-kit.ts";
import { frameOf } from "./frame.ts";
import { judge, unjudgedCloses } from "./judge.ts";
import { largestRise, peakToTrough, peakToTroughWithin } from "./motion.ts";

const DAY_MS = 86_400_000;
const terms = { ...exampleTerms, coverage: 0.9 };

/** Daily bars after which the price rises by each share, from the next bar's high. */
function daily(moves: readonly number[]): Bar[] {
  const flat = (i: number, high: number): Bar => ({
    openMs: i * DAY_MS,
    open: 100,
    high,
    low: 100,
    close: 100,
  });
  return [flat(0, 100), ...moves.map((move, i) => flat(i + 1, 100 * (1 + move)))];
}

describe("a judged range", () => {
  // Binary fractions, so that a move can meet the range exactly.
  const moves = [0.125, 0.5, 0.25, 0.0625, 0.375, 0.125, 0.125, 0.125, 0.125, 0.125];
  const frame = frameOf(daily(moves), terms);
  const steps = [
    [0.25, 4],
    [0.3125, 1],
    [0.25, 3],
    [0.125, 3],
  ] as const;
  const range = Float64Array.from(steps.flatMap(([value, days]) => new Array(days).fill(value)));
  const row = judge("by hand", range, frame, {
    fromMs: 0,
    coverage: 0.9,
    periodEndsMs: [5.5 * DAY_MS, 100 * DAY_MS],
  });

  it("counts a move above the range, not one that meets it", () => {
    expect([row.windows, row.x, row.coverage]).toEqual([10, 2, 0.8]);
    expect(row.expected).toBeCloseTo(1, 12);
  });

  it("weighs what was missed by the coverage and what was idle by the rest", () => {
    const over = 0.25 + 0.0625;
    const idle = 0.125 + 0.1875 + 3 * 0.125;
    expect(row.tickLoss * 1e-4).toBeCloseTo((0.9 * over + 0.1 * idle) / 10, 9);
    expect(row.severityMean).toBeCloseTo(over / 2, 9);
    expect(row.severityMax).toBe(0.25);
    expect(row.meanRange).toBeCloseTo((7 * 0.25 + 0.3125 + 2 * 0.125) / 10, 9);
  });

  it("measures how the range moved", () => {
    expect(row.peakToTrough).toBe(2.5);
    expect(row.rise1d).toBe(0.25);
    expect(row.rise5d).toBe(0);
    expect(row.changesPerDay).toBeCloseTo(3 / 9, 12);
  });

  it("is judged by period as well", () => {
    expect(row.periods.map(({ windows, x }) => [windows, x])).toEqual([
      [5, 2],
      [5, 0],
    ]);
  });
});

describe("motion", () => {
  const values = Float64Array.from([1, 2, 4, 2, 3]);

  it.each([
    [1, 1],
    [2, 3],
    [4, 2],
    [5, 0],
  ])("over %i steps rises by %d at most", (steps, rise) => {
    expect(largestRise(values, steps)).toBe(rise);
  });

  it("from trough to peak is a ratio, 1 where there is nothing", () => {
    expect(peakToTrough(values)).toBe(4);
    expect(peakToTrough(new Float64Array(0))).toBe(1);
    expect(peakToTroughWithin(values, 2)).toBe(2);
  });
});

describe("days that are not judged", () => {
  it("are those with under half of their bars in the file, the last day apart", () => {
    const hours = Array.from({ length: 24 * 60 }, (_, i) => ({
      openMs: (i * DAY_MS) / 24,
      open: 1,
      high: 1,
      low: 1,
      close: 1,
    }));
    const gappy = hours.filter((_, i) => i % (24 * 30) < 24 * 20 || i % (24 * 30) >= 24 * 23);
    const frame = frameOf(gappy, exampleTerms);
    const test = { fromMs: 0, coverage: 0.9, periodEndsMs: [] };
    // Three days are missing twice: one main close before each has nothing after it.
    expect(unjudgedCloses(frame, test)).toBe(2);
    expect(unjudgedCloses(frameOf(hours, exampleTerms), test)).toBe(0);
  });
});
