/**
 * The safety invariants of the regime as a whole: what no market may make it do.
 *
 * Markets are synthetic with known laws; each claim is about the live fold, nothing is stubbed.
 */
import { describe, expect, it } from "vitest";
import type { Bar } from "./bar.ts";
import { foldBar } from "./live.ts";
import { restoreRegime, snapshotRegime } from "./snapshot.ts";
import { createRegime, type RegimeState } from "./state.ts";
import { exampleTerms as terms } from "./study/example-terms.test-kit.ts";
import { joinedBars, syntheticBars, uniforms } from "./study/synthetic.test-kit.ts";

const HOUR_MS = 3_600_000;
const BAR_MS = 2 * HOUR_MS;
const DAY_BARS = 12;

interface Market {
  readonly seed: number;
  readonly days: number;
  readonly dailyVol?: (atMs: number) => number;
  readonly df?: number;
  readonly barMs?: number;
}

function market({ seed, days, dailyVol = () => 0.035, df, barMs = BAR_MS }: Market): Bar[] {
  const bars = Math.floor((days * 24 * HOUR_MS) / barMs);
  const steps = Math.max(4, Math.floor(barMs / 300_000));
  return syntheticBars({ seed, bars, barMs, steps, dailyVol, ...(df === undefined ? {} : { df }) });
}

/** The range at each close, unrounded and published. */
function ranges(bars: readonly Bar[], barMs = BAR_MS): { value: number[]; published: number[] } {
  const regime = createRegime(terms, barMs);
  const value: number[] = [];
  const published: number[] = [];
  for (const bar of bars) {
    foldBar(regime, bar);
    value.push(regime.range.value);
    published.push(regime.published.initial);
  }
  return { value, published };
}

function foldAll(bars: readonly Bar[]): RegimeState {
  const regime = createRegime(terms, BAR_MS);
  for (const bar of bars) foldBar(regime, bar);
  return regime;
}

const copyOf = (regime: RegimeState): RegimeState => restoreRegime(snapshotRegime(regime));

describe("a larger move", () => {
  it("never lowers the target or the range at once", () => {
    const uniform = uniforms(31);
    const bars = market({ seed: 30, days: 120, df: 4 });
    const regime = createRegime(terms, BAR_MS);
    for (const [i, bar] of bars.entries()) {
      if (i > 400 && i % 20 === 0) {
        const [calm, wild] = [copyOf(regime), copyOf(regime)];
        const wider = 1 + 0.3 * uniform() * uniform();
        foldBar(calm, bar);
        foldBar(wild, { ...bar, high: bar.high * wider, low: bar.low / wider });
        expect(wild.target).toBeGreaterThanOrEqual(calm.target);
        expect(wild.range.value).toBeGreaterThanOrEqual(calm.range.value);
      }
      foldBar(regime, bar);
    }
  });
});

describe("what prices are quoted in", () => {
  const bars = market({ seed: 40, days: 200, df: 4 });
  const published = ranges(bars).published;

  it("does not matter, to the bit for a power of two", () => {
    const times = (factor: number): Bar[] =>
      bars.map(({ openMs, open, high, low, close }) => ({
        openMs,
        open: open * factor,
        high: high * factor,
        low: low * factor,
        close: close * factor,
      }));
    expect(ranges(times(1024)).value).toEqual(ranges(bars).value);
    expect(ranges(times(1000)).published).toEqual(published);
  });

  it("and which time zone they are stamped in does not matter either", () => {
    const moved = bars.map((bar) => ({ ...bar, openMs: bar.openMs + 5.5 * HOUR_MS }));
    expect(ranges(moved).published).toEqual(published);
  });
});

describe("a market with sessions", () => {
  const calendar = { kind: "sessions", openMs: 12 * HOUR_MS, daysPerYear: 252 } as const;
  const shares = { ...terms, calendar };

  it("has one range whether its clock is set forward in summer or not", () => {
    const bars = market({ seed: 41, days: 200, df: 4 }).map((bar, i) => ({
      ...bar,
      openMs: Math.floor(i / 6) * 24 * HOUR_MS + (14 + 2 * (i % 6)) * HOUR_MS,
    }));
    const summer = bars.map((bar, i) => {
      const early = Math.floor(i / 6 / 180) % 2 === 1;
      return early ? { ...bar, openMs: bar.openMs - HOUR_MS } : bar;
    });
    const rangesOf = (all: readonly Bar[]): number[] => {
      const regime = createRegime(shares, BAR_MS);
      return all.map((bar) => {
        foldBar(regime, bar);
        return regime.range.value;
      });
    };
    expect(rangesOf(summer)).toEqual(rangesOf(bars));
  });
});

describe("one bad print of 20 %", () => {
  it.each([
    // bar, its length in ms, days before it, what is bad
    ["low of a two-hour", BAR_MS, 500, { low: 0.8 }],
    ["high of a two-hour", BAR_MS, 300, { high: 1.2 }],
    ["close of a two-hour", BAR_MS, 300, { close: 0.8, low: 0.8 }],
    ["close of a two-hour", BAR_MS, 150, { close: 1.2, high: 1.2 }],
    ["low of a five-minute", 300_000, 120, { low: 0.8 }],
    ["close of a five-minute", 300_000, 60, { close: 1.2, high: 1.2 }],
  ])(
    "as the %s bar widens by 10 % at most in two hours, and is forgotten",
    (_, barMs, days, bad) => {
      const bars = market({ seed: 50, days: days + 12, barMs, dailyVol: () => 0.03 });
      const dayBars = (24 * HOUR_MS) / barMs;
      const at = days * dayBars;
      const good = bars[at]!;
      const {
        low = 1,
        high = 1,
        close = 1,
      } = bad as { low?: number; high?: number; close?: number };
      const spoilt = bars.with(at, {
        ...good,
        low: low * good.low,
        high: high * good.high,
        close: close * good.close,
      });
      const [clean, hit] = [ranges(bars, barMs).value, ranges(spoilt, barMs).value];
      const before = clean[at - 1]!;
      expect(Math.max(...hit.slice(at, at + dayBars / 12)) / before).toBeLessThan(1.1 + 1e-9);
      expect(Math.max(...hit.slice(at, at + dayBars)) / before).toBeLessThan(1.5 + 1e-9);
      expect(hit[at + 10 * dayBars]! / clean[at + 10 * dayBars]!).toBeLessThan(1.1);
      expect(Math.max(...hit)).toBeGreaterThan(before);
    },
  );
});

describe("a steady market", () => {
  it.each([
    // law, degrees of freedom, seed
    ["normal", undefined, 61],
    ["normal", undefined, 62],
    ["t4", 4, 63],
    ["t4", 4, 64],
  ])("of %s returns moves the range 0.3 times a day at most", (_, df, seed) => {
    const bars = market({ seed, days: 1200, ...(df === undefined ? {} : { df }) });
    const published = ranges(bars).published.slice(800 * DAY_BARS);
    let [changes, steady] = [0, 0];
    for (let i = 1; i < published.length; i++) if (published[i] !== published[i - 1]) changes += 1;
    for (let i = DAY_BARS; i < published.length; i++) {
      const day = published.slice(i - DAY_BARS, i + 1);
      if (Math.max(...day) - Math.min(...day) <= terms.range.step + 1e-12) steady += 1;
    }
    expect((changes / published.length) * DAY_BARS).toBeLessThanOrEqual(0.3);
    expect(steady / (published.length - DAY_BARS)).toBeGreaterThanOrEqual(0.9);
  });

  it("whose vol is a square wave does not make the range swing", () => {
    const wave = (at: number): number => (Math.floor(at / (3 * HOUR_MS)) % 2 === 0 ? 0.025 : 0.05);
    const { value } = ranges(market({ seed: 70, days: 400, dailyVol: wave }));
    const turns: number[] = [];
    let last = 0;
    for (let i = 200 * DAY_BARS; i < value.length; i++) {
      const direction = Math.sign(value[i]! - value[i - 1]!);
      if (direction * last < 0) turns.push(i);
      if (direction !== 0) last = direction;
    }
    const within = (from: number): number =>
      turns.filter((i) => i >= from && i < from + 10 * DAY_BARS).length;
    expect(Math.max(0, ...turns.map(within))).toBeLessThanOrEqual(3);
  });
});

describe("one market on two clocks", () => {
  it.each([
    // vol, degrees of freedom
    ["steady", () => 0.035, undefined],
    ["that doubles", (at: number) => (at > 250 * 24 * HOUR_MS ? 0.07 : 0.035), 4],
  ])("has one range: vol %s, five-minute and two-hour bars", (_, dailyVol, df) => {
    const quick = market({
      seed: 80,
      days: 400,
      barMs: 300_000,
      dailyVol,
      ...(df === undefined ? {} : { df }),
    });
    const fine = ranges(quick, 300_000).value;
    const coarse = ranges(joinedBars(quick, 24)).value;
    const gaps = coarse.map((value, i) => Math.abs(fine[24 * i + 23]! / value - 1));
    const settled = gaps.slice(60 * DAY_BARS).sort((a, b) => a - b);
    const mean = settled.reduce((sum, gap) => sum + gap, 0) / settled.length;
    expect(mean).toBeLessThan(0.015);
    expect(settled[Math.floor(0.99 * settled.length)]!).toBeLessThan(0.03);
    expect(settled.at(-1)!).toBeLessThan(0.04);
  });
});

describe("the fold", () => {
  it("never looks ahead: a market that is cut short had the same ranges", () => {
    const bars = market({ seed: 100, days: 150, df: 3 });
    const whole = ranges(bars).value;
    for (const cut of [1, 400, 1234])
      expect(ranges(bars.slice(0, cut)).value).toEqual(whole.slice(0, cut));
  });

  it("keeps its size: no column grows and nothing turns into NaN", () => {
    const size = (s: RegimeState): number =>
      JSON.stringify(snapshotRegime(s).state).split(",").length;
    const regime = foldAll(market({ seed: 110, days: 300, df: 3 }));
    expect(size(regime)).toBe(size(createRegime(terms, BAR_MS)));
    expect(JSON.stringify(snapshotRegime(regime))).not.toContain("null");
  });
});
