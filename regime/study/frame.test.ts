/** Tests of the frame: bar length, gaps, phases and the moves that are judged. */
import { describe, expect, it } from "vitest";
import type { Bar } from "../bar.ts";
import { exampleTerms as terms } from "./example-terms.test-kit.ts";
import { frameOf } from "./frame.ts";
import { phaseOf } from "./phases.ts";
import { syntheticBars } from "./synthetic.test-kit.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const sessions = { ...terms, calendar: { kind: "sessions" as const, openMs: 1, daysPerYear: 252 } };
const bars = (barMs: number, count = 400): Bar[] =>
  syntheticBars({ seed: 1, bars: count, barMs, steps: 4, dailyVol: () => 0.03 });
const without = (all: readonly Bar[], from: number, to: number): Bar[] =>
  all.filter((_, i) => i < from || i >= to);

describe("the bar length", () => {
  it.each([
    // bar, bars of a day
    [300_000, 288],
    [2 * HOUR_MS, 12],
    [4 * HOUR_MS, 6],
    [DAY_MS, 1],
  ])("of %i ms is inferred, with %i to the day, in spite of gaps", (barMs, dayBars) => {
    const frame = frameOf(without(without(bars(barMs), 50, 53), 200, 240), terms);
    expect([frame.barMs, frame.dayBars]).toEqual([barMs, dayBars]);
  });

  it.each([
    ["times in seconds", bars(7200), /a minute at least.*7200 ms/],
    [
      "steps that are all different",
      bars(HOUR_MS).map((bar, i) => ({ ...bar, openMs: bar.openMs + 1000 * ((i * i) % 997) })),
      /malformed_file: bars.*one length/,
    ],
  ])("of %s is none: the file is refused", (_, wrong, message) => {
    expect(() => frameOf(wrong, terms)).toThrow(message);
  });

  it("leaves out a row that begins within half a bar of the one before", () => {
    const whole = bars(2 * HOUR_MS);
    const more = whole.flatMap((bar, i) =>
      i % 50 === 3 ? [bar, { ...bar, openMs: bar.openMs + 0.4 * HOUR_MS, close: 9 }] : [bar],
    );
    const { tally, bars: kept } = frameOf(more, terms);
    expect([tally.overlapping, kept.length]).toEqual([8, whole.length]);
  });

  it("of a session counts the bars that a day has", () => {
    const hourly = bars(HOUR_MS, 2400).filter(({ openMs }) => {
      const [day, hour] = [Math.floor(openMs / DAY_MS), (openMs % DAY_MS) / HOUR_MS];
      return day % 7 < 5 && hour >= 14 && hour < 21;
    });
    const frame = frameOf(hourly, sessions);
    expect([frame.dayBars, frame.terms.calendar.openMs]).toEqual([7, 7 * HOUR_MS]);
    expect(frame.bars.length).toBe(hourly.length);
  });
});

describe("a gap", () => {
  const whole = bars(2 * HOUR_MS);

  it("is filled with stale bars that stand at the last close, and not listed", () => {
    const frame = frameOf(without(whole, 100, 130), terms);
    expect(frame.bars.length).toBe(whole.length);
    const { close } = whole[99]!;
    expect(frame.bars[110]).toMatchObject({ open: close, high: close, stale: true });
    expect([...frame.listed.subarray(99, 131)]).toEqual([1, ...new Array(30).fill(0), 1]);
  });

  it("leaves no move to judge where fewer than half of the day's bars are in the file", () => {
    const { moves } = frameOf(without(whole, 100, 130), terms);
    const known = [...moves.keys()].filter((i) => i > 80 && i < 140 && moves[i]! >= 0);
    // From close 93 on more than six of twelve bars are missing, until close 123.
    const expected = [...moves.keys()].filter((i) => (i > 80 && i <= 93) || (i >= 123 && i < 140));
    expect(known).toEqual(expected);
  });
});

describe("a move", () => {
  it("is the worst of the day after a close, by its definition", () => {
    const { moves, bars: all } = frameOf(bars(2 * HOUR_MS, 60), terms);
    for (let i = 0; i + 12 < all.length; i++) {
      const after = all.slice(i + 1, i + 13);
      const up = Math.max(...after.map(({ high }) => high)) / all[i]!.close - 1;
      const down = 1 - Math.min(...after.map(({ low }) => low)) / all[i]!.close;
      expect(moves[i]).toBe(Math.max(up, down, 0));
    }
    expect([...moves.subarray(-12)]).toEqual(new Array(12).fill(-1));
  });

  it("below a price of nothing is more than all of it; from one, unknown", () => {
    const plain = [10, 12, -37, 20, 21].map((price, i) => ({
      openMs: i * DAY_MS,
      open: price,
      high: price,
      low: price,
      close: price,
    }));
    const { moves } = frameOf(plain, terms);
    expect([...moves]).toEqual([12 / 10 - 1, 1 + 37 / 12, -1, 21 / 20 - 1, -1]);
  });
});

describe("the main phase", () => {
  it.each([
    // hours by which bars are moved, close of the main phase in hours after midnight
    [0, 0],
    [1, 1],
    [3, 1],
  ])("of bars moved by %i hours closes %i hours after midnight", (moved, expected) => {
    const shifted = bars(2 * HOUR_MS).map((bar) => ({
      ...bar,
      openMs: bar.openMs + moved * HOUR_MS,
    }));
    const frame = frameOf(shifted, terms);
    const main = shifted.filter((_, i) => phaseOf(frame, i) === 0);
    const hours = new Set(main.map(({ openMs }) => ((openMs + 2 * HOUR_MS) % DAY_MS) / HOUR_MS));
    expect([...hours]).toEqual([expected]);
  });
});
