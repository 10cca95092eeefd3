import { describe, expect, it } from "vitest";
import { averageBefore, type IndexWindow, longestAveraging, withMark } from "./averaging.ts";
import { dice, plainTerms } from "./engine.test-kit.ts";

const EXPIRY_S = 1_000_000;

/** Folds marks `[second, price]` into a window of `seconds`. */
const windowOf = (marks: readonly (readonly [number, number])[], seconds: number): IndexWindow =>
  marks.reduce<IndexWindow>(
    (window, [second, price]) => withMark(window, second * 1000 + 7, price, seconds),
    [],
  );

type AverageCase = readonly [
  marks: readonly (readonly [before: number, price: number])[],
  seconds: number,
  average: string,
  why: string,
];

describe("the average of the index before an expiry", () => {
  it.each([
    // marks by second before the expiry            seconds  average          why
    [
      [
        [4, 100],
        [3, 100],
        [2, 100],
        [1, 100],
      ],
      4,
      "100",
      "a still market",
    ],
    [
      [
        [4, 100],
        [3, 110],
        [2, 120],
        [1, 130],
      ],
      4,
      "115",
      "each second counts once",
    ],
    [
      [
        [4, 100],
        [1, 140],
      ],
      4,
      "110",
      "a silent second counts as the one before",
    ],
    [
      [
        [9, 100],
        [2, 130],
      ],
      4,
      "115",
      "the price that opens the window is from before it",
    ],
    [[[9, 100]], 4, "100", "silence all along"],
    [
      [
        [2, 100],
        [1, 130],
      ],
      4,
      "115",
      "seconds before the first mark do not count",
    ],
    [
      [
        [1, 100],
        [0, 900],
      ],
      4,
      "100",
      "the expiry's own second is too late",
    ],
    [
      [
        [3, 1],
        [2, 1],
        [1, 2],
      ],
      3,
      "1.333333333333",
      "exact, toward -∞",
    ],
  ] as readonly AverageCase[])("of %j over %i s is %s (%s)", (marks, seconds, average, _why) => {
    const window = windowOf(
      marks.map(([before, price]) => [EXPIRY_S - before, price]),
      seconds,
    );
    expect(averageBefore(window, EXPIRY_S * 1000, seconds)).toBe(average);
  });

  it("is unknown without a mark before the expiry", () => {
    expect(averageBefore([], EXPIRY_S * 1000, 60)).toBeUndefined();
    const late = windowOf([[EXPIRY_S, 100]], 60);
    expect(averageBefore(late, EXPIRY_S * 1000, 60)).toBeUndefined();
  });

  it("takes the last mark of a second that had several", () => {
    const twice = withMark(windowOf([[EXPIRY_S - 1, 100]], 1), EXPIRY_S * 1000 - 1, 130, 1);
    expect(twice).toHaveLength(1);
    expect(averageBefore(twice, EXPIRY_S * 1000, 1)).toBe("130");
  });

  it("holds at most one entry more than the window has seconds", () => {
    const marks = Array.from({ length: 500 }, (_, i) => [EXPIRY_S - 500 + i, 100 + i] as const);
    expect(windowOf(marks, 60)).toHaveLength(61);
  });

  it("equals the sum over seconds, spelt out (300 random windows)", () => {
    const chance = dice(21);
    for (let i = 0; i < 300; i++) {
      const seconds = 1 + chance.below(30);
      const marks: [number, number][] = [];
      for (let second = EXPIRY_S - 60; second < EXPIRY_S; second++) {
        if (chance.below(3) === 0) marks.push([second, 1 + chance.below(1_000_000) / 8]);
      }
      const window = windowOf(marks, seconds);
      const told = averageBefore(window, EXPIRY_S * 1000, seconds);
      expect(told === undefined ? undefined : Number(told), `window ${i} of seed 21`).toBe(
        slowAverage(marks, seconds),
      );
    }
  });
});

/** Eighths add up exactly in float64; the quotient is cut at 1e-12 like the ledger's. */
function slowAverage(marks: readonly (readonly [number, number])[], seconds: number) {
  let sum = 0n;
  let counted = 0n;
  for (let second = EXPIRY_S - seconds; second < EXPIRY_S; second++) {
    const known = marks.filter(([at]) => at <= second).at(-1);
    if (known === undefined) continue;
    sum += BigInt(known[1] * 8);
    counted += 1n;
  }
  if (counted === 0n) return undefined;
  const scaled = (sum * 10n ** 12n) / (counted * 8n);
  return Number(`${scaled / 10n ** 12n}.${String(scaled % 10n ** 12n).padStart(12, "0")}`);
}

describe("the seconds that an index is kept for", () => {
  it.each([
    [plainTerms(), 0],
    [plainTerms({}, { settlementAveragingSeconds: 1800 }), 1800],
    [plainTerms({}, { settlementAveragingSeconds: 0.5 }), 1],
  ])("are the most that any terms ask for (%#)", (terms, seconds) => {
    expect(longestAveraging(terms)).toBe(seconds);
  });
});
