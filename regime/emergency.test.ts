/** Tests of the emergency lane: when it opens, how far, and that maintenance never follows it. */
import { describe, expect, it } from "vitest";
import { foldDay, standFrom, startDay } from "./day.ts";
import { foldLane, startLane } from "./emergency.ts";
import { foldBar } from "./live.ts";
import { paceOf } from "./pace.ts";
import { startPublisher } from "./publisher.ts";
import { createRegime } from "./state.ts";
import { exampleTerms } from "./study/example-terms.test-kit.ts";
import { syntheticBars } from "./study/synthetic.test-kit.ts";

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
  for (const [i, share] of shares.entries()) {
    const close = last.close * share;
    const openMs = last.openMs + (i + 1) * MINUTES_MS;
    const [high, low] = [Math.max(before, close), Math.min(before, close)];
    foldBar(s, { openMs, open: before, high, low, close });
    before = close;
    initial.push(s.published.initial);
  }
  return { s, initial };
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

/** The lane after these closes of 100, at a range of 16 % with its target far above. */
function laneAfter(closes: readonly number[], barMs = MINUTES_MS): number {
  const pace = paceOf(terms, barMs);
  const market = { day: startDay(pace), range: startPublisher(pace, 0.16), target: 0.4 };
  const lane = startLane();
  for (const [i, close] of closes.entries()) {
    if (i > 0) standFrom(market.day, 1, 1);
    foldDay(market.day, { high: close, low: close, close });
    foldLane(lane, pace, terms.emergency, market);
  }
  return lane.value;
}

const flat = (close: number, bars: number): number[] => new Array(bars).fill(close);
const slow = Array.from({ length: 24 }, (_, i) => 100 - 0.5 * i);

describe("a move", () => {
  it.each([
    // closes of five-minute bars, whether the lane opens
    ["beyond the range that has stood for ten minutes", [...slow, ...flat(83, 3)], true],
    ["beyond the range that has stood for five", [...slow, ...flat(83, 2)], false],
    ["up beyond the range", [...flat(100, 9), ...flat(103, 9), ...flat(117, 3)], true],
    ["of half the range within ten minutes", [...flat(100, 6), 96, ...flat(91.9, 3)], true],
    ["of just less than half the range", [...flat(100, 6), 96, ...flat(92.1, 3)], false],
    [
      "of half the range in half an hour",
      [...flat(100, 6), 98, 97, 96, 95, 94, ...flat(91.9, 3)],
      false,
    ],
    ["that comes back after two closes", [...flat(100, 9), 80, 80, ...flat(100, 9)], false],
    ["that goes beyond where it came from", [...flat(100, 9), 80, ...flat(104, 9)], false],
  ])("%s: the lane opens: %s", (_, closes, opens) => {
    expect(laneAfter(closes) > 0).toBe(opens);
  });

  it("on two-hour bars counts with the close that shows it", () => {
    expect(laneAfter([100, 100, 83], 24 * MINUTES_MS)).toBeCloseTo(0.2, 12);
    expect(laneAfter([100, 100, 85], 24 * MINUTES_MS)).toBe(0);
  });

  it("from a price of nothing is none", () => {
    expect(laneAfter([100, -5, 100, 100], 24 * MINUTES_MS)).toBe(0.2);
    expect(laneAfter([0, 100, 100], 24 * MINUTES_MS)).toBe(0);
  });
});
