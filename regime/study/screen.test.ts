/** Tests of the screen: what is held, when a level is believed, and what is judged all the same. */
import { describe, expect, it } from "vitest";
import type { Bar } from "../bar.ts";
import { exampleTerms as terms } from "./example-terms.test-kit.ts";
import { frameOf } from "./frame.ts";
import { CONFIRM_ROWS, FROZEN_BARS, screened } from "./screen.ts";
import { seriesOf } from "./series.ts";
import { syntheticBars } from "./synthetic.test-kit.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const closes = (...prices: readonly number[]): Bar[] =>
  prices.map((price, i) => ({
    openMs: i * DAY_MS,
    open: price,
    high: price,
    low: price,
    close: price,
  }));
const heldOf = (bars: readonly Bar[]): string =>
  screened(bars)
    .bars.map(({ stale }) => (stale === true ? "h" : "."))
    .join("");

describe("a price that is off", () => {
  it.each([
    // what, closes, held
    ["100 times too high", [7, 700, 7.1, 7.2], ".h.."],
    ["100 times too low", [7, 0.07, 7.1], ".h."],
    ["nothing", [7, 0, 7.1], ".h."],
    ["twice on end", [7, 700, 701, 7.1], ".hh."],
    ["two that do not agree", [7, 700, 0.07, 700, 7], ".hhh."],
    ["a new level that three rows confirm", [7, 700, 701, 702, 703], ".hh.."],
    ["a fall by nine tenths, confirmed", [100, 7, 7.1, 7.2], ".hh."],
    ["no more than ten times up", [7, 70, 70], "..."],
    ["no more than ten times down", [70, 7, 7], "..."],
    ["below 0, as oil was once", [18, -37, 10], "..."],
    ["the first of all", [700, 7, 7.1, 7.2, 7.3], ".hh.."],
  ])("%s: %j", (_, prices, held) => {
    expect(heldOf(closes(...prices))).toBe(held);
  });

  it("must stand for a day, however short the bars are", () => {
    const hourly = closes(7, ...new Array<number>(26).fill(700)).map((bar, i) => ({
      ...bar,
      openMs: i * HOUR_MS,
    }));
    expect(heldOf(hourly)).toBe(`.${"h".repeat(24)}..`);
  });

  it("in a high alone holds the whole bar, at the last close", () => {
    const bars = closes(7, 7, 7).map((bar, i) => (i === 1 ? { ...bar, high: 700 } : bar));
    const { bars: taken, tally } = screened(bars);
    expect(taken[1]).toMatchObject({ high: 7, close: 7, stale: true });
    expect(tally).toMatchObject({ off: 1, confirmed: 0 });
  });

  it("that was confirmed is judged as the move that it was", () => {
    const { outcomes, bars, tally } = screened(closes(100, 7, 7.1, 7.2));
    expect(outcomes.map(({ close }) => close)).toEqual([100, 7, 7.1, 7.2]);
    expect(bars.map(({ close }) => close)).toEqual([100, 100, 100, 7.2]);
    expect(tally).toMatchObject({ off: 0, confirmed: CONFIRM_ROWS - 1 });
  });

  it("leaves the range as a missing row would, and no exceedance", () => {
    const clean = syntheticBars({
      seed: 4,
      bars: 12 * 60,
      barMs: 2 * HOUR_MS,
      steps: 4,
      dailyVol: () => 0.03,
    });
    const dirty = clean.map((bar, i) => (i === 500 ? { ...bar, close: 100 * bar.close } : bar));
    const gap = clean.filter((_, i) => i !== 500);
    const [held, missing] = [frameOf(dirty, terms), frameOf(gap, terms)];
    expect(seriesOf(held, terms).initial).toEqual(seriesOf(missing, terms).initial);
    const largest = (moves: Float64Array) => moves.reduce((most, x) => Math.max(most, x), 0);
    expect(largest(held.moves)).toBe(largest(missing.moves));
  });

  it("is held by the rows up to it alone", () => {
    const bars = closes(7, 700, 701, 702, 7, 0, 7.1, ...new Array(20).fill(7.1), 800, 7);
    const whole = screened(bars).bars;
    for (let cut = 1; cut <= bars.length; cut++)
      expect(screened(bars.slice(0, cut)).bars).toEqual(whole.slice(0, cut));
  });
});

describe("a frozen feed", () => {
  const flat = (count: number): Bar[] => closes(6, ...new Array<number>(count).fill(7), 8, 8);

  it("is held after a dozen bars at one price, and let go with the first move", () => {
    const held = heldOf(flat(FROZEN_BARS + 4));
    expect(held).toBe(`.${".".repeat(FROZEN_BARS + 1)}hhh..`);
    expect(heldOf(flat(FROZEN_BARS + 1))).not.toContain("h");
  });

  it("is none where bars have a high and a low of their own", () => {
    const bars = flat(40).map((bar, i) => ({ ...bar, high: bar.high * (1.001 + (i % 2) / 1e4) }));
    expect(heldOf(bars)).not.toContain("h");
  });

  it("is one that repeats a whole row, high and low too, until a price differs", () => {
    const bars = flat(40).map((bar, i) => ({
      ...bar,
      open: 7,
      high: 7.2,
      low: i === 30 ? 6.7 : 6.8,
      close: 7.1,
    }));
    const count = FROZEN_BARS + 1;
    expect(heldOf(bars.slice(0, 35))).toBe(
      `${".".repeat(count)}${"h".repeat(30 - count)}${".".repeat(5)}`,
    );
    expect(screened(bars.slice(0, 30)).tally.frozen).toBe(30 - count);
  });

  it("is counted apart from bars without volume", () => {
    const bars = flat(FROZEN_BARS + 4).map((bar, i) => (i === 8 ? { ...bar, stale: true } : bar));
    expect(screened(bars).tally).toMatchObject({ frozen: 0, untraded: 1, off: 0 });
  });
});
