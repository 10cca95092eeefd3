/**
 * Tests of files and feeds with gaps: whatever is missing, the range stays calibrated and loosens.
 *
 * Each market is folded whole and with its gaps; at the closes that both have, what is published
 * with the gaps must be near what is published without.
 */
import { describe, expect, it } from "vitest";
import type { Bar } from "./bar.ts";
import { foldBar } from "./live.ts";
import { createRegime } from "./state.ts";
import { exampleTerms } from "./study/example-terms.test-kit.ts";
import { syntheticBars } from "./study/synthetic.test-kit.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const DAYS = 900;
/** The level is learnt from the first half, so that what gaps teach it is seen in the second. */
const terms = { ...exampleTerms, level: { ...exampleTerms.level, minimumYears: 1 } };

/** Storms of a month, each followed by five calm ones. */
const market = (barMs: number, days: number): Bar[] =>
  syntheticBars({
    seed: 91,
    bars: (days * DAY_MS) / barMs,
    barMs,
    steps: 6,
    df: 4,
    dailyVol: (at) => (at % (180 * DAY_MS) < 30 * DAY_MS ? 0.05 : 0.025),
  });

interface Outcome {
  readonly initial: Map<number, number>;
  readonly level: number;
}

function fold(bars: readonly Bar[], barMs: number): Outcome {
  const regime = createRegime(terms, barMs);
  const initial = new Map<number, number>();
  for (const bar of bars) {
    foldBar(regime, bar);
    initial.set(bar.openMs, regime.published.initial);
  }
  return { initial, level: regime.level.simulated };
}

const hourOf = (at: number): number => Math.floor(at / HOUR_MS) % 24;
const dayOf = (at: number): number => Math.floor(at / DAY_MS);
/** Friday 22:00 to Sunday 22:00, and the hour from 22:00 on every day. */
const closed = (at: number): boolean => {
  const hours = Math.floor(at / HOUR_MS) % 168;
  return (hours >= 22 && hours < 70) || hours % 24 === 22;
};

type Present = (at: number, bar: number) => boolean;
const gaps: readonly [string, number, Present][] = [
  ["one bar of every day", 2, (at) => hourOf(at) !== 4],
  ["every third bar", 2, (_, bar) => bar % 3 !== 1],
  ["a fifth of the bars, here and there", 2, (_, bar) => (bar * 7919) % 101 > 20],
  ["eight hours of every day", 2, (at) => hourOf(at) < 8 || hourOf(at) >= 16],
  ["one day in seven", 2, (at) => dayOf(at) % 7 !== 3],
  ["five days in 58", 2, (at) => dayOf(at) % 58 < 53],
  ["thirty days in a year", 2, (at) => dayOf(at) % 365 < 335],
  ["weekends, and an hour of every day", 1, (at) => !closed(at)],
  ["weekends, on daily bars", 24, (at) => dayOf(at) % 7 < 5],
];

describe.each(gaps)("a market without %s", (_, hours, present) => {
  const barMs = hours * HOUR_MS;
  const bars = market(barMs, DAYS);
  const whole = fold(bars, barMs);
  const gappy = fold(
    bars.filter(({ openMs }, bar) => present(openMs, bar)),
    barMs,
  );
  const shares = [...gappy.initial].flatMap(([at, range]) =>
    dayOf(at) < DAYS / 2 ? [] : [range / whole.initial.get(at)!],
  );

  it("has the range of the whole one on average, and comes down as far", () => {
    const mean = shares.reduce((sum, share) => sum + share, 0) / shares.length;
    expect(mean).toBeGreaterThan(0.93);
    expect(mean).toBeLessThan(1.1);
    const least = (ranges: Iterable<number>): number => Math.min(...ranges);
    expect(least(gappy.initial.values()) / least(whole.initial.values())).toBeLessThan(1.1);
  });

  it("learns no larger level, and a smaller one only as the scale counts jumps in full", () => {
    expect(gappy.level / whole.level).toBeGreaterThan(0.8);
    expect(gappy.level / whole.level).toBeLessThan(1.08);
  });
});

describe("a live feed of five-minute bars that is silent once a day", () => {
  it("comes down after a storm as one that never is", () => {
    const barMs = 300_000;
    const bars = market(barMs, 75);
    const silent = bars.filter(({ openMs }) => openMs % DAY_MS !== 4 * HOUR_MS);
    const [whole, gappy] = [fold(bars, barMs), fold(silent, barMs)];
    const last = bars.at(-1)!.openMs;
    expect(whole.initial.get(last)!).toBeLessThan(0.8 * Math.max(...whole.initial.values()));
    expect(gappy.initial.get(last)! / whole.initial.get(last)!).toBeCloseTo(1, 1);
  });
});
