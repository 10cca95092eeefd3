/** Tests of the doors: marks into bars, time without marks, gaps, and what goes out. */
import { describe, expect, it } from "vitest";
import type { IndexBar } from "../core/mark.ts";
import { foldBar, foldIndex, foldTime } from "./live.ts";
import { snapshotRegime } from "./snapshot.ts";
import { createRegime, type RegimeState } from "./state.ts";
import { exampleTerms as terms } from "./study/example-terms.test-kit.ts";
import { syntheticBars } from "./study/synthetic.test-kit.ts";

const sessions = { ...terms, calendar: { ...terms.calendar, kind: "sessions" as const } };
const BAR_MS = 300_000;

const mark = (price: number, underlying = "BTC"): IndexBar => ({
  underlying,
  open: price,
  high: price,
  low: price,
  last: price,
  count: 1,
});
const textOf = (s: RegimeState) => JSON.stringify(snapshotRegime(s).state);

describe("foldIndex", () => {
  it("tells its prior range with the first mark, and then keeps quiet", () => {
    const s = createRegime(terms, BAR_MS);
    const { change } = foldIndex(s, BAR_MS, mark(100));
    expect(change).toMatchObject({
      underlying: "BTC",
      initial: { slideRange: 0.2 },
      maintenance: { slideRange: 0.2 },
      volScale: 1,
    });
    expect(foldIndex(s, BAR_MS + 1000, mark(101))).toEqual({});
  });

  it("makes of marks what foldBar makes of their bars", () => {
    const bars = syntheticBars({
      seed: 3,
      bars: 600,
      barMs: BAR_MS,
      steps: 3,
      dailyVol: () => 0.05,
    });
    const byMarks = createRegime(terms, BAR_MS, "BTC");
    const byBars = createRegime(terms, BAR_MS, "BTC");
    for (const { openMs, open, high, low, close } of bars) {
      for (const [i, price] of [open, high, low, close].entries())
        foldIndex(byMarks, openMs + BAR_MS + 1000 * i, mark(price));
      foldBar(byBars, { openMs: openMs + BAR_MS, open, high, low, close });
    }
    foldTime(byMarks, bars.at(-1)!.openMs + 2 * BAR_MS);
    byBars.lastMs = byMarks.lastMs;
    Object.assign(byBars.openBar, byMarks.openBar);
    expect(textOf(byMarks)).toBe(textOf(byBars));
  });

  it("is not moved by marks that come late or twice", () => {
    const s = createRegime(terms, BAR_MS);
    foldIndex(s, BAR_MS, mark(100));
    foldIndex(s, BAR_MS + 5000, mark(101));
    const before = { ...s.openBar };
    foldIndex(s, BAR_MS + 5000, mark(101));
    foldIndex(s, BAR_MS + 4000, mark(500));
    expect(s.openBar).toEqual({ ...before, marks: before.marks + 1 });
  });

  it("allocates nothing while a bar is open", () => {
    const s = createRegime(terms, BAR_MS);
    const marks = Array.from({ length: 100 }, (_, i) => mark(100 + i / 7));
    // Beside a text a number stays boxed: else the test's own call may box it anew each time.
    const boxed: unknown[] = [BAR_MS + 0.5, "a text"];
    const fold = (count: number): void => {
      for (let i = 0; i < count; i++) foldIndex(s, boxed[0] as number, marks[i % 100]!);
    };
    fold(300_000);
    // Others allocate in this process too: the least of several measurements is the fold's own.
    const grown = Array.from({ length: 10 }, () => {
      const before = process.memoryUsage().heapUsed;
      fold(20_000);
      return (process.memoryUsage().heapUsed - before) / 20_000;
    });
    expect(Math.min(...grown.filter((bytes) => bytes >= 0))).toBeLessThan(4);
  });

  it("refuses the marks of another underlying", () => {
    const s = createRegime(terms, BAR_MS, "BTC");
    expect(() => foldIndex(s, 1, mark(100, "ETH"))).toThrow(/invariant_broken.*BTC.*ETH/);
  });
});

describe("time without marks", () => {
  it.each([
    // calendar, stale bars after four silent ones
    ["continuous", terms, 4],
    ["sessions", sessions, 0],
  ])("in a %s market leaves %s", (_, calendar, expected) => {
    const s = createRegime(calendar, BAR_MS);
    foldIndex(s, BAR_MS, mark(100));
    foldTime(s, 6 * BAR_MS);
    expect(s.staleBars).toBe(expected);
    expect(s.openMs).toBe(6 * BAR_MS);
  });

  it("widens the range toward its prior, an hour at a time, and no further", () => {
    const s = createRegime(terms, BAR_MS);
    s.history = 1e6;
    s.range.value = 0.1;
    s.range.recent.fill(0.1);
    s.target = 0.1;
    s.level.simulated = 0.1 / s.scale;
    foldIndex(s, BAR_MS, mark(100));
    const at = (hours: number) => {
      foldTime(s, 2 * BAR_MS + hours * 3_600_000);
      return s.silence.value;
    };
    expect(at(3)).toBe(0);
    expect(at(14)).toBeCloseTo(0.1105, 3);
    expect(at(400)).toBe(0.2);
    expect(s.published.initial).toBe(0.2);
    expect(s.range.value).toBe(0.1);
  });

  it("is bounded however long it was", () => {
    const s = createRegime(terms, 60_000);
    foldIndex(s, 60_000, mark(100));
    foldTime(s, 60_000 * 1e9);
    expect(s.openMs).toBe(60_000 * 1e9);
  });
});

describe("foldBar", () => {
  const bar = { open: 100, high: 101, low: 99, close: 100 };

  it.each([
    ["NaN", { ...bar, close: Number.NaN }],
    ["infinite", { ...bar, high: Number.POSITIVE_INFINITY }],
    ["zero", { ...bar, low: 0 }],
    ["negative", { open: 10, high: 10, low: -37, close: -37 }],
  ])("holds the range at a %s price", (_, bad) => {
    const s = createRegime(terms, BAR_MS);
    foldBar(s, { openMs: 0, ...bar });
    const { fast, slow } = s.variance;
    const { value } = s.range;
    foldBar(s, { openMs: BAR_MS, ...bad });
    expect([s.variance.fast, s.variance.slow, s.range.value]).toEqual([fast, slow, value]);
    expect(s.staleBars).toBe(1);
  });

  it("takes a bar once", () => {
    const s = createRegime(terms, BAR_MS);
    foldBar(s, { openMs: BAR_MS, ...bar });
    const before = textOf(s);
    foldBar(s, { openMs: BAR_MS, ...bar, high: 150 });
    foldBar(s, { openMs: 0, ...bar, high: 150 });
    expect(textOf(s)).toBe(before);
  });
});
