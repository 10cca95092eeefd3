/** Tests of the challenger: it shadows in silence, is judged fairly, and acts when told to. */
import { describe, expect, it } from "vitest";
import type { Bar } from "./bar.ts";
import { challengerScore, SCORE_DAYS, tickLoss, withCoefficients } from "./challenger.ts";
import { destination } from "./destination.ts";
import { foldBar } from "./live.ts";
import { evidence } from "./outcome.ts";
import { withTerms } from "./retune.ts";
import { restoreRegime, snapshotRegime } from "./snapshot.ts";
import { createRegime, type RegimeState } from "./state.ts";
import { exampleTerms as terms } from "./study/example-terms.test-kit.ts";
import { syntheticBars } from "./study/synthetic.test-kit.ts";
import { desk, of, publishedOf } from "./turn.test-kit.ts";
import { regimeView } from "./view.ts";

const BAR_MS = 7_200_000;
const DAY_MS = 86_400_000;
const coefficients = { intercept: -0.4, day: 0.4, week: 0.35, month: 0.2, level: 4.4 };
const har = { ...terms, scale: { ...terms.scale, estimator: "har" as const } };

const market = (days: number, seed = 1): Bar[] =>
  syntheticBars({
    seed,
    bars: 12 * days,
    barMs: BAR_MS,
    steps: 6,
    df: 4,
    dailyVol: (at) => (Math.floor(at / (40 * DAY_MS)) % 2 === 0 ? 0.03 : 0.05),
  });
const bars = market(500);

const folded = (count: number, used = terms): RegimeState => {
  const s = createRegime(used, BAR_MS, "BTC");
  for (const bar of bars.slice(0, count)) foldBar(s, bar);
  return s;
};
const copyOf = (s: RegimeState): RegimeState => restoreRegime(snapshotRegime(s));
/** What others see and compute with. */
const published = (s: RegimeState) => ({ ...s.published, ...evidence(s) });

describe("a challenger", () => {
  it("changes nothing that is published, with coefficients or without", () => {
    const alone = folded(12 * 100);
    let shadowed = withCoefficients(copyOf(alone), coefficients);
    expect(published(shadowed)).toEqual(published(alone));
    for (const [i, bar] of bars.slice(12 * 100).entries()) {
      foldBar(alone, bar);
      foldBar(shadowed, bar);
      if (i % 2000 === 1999) shadowed = withCoefficients(shadowed, { ...coefficients, day: 0.6 });
      expect(published(shadowed)).toEqual(published(alone));
    }
    expect(challengerScore(alone)).toBeUndefined();
    expect(challengerScore(shadowed)!.windows).toBeGreaterThan(60);
  });

  it("is scored by the tick loss of the newest 180 days, window by window", () => {
    const s = withCoefficients(folded(12 * 100), coefficients);
    const [shown, would, day]: [number[], number[], Bar[]] = [[], [], []];
    for (const bar of bars.slice(12 * 100)) {
      foldBar(s, bar);
      shown.push(s.published.initial);
      would.push(
        challengerScore(s)?.shadowRange ?? s.challenger.rangeThen[(s.day.next + 11) % 12]!,
      );
      day.push(bar);
    }
    const loss = (range: number[]): number => {
      const losses: number[] = [];
      for (let end = 23; end < day.length; end += 12) {
        const base = day[end - 12]!.close;
        const high = Math.max(base, ...day.slice(end - 11, end + 1).map((bar) => bar.high));
        const low = Math.min(base, ...day.slice(end - 11, end + 1).map((bar) => bar.low));
        const move = Math.max(high / base - 1, 1 - low / base);
        const gap = move - range[end - 12]!;
        losses.push(gap > 0 ? 0.995 * gap : -0.005 * gap);
      }
      const newest = losses.slice(-SCORE_DAYS);
      return (1e4 * newest.reduce((sum, x) => sum + x, 0)) / newest.length;
    };
    const score = regimeView(s).challengerScore!;
    expect(score.windows).toBe(SCORE_DAYS);
    expect(score.expected).toBeCloseTo(0.9, 12);
    expect(score.actingTickLoss).toBeCloseTo(loss(shown), 9);
    expect(score.shadowTickLoss).toBeCloseTo(loss(would), 9);
    expect(score.shadow).toBe("har");
  });

  it("learns its level from moves over its own scale with the kurtosis term", () => {
    const s = withCoefficients(folded(12 * 100), coefficients);
    const scales: number[] = [];
    let learnt = 0;
    for (const bar of bars.slice(12 * 100, 12 * 120)) {
      const { count } = s.challenger.level.ratios;
      foldBar(s, bar);
      scales.push(s.challenger.scale * s.tails.factor);
      const { ratios } = s.challenger.level;
      if (ratios.count === count) continue;
      learnt += 1;
      expect(ratios.ring[count]).toBe(s.day.move / scales.at(-13)!);
    }
    // Three a day, from the first close that has a day behind it.
    expect(learnt).toBe(57);
  });

  it("acts where the terms say so, through the limits of the publisher", () => {
    let s = withCoefficients(folded(12 * 200), coefficients);
    const before = published(s);
    s = withTerms(s, har);
    expect(s.published).toEqual(expect.objectContaining({ initial: before.initial }));
    const values = [s.range.value];
    for (const bar of bars.slice(12 * 200, 12 * 300)) {
      foldBar(s, bar);
      values.push(s.range.value);
      expect(s.range.value).toBeLessThanOrEqual(values.at(-2)! * 1.1 + 1e-12);
      expect(s.range.value).toBeGreaterThanOrEqual(values.at(-2)! * 0.92);
    }
    const { k, scale, target, kurtFactor } = evidence(s);
    expect(scale).toBe(s.challenger.scale);
    expect(scale).not.toBe(s.scale);
    expect(target).toBeCloseTo(k * scale * kurtFactor, 12);
    expect(challengerScore(s)).toMatchObject({ shadow: "damped" });
    expect(destination(s) / target).toBeCloseTo(1, 0);
  });

  it("never acts without coefficients", () => {
    const [plain, asked] = [folded(12 * 60), folded(12 * 60, har)];
    expect(published(asked)).toEqual(published(plain));
  });

  it("begins its score anew with its coefficients, and when the two change places", () => {
    const windows = (s: RegimeState): number => s.challenger.score.windows;
    let s = withCoefficients(folded(12 * 100), coefficients);
    const run = (from: number, to: number): void => {
      for (const bar of bars.slice(12 * from, 12 * to)) foldBar(s, bar);
    };
    run(100, 140);
    expect(windows(s)).toBeGreaterThan(35);
    s = withTerms(s, { ...terms, publisher: { ...terms.publisher, downPerDay: 0.05 } });
    expect(windows(s)).toBeGreaterThan(35);
    s = withTerms(s, har);
    expect(windows(s)).toBe(0);
    run(140, 150);
    expect(windows(withCoefficients(s, coefficients))).toBe(0);
  });

  it("goes on bit for bit from a snapshot", () => {
    const whole = withCoefficients(folded(12 * 100), coefficients);
    const restored = restoreRegime(JSON.parse(JSON.stringify(snapshotRegime(whole))));
    for (const bar of bars.slice(12 * 100, 12 * 130)) {
      foldBar(whole, bar);
      foldBar(restored, bar);
    }
    expect(regimeView(restored)).toEqual(regimeView(whole));
    expect(JSON.stringify(snapshotRegime(restored))).toBe(JSON.stringify(snapshotRegime(whole)));
  });
});

describe("coefficients in the list", () => {
  const { decide, regime, refused } = desk(bars.slice(0, 12 * 60));
  const command = { ...of, what: "coefficients" } as const;

  it("begin a shadow, and move nothing that is published", () => {
    const before = publishedOf(regime());
    expect(decide({ ...command, coefficients })).toEqual([]);
    expect(publishedOf(regime())).toEqual(before);
    expect(regime().challenger).toMatchObject({ known: true, coefficients });
  });

  it("that cannot be are told, and change nothing", () => {
    const before = JSON.stringify(snapshotRegime(regime()));
    expect(decide({ ...command, coefficients: { ...coefficients, level: -1 } })).toEqual([]);
    expect(refused.map(({ code }) => code)).toEqual(["out_of_bounds"]);
    expect(JSON.stringify(snapshotRegime(regime()))).toBe(before);
  });
});

describe("the tick loss", () => {
  it.each([
    // move, range, loss at 0.5 %
    [0.1, 0.2, 0.0005],
    [0.3, 0.2, 0.0995],
    [0.2, 0.2, 0],
  ])("of a move of %d in a range of %d is %d", (move, range, expected) => {
    expect(tickLoss(move, range, 0.005)).toBeCloseTo(expected, 15);
  });
});
