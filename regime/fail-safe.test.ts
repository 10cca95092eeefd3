/** Tests of the fail safe: whatever breaks inside, what is published is held, or widens. */
import { describe, expect, it } from "vitest";
import { foldBar, foldTime } from "./live.ts";
import { evidence, type RegimeOutcome } from "./outcome.ts";
import { restoreRegime, snapshotRegime } from "./snapshot.ts";
import { createRegime, type RegimeState } from "./state.ts";
import { exampleTerms as terms } from "./study/example-terms.test-kit.ts";
import { syntheticBars } from "./study/synthetic.test-kit.ts";

const BAR_MS = 7_200_000;
const bars = syntheticBars({
  seed: 7,
  bars: 12 * 200,
  barMs: BAR_MS,
  steps: 4,
  // Calm, then a market that would have the range widen, then one that would have it fall.
  dailyVol: (at) => [0.02, 0.05, 0.012][Math.floor(at / (60 * 86_400_000))] ?? 0.02,
});

const folded = (count: number): RegimeState => {
  const s = createRegime(terms, BAR_MS, "BTC");
  for (const bar of bars.slice(0, count)) foldBar(s, bar);
  return s;
};
const calm = snapshotRegime(folded(12 * 58));
const falling = snapshotRegime(folded(12 * 123));

type Break = (s: RegimeState) => void;
const breaks: readonly [string, Break][] = [
  ["the fast variance", (s) => (s.variance.fast = Number.NaN)],
  ["the slow variance", (s) => (s.variance.slow = Number.POSITIVE_INFINITY)],
  ["the level", (s) => (s.level.simulated = Number.NaN)],
  ["the kurtosis term", (s) => (s.tails.factor = Number.NaN)],
  ["both variances", (s) => Object.assign(s.variance, { fast: Number.NaN, slow: Number.NaN })],
];

describe.each(breaks)("a figure that is none in %s", (_, spoil) => {
  it.each([
    ["below the prior", calm],
    ["on its way down", falling],
  ])("holds a range %s, and lets it widen toward the prior alone", (_name, snapshot) => {
    const s = restoreRegime(snapshot);
    const before = s.range.value;
    expect(before).toBeGreaterThan(0.08);
    spoil(s);
    const told: RegimeOutcome[] = [];
    const initial = () => Math.max(s.range.value, s.silence.value);
    let last = before;
    for (const bar of bars.slice(12 * 123, 12 * 140)) {
      const openMs = s.openMs + (bar.openMs % BAR_MS);
      told.push(foldBar(s, { ...bar, openMs }));
      expect(initial()).toBeGreaterThanOrEqual(last);
      expect(s.range.value).toBeGreaterThanOrEqual(before);
      expect(initial()).toBeLessThanOrEqual(Math.max(before * 1.1, terms.prior.range) + 1e-12);
      last = initial();
      for (const figure of Object.values(evidence(s)))
        expect(typeof figure !== "number" || Number.isFinite(figure)).toBe(true);
    }
    expect(last).toBeGreaterThanOrEqual(Math.min(terms.prior.range, before));
    expect(evidence(s).stale).toBe(true);
    expect(JSON.stringify(told)).not.toContain("null");
  });
});

describe("a regime that is no longer fed", () => {
  it("holds, forbids loosening, and widens 1 % an hour toward the prior and no further", () => {
    const s = restoreRegime(calm);
    const before = s.range.value;
    const { maintenance } = s.published;
    let last = before;
    for (let hours = 2; hours <= 400; hours += 2) {
      foldTime(s, s.openMs + BAR_MS);
      const initial = Math.max(s.range.value, s.silence.value);
      expect(initial).toBeGreaterThanOrEqual(last);
      expect(initial / last).toBeLessThanOrEqual(1.02 + 1e-12);
      expect(s.published.initial).toBeGreaterThanOrEqual(initial);
      last = initial;
    }
    expect(before).toBeLessThan(0.15);
    expect(last).toBe(terms.prior.range);
    expect([s.range.value, s.published.maintenance]).toEqual([before, maintenance]);
  });
});
