/** Tests of the emergency lane: when it opens, how far, and that maintenance never follows it. */
import { describe, expect, it } from "vitest";
import { foldBar } from "./live.ts";
import { createRegime } from "./state.ts";
import { exampleTerms } from "./study/example-terms.ts";
import { syntheticBars } from "./study/synthetic.ts";

const MINUTES_MS = 300_000;
const terms = { ...exampleTerms, emergency: { ...exampleTerms.emergency, enabled: true } };
const calm = syntheticBars({
  seed: 12,
  bars: 288 * 60,
  barMs: MINUTES_MS,
  steps: 2,
  dailyVol: () => 0.03,
});
const last = calm.at(-1)!;

/** A calm market of sixty days, and then these closes. */
function after(shares: readonly number[], used = terms) {
  const s = createRegime(used, MINUTES_MS);
  for (const bar of calm) foldBar(s, bar);
  let before = last.close;
  const initial = [s.published.initial];
  const lane: number[] = [];
  for (const [i, share] of shares.entries()) {
    const close = last.close * share;
    const openMs = last.openMs + (i + 1) * MINUTES_MS;
    const [high, low] = [Math.max(before, close), Math.min(before, close)];
    foldBar(s, { openMs, open: before, high, low, close });
    before = close;
    initial.push(s.published.initial);
    lane.push(s.lane.value);
  }
  return { s, initial, lane };
}
/** Eight hours in which 38 % go: more than the range, and the publisher is held to 10 % in two. */
const crash = Array.from({ length: 96 }, (_, i) => 1 - 0.004 * (i + 1));

describe("the emergency lane", () => {
  it("lets the initial range outrun the publisher in a crash, by a quarter at most", () => {
    const { s, initial } = after(crash);
    expect(s.lane.value).toBeGreaterThan(1.05 * s.range.value);
    expect(s.lane.value).toBeLessThanOrEqual(1.25 * s.range.value);
    expect(s.lane.value).toBeLessThanOrEqual(s.target);
    expect(s.published.maintenance).toBeLessThan(s.lane.value);
    expect(initial.at(-1)!).toBeGreaterThan(after(crash, exampleTerms).initial.at(-1)!);
  });

  it("does nothing when it is switched off", () => {
    const { s } = after(crash, exampleTerms);
    expect(s.lane.value).toBe(0);
    expect(s.published.initial - s.range.value).toBeLessThan(exampleTerms.range.step);
  });

  it.each([
    [
      "a fall beyond the range that stands for five minutes",
      [...crash.slice(0, 34), 0.8, 0.8, 0.97, 0.97],
    ],
    ["a move of half the range in an hour", Array.from({ length: 12 }, (_, i) => 1 - 0.007 * i)],
  ])("stays shut for %s", (_, shares) => {
    expect(after(shares).lane.filter((value) => value > 0)).toEqual([]);
  });

  it("stays inside the daily limit, and the maintenance range under the publisher's", () => {
    const s = createRegime(terms, MINUTES_MS);
    for (const bar of calm) foldBar(s, bar);
    const start = s.range.value;
    for (let i = 1; i <= 280; i++) {
      const close = last.close * Math.max(0.4, 1 - 0.01 * i);
      const openMs = last.openMs + i * MINUTES_MS;
      foldBar(s, { openMs, open: close, high: close, low: close, close });
      expect(s.published.initial).toBeLessThanOrEqual(1.5 * start + terms.range.step);
      expect(s.published.maintenance).toBeLessThanOrEqual(s.range.value + terms.range.step);
    }
  });

  it("shuts when the publisher has caught up", () => {
    const { s } = after([...crash, ...new Array(288 * 2).fill(crash.at(-1)!)]);
    expect(s.lane.value).toBe(0);
  });
});
