/** Tests of the step as a whole: what a silence teaches, what holds a range, and what is told. */
import { describe, expect, it } from "vitest";
import type { Bar } from "./bar.ts";
import { foldBar } from "./live.ts";
import { createRegime, type RegimeState } from "./state.ts";
import { exampleTerms as terms } from "./study/example-terms.test-kit.ts";
import { syntheticBars } from "./study/synthetic.test-kit.ts";
import { regimeView } from "./view.ts";

const BAR_MS = 7_200_000;
const DAY_MS = 86_400_000;

const bars = (days: number, dailyVol: number, seed = 1): Bar[] =>
  syntheticBars({ seed, bars: 12 * days, barMs: BAR_MS, steps: 12, dailyVol: () => dailyVol });
const fold = (all: readonly Bar[], used = terms): RegimeState => {
  const s = createRegime(used, BAR_MS, "BTC");
  for (const bar of all) foldBar(s, bar);
  return s;
};

describe("a silence", () => {
  it("of ten days is no evidence of small moves", () => {
    const s = fold(bars(40, 0.03));
    const { count } = s.level.ratios;
    foldBar(s, { ...bars(40, 0.03).at(-1)!, openMs: 50 * DAY_MS });
    const learnt = [...s.level.ratios.ring.subarray(count, s.level.ratios.count)];
    // Windows that began before it ended with it: three of its first day, and none of the others.
    expect(learnt.length).toBeLessThanOrEqual(4);
    expect(Math.min(...learnt)).toBeGreaterThan(0);
  });

  it("leaves the estimators as they stood", () => {
    const s = fold(bars(40, 0.03));
    const { fast, slow } = s.variance;
    const last = bars(40, 0.03).at(-1)!;
    for (let i = 1; i <= 36; i++)
      foldBar(s, { ...last, openMs: last.openMs + i * BAR_MS, stale: true });
    expect([s.variance.fast, s.variance.slow]).toEqual([fast, slow]);
    expect(regimeView(s).stale).toBe(true);
  });
});

describe("what holds a range", () => {
  const old = { ...terms, prior: { ...terms.prior, holdDays: 1 } };

  it.each([
    // daily vol, where the range ends, what is named
    [0.001, terms.range.min, "floor"],
    [0.3, terms.range.max, "cap"],
  ])("at a daily vol of %d is its bound %d, by name", (dailyVol, range, limiter) => {
    const s = fold(bars(400, dailyVol), old);
    expect(Math.abs(s.range.value / range - 1)).toBeLessThanOrEqual(0.05);
    expect(s.target).toBe(range);
    expect(regimeView(s).limiter).toBe(limiter);
  });

  it("is the class's prior for the first thirty days", () => {
    const calm = bars(32, 0.001);
    const s = createRegime(terms, BAR_MS);
    for (const [i, bar] of calm.entries()) {
      foldBar(s, bar);
      if (i < 30 * 12 - 1) expect(s.range.value).toBeGreaterThanOrEqual(terms.prior.range);
    }
    expect(s.range.value).toBeLessThan(terms.prior.range);
  });
});

describe("a grid change", () => {
  /** Folds a market that wakes up, and gives every change with the state after it. */
  const told = (barMs: number) => {
    const s = createRegime(terms, barMs, "BTC");
    const market = syntheticBars({
      seed: 6,
      bars: (60 * DAY_MS) / barMs,
      barMs,
      steps: 4,
      dailyVol: (at) => (at > 50 * DAY_MS ? 0.12 : 0.03),
    });
    return market.map((bar) => {
      const before = { ...s.published };
      const outcome = foldBar(s, bar);
      return { before, after: { ...s.published }, outcome, view: regimeView(s) };
    });
  };

  it.each([300_000, BAR_MS])(
    "goes out when a published value has moved, on bars of %i ms",
    (ms) => {
      for (const { before, after, outcome } of told(ms)) {
        const moved =
          before.initial !== after.initial ||
          before.maintenance !== after.maintenance ||
          before.volScale !== after.volScale;
        expect(outcome.change !== undefined).toBe(moved || !before.told);
      }
    },
  );

  it("carries what is published, and the figures behind it", () => {
    const { change } = told(BAR_MS).findLast(
      ({ outcome }) => outcome.change !== undefined,
    )!.outcome;
    const { view } = told(BAR_MS).findLast(({ outcome }) => outcome.change !== undefined)!;
    expect(change).toMatchObject({
      underlying: "BTC",
      initial: { slideRange: view.initial },
      maintenance: { slideRange: view.maintenance },
      volScale: view.volScale,
      label: view.label,
    });
    const { k, scale, kurtFactor, target, sigmaFast, sigmaSlow } = change!.evidence;
    expect(target).toBeCloseTo(Math.min(0.48, k * scale * kurtFactor), 12);
    expect(scale).toBeCloseTo(sigmaFast ** 0.35 * sigmaSlow ** 0.65, 12);
  });

  it("is followed by a maintenance range that keeps what its notice said", () => {
    const steps = told(300_000);
    const rises = steps.flatMap(({ outcome }, i) =>
      outcome.notice ? [{ i, ...outcome.notice }] : [],
    );
    expect(rises.length).toBeGreaterThan(5);
    for (const { i, target, effectiveAt } of rises.filter(({ i: at }) => at < steps.length - 7)) {
      const later = steps[i + 6]!;
      expect(effectiveAt).toBe(steps[i]!.outcome.change!.evidence.at + 30 * 60_000);
      // The initial side never falls within half an hour of a rise: its dwell is a day.
      expect(later.after.maintenance).toBeGreaterThanOrEqual(target);
    }
  });
});

describe("the level", () => {
  it("is learnt from moves over the scale with its kurtosis term", () => {
    const { day, scale, tails } = fold(bars(60, 0.03));
    expect(tails.factor).toBeLessThan(0.99);
    expect(day.scale[(day.next + 11) % 12]).toBe(scale * tails.factor);
  });
});

describe("what a regime shows", () => {
  it("grows warm with its own history, half in 180 days", () => {
    expect(regimeView(createRegime(terms, BAR_MS)).warm).toBe(0);
    expect(regimeView(fold(bars(180, 0.03))).warm).toBeCloseTo(0.5, 9);
  });

  it("counts what exceeded it, one window a day", () => {
    const calm = bars(300, 0.03);
    const { score } = regimeView(fold(calm));
    expect([score.windows, score.exceedances]).toEqual([299, 0]);
    const crash = calm.map((bar, i) => (i % 1200 === 1100 ? { ...bar, low: 0.5 * bar.low } : bar));
    expect(regimeView(fold(crash)).score.exceedances).toBe(3);
    expect(score.zone).toBe("green");
    expect(score.pofP).toBeGreaterThan(0);
  });

  it("moves the vol scale with the scale and the tails, within its bounds", () => {
    const wild = regimeView(fold([...bars(800, 0.02), ...moved(bars(30, 0.2, 2), 800 * DAY_MS)]));
    expect(wild.volScale).toBeGreaterThan(1.3);
    expect(wild.volScale).toBeLessThanOrEqual(Math.sqrt(2) * 1.25 + terms.volScale.step);
    expect(wild.label).toBe("stress");
  });
});

function moved(all: readonly Bar[], ms: number): Bar[] {
  return all.map((bar) => ({ ...bar, openMs: bar.openMs + ms }));
}
