/** Tests of the variance of a block and of its two averages. */
import { describe, expect, it } from "vitest";
import { foldBlock, startBlock } from "./block.ts";
import { paceOf } from "./pace.ts";
import { exampleTerms as terms } from "./study/example-terms.test-kit.ts";
import { syntheticBars } from "./study/synthetic.test-kit.ts";
import { foldVariance, startVariance } from "./variance.ts";

const HOUR_MS = 3_600_000;
const pace = paceOf(terms, 2 * HOUR_MS);
const ln = Math.log;

/** Folds one bar after a close at 100 and gives the variance that it was counted with. */
function countedVariance(ohlc: readonly [number, number, number, number], missed = 0): number {
  const [open, high, low, close] = ohlc;
  const v = { ...startVariance(pace), previousClose: 100, missed };
  const { fast } = v;
  const block = startBlock();
  foldBlock(block, pace, { openMs: 0, open, high, low, close }, true);
  foldVariance(v, pace, 1e9, block);
  const keep = pace.fastKeep[1]!;
  return (v.fast - keep * fast) / (1 - keep);
}

describe("the variance of a bar", () => {
  it.each([
    // bar, open high low close, variance by hand
    ["flat: the floor", [100, 100, 100, 100], 4e-8],
    ["a wick both ways", [100, 110, 90, 100], ln(1.1) ** 2 + ln(0.9) ** 2],
    ["only falling: a quarter of the return", [100, 100, 80, 80], 0.25 * ln(0.8) ** 2],
    ["a gap, then flat", [110, 110, 110, 110], ln(1.1) ** 2],
    ["a gap and a body", [110, 121, 110, 121], ln(1.1) ** 2 + 0.25 * ln(1.1) ** 2],
  ] as const)("%s", (_, bar, expected) => {
    expect(countedVariance(bar)).toBeCloseTo(expected, 12);
  });

  it("spreads the return over a gap", () => {
    expect(countedVariance([110, 110, 110, 110], 3)).toBeCloseTo(ln(1.1) ** 2 / 4, 12);
  });
});

describe("the two speeds", () => {
  it("halve a shock in a day and in 180 days", () => {
    expect(pace.fastKeep[1]! ** 12).toBeCloseTo(0.5, 12);
    expect(pace.slowKeep[1]! ** (12 * 180)).toBeCloseTo(0.5, 12);
  });

  it.each([
    // bar, hours of the fast half-life
    [24 * HOUR_MS, 48],
    [12 * HOUR_MS, 24],
    [300_000, 24],
  ])(
    "on bars of %i ms the fast one has a half-life of %i hours, never under two bars",
    (barMs, h) => {
      const { fastKeep, blockBars, barHours } = paceOf(terms, barMs);
      expect(fastKeep[blockBars]! ** (h / barHours / blockBars)).toBeCloseTo(0.5, 12);
    },
  );

  it("find the true daily variance of a steady market", () => {
    const bars = syntheticBars({
      seed: 4,
      bars: 12 * 800,
      barMs: 2 * HOUR_MS,
      steps: 200,
      dailyVol: () => 0.03,
    });
    const v = startVariance(pace);
    const block = startBlock();
    let fast = 0;
    for (const [i, bar] of bars.entries()) {
      foldBlock(block, pace, bar, true);
      foldVariance(v, pace, terms.scale.winsor, block);
      if (i >= bars.length - 1200) fast += v.fast / 1200;
    }
    // Discretisation biases ranges of 200 steps down by some percent.
    expect(Math.sqrt(12 * fast) / 0.03).toBeGreaterThan(0.93);
    expect(Math.sqrt(12 * fast) / 0.03).toBeLessThan(1.05);
    expect(Math.sqrt(12 * v.slow) / 0.03).toBeGreaterThan(0.93);
  });
});

describe("the winsor", () => {
  const crash = { openMs: 0, open: 100, high: 100, low: 80, close: 100 };
  const raw = ln(0.8) ** 2;
  const folded = (bars: number, start = 1e-4) => {
    const v = { ...startVariance(pace), fast: start, slow: start, previousClose: 100 };
    const block = startBlock();
    const counted: number[] = [];
    for (let i = 0; i < bars; i++) {
      const before = v.slow;
      foldBlock(block, pace, crash, true);
      foldVariance(v, pace, 10, block);
      counted.push((v.slow - pace.slowKeep[1]! * before) / (1 - pace.slowKeep[1]!));
    }
    return counted;
  };

  it("counts one bad print as ten times the larger speed", () => {
    expect(folded(1)[0]).toBeCloseTo(1e-3, 12);
  });

  it("believes what has lasted for six hours", () => {
    const [, second, third] = folded(3);
    expect(second).toBeLessThan(raw / 2);
    expect(third).toBeCloseTo(raw, 12);
  });

  it("is escaped from a scale that was stuck near nothing", () => {
    expect(folded(4, 1e-12).at(-1)).toBeCloseTo(raw, 12);
  });
});

describe("a block of five-minute bars", () => {
  const quick = paceOf(terms, 300_000);
  const bars = syntheticBars({
    seed: 8,
    bars: 24 * 50,
    barMs: 300_000,
    steps: 4,
    dailyVol: () => 0.05,
  });

  it("ends where the two-hour bar of the same market ends", () => {
    const [v, whole] = [startVariance(quick), startVariance(pace)];
    const [block, bar] = [startBlock(), startBlock()];
    for (let i = 0; i < bars.length; i += 24) {
      const part = bars.slice(i, i + 24);
      for (const one of part) {
        foldBlock(block, quick, one, true);
        foldVariance(v, quick, 10, block);
      }
      const joined = {
        openMs: 0,
        open: part[0]!.open,
        high: Math.max(...part.map(({ high }) => high)),
        low: Math.min(...part.map(({ low }) => low)),
        close: part.at(-1)!.close,
      };
      foldBlock(bar, pace, joined, true);
      foldVariance(whole, pace, 10, bar);
      expect([v.fast, v.slow]).toEqual([whole.fast, whole.slow]);
    }
  });

  it("shows a shock with the bar that brings it, and stands still in a calm one", () => {
    const v = { ...startVariance(quick), previousClose: 100 };
    const block = startBlock();
    const shock = { openMs: 0, open: 100, high: 100, low: 97, close: 97 };
    foldBlock(block, quick, shock, true);
    foldVariance(v, quick, 10, block);
    expect(v.fastNow).toBeGreaterThan(1.02 * v.fast);
    expect(v.fast).toBe(quick.priorVariance);
  });
});
