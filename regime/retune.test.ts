/** Tests of a regime under changed terms: nothing steps, what is known is kept. */
import { describe, expect, it } from "vitest";
import { snapshotRegime } from "./snapshot.ts";
import { exampleTerms } from "./study/example-terms.test-kit.ts";
import { uniforms } from "./study/synthetic.test-kit.ts";
import type { RegimeTerms } from "./terms.ts";
import { type TunablePath, termAt, tunablePaths, tunableTerms } from "./tunable.ts";
import { DAY_BARS, desk, market, of, publishedOf } from "./turn.test-kit.ts";

describe("a change of a parameter", () => {
  /** A random value within what may be tuned, or the other word. */
  function another(path: TunablePath, terms: RegimeTerms, uniform: () => number) {
    const [min, max] = tunableTerms[path];
    if (typeof min === "string") return termAt(terms, path) === min ? max : min;
    const value = min + uniform() * ((max as number) - min);
    if (path === "range.min") return Math.min(value, 0.2);
    return path === "range.max" ? Math.max(value, 0.2) : value;
  }

  it.each(tunablePaths)(
    "moves nothing by itself, to the bit, and only within limits later: %s",
    (path) => {
      const uniform = uniforms(path.length * 7919 + path.charCodeAt(path.length - 1));
      for (let round = 0; round < 6; round++) {
        const cut = 30 + Math.floor(uniform() * 1100);
        const bars = market(200 + round, cut + 30);
        const { decide, regime, refused, bar } = desk(bars.slice(0, cut));
        const before = publishedOf(regime());
        const change = {
          path,
          before: termAt(regime().terms, path)!,
          after: another(path, regime().terms, uniform),
        };
        expect(decide({ ...of, what: "parameters", changes: [change] })).toEqual([]);
        expect(refused).toEqual([]);
        expect(termAt(regime().terms, path)).toBe(change.after);
        expect(publishedOf(regime())).toEqual(before);
        const values = [...Array(DAY_BARS).fill(before.range)] as number[];
        for (const next of bars.slice(cut)) {
          bar(next);
          const { publisher } = regime().terms;
          const { value } = regime().range;
          const last = values.at(-1)!;
          expect(value / last).toBeLessThanOrEqual(1 + publisher.upPerTwoHours + 1e-12);
          const floor = (1 - publisher.downPerDay) ** (1 / DAY_BARS);
          expect(value / last).toBeGreaterThanOrEqual(floor - 1e-12);
          const lowest = Math.min(...values.slice(-DAY_BARS));
          expect(value).toBeLessThanOrEqual(
            Math.max(last, lowest * (1 + publisher.upPerDay)) + 1e-12,
          );
          values.push(value);
        }
      }
    },
  );

  it("keeps the newest windows of a shorter lookback, and fills a longer one up", () => {
    const { decide, regime } = desk(market(3, 12 * 365 * 3));
    const before = regime().level.ratios;
    const newest = Array.from(before.ring.slice(0, before.count)).slice(-2190);
    const shorter = { path: "level.lookbackYears", before: 4, after: 2 };
    decide({ ...of, what: "parameters", changes: [shorter] });
    expect(Array.from(regime().level.ratios.ring)).toEqual(newest);
    expect(Array.from(regime().level.ratios.sorted)).toEqual([...newest].sort((a, b) => a - b));
    decide({ ...of, what: "parameters", changes: [{ ...shorter, before: 2, after: 4 }] });
    expect(regime().level.ratios.count).toBe(2190);
    expect(regime().level.ratios.ring.length).toBe(4380);
  });

  it.each([
    [
      "of a term that it does not have",
      { path: "scale.width", before: 1, after: 2 },
      "unknown_key",
    ],
    ["of one that is fixed", { path: "noticeMs", before: 1_800_000, after: 1 }, "unknown_key"],
    ["of the calendar", { path: "calendar.openMs", before: 86_400_000, after: 1 }, "unknown_key"],
    ["from another value", { path: "coverage", before: 0.99, after: 0.999 }, "conflict"],
    ["out of bounds", { path: "coverage", before: 0.995, after: 1.5 }, "out_of_bounds"],
    ["to a word", { path: "coverage", before: 0.995, after: "high" }, "wrong_type"],
    ["to an unknown mode", { path: "level.mode", before: "fhs", after: "pot" }, "unknown_value"],
    ["to no number", { path: "coverage", before: 0.995, after: Number.NaN }, "not_finite"],
    [
      "to a floor above the prior",
      { path: "range.min", before: 0.08, after: 0.3 },
      "terms_invalid",
    ],
  ])("%s is refused and changes nothing", (_, change, code) => {
    const { decide, regime, refused } = desk(market(4, 200));
    const before = JSON.stringify(snapshotRegime(regime()));
    expect(decide({ ...of, what: "parameters", changes: [change] })).toEqual([]);
    expect(refused.map((error) => error.code)).toEqual([code]);
    expect(JSON.stringify(snapshotRegime(regime()))).toBe(before);
  });

  it.each([
    ["that shadows", "damped"],
    ["that acts", "har"],
  ] as const)("like new coefficients of a challenger %s: nothing steps either", (_, estimator) => {
    const scale = { ...exampleTerms.scale, estimator };
    const bars = market(6, 1_300);
    const { decide, bar, regime, refused } = desk(bars.slice(0, 900), { ...exampleTerms, scale });
    const fits = [
      { intercept: -0.5, day: 0.6, week: 0.2, month: 0.1, level: 4.5 },
      { intercept: 0.5, day: 0.2, week: 0.4, month: 0.3, level: 6 },
    ];
    for (const [i, coefficients] of fits.entries()) {
      const before = publishedOf(regime());
      expect(decide({ ...of, what: "coefficients", coefficients })).toEqual([]);
      expect(publishedOf(regime())).toEqual(before);
      let last = before.range;
      for (const next of bars.slice(900 + 200 * i, 1_100 + 200 * i)) {
        bar(next);
        const { value } = regime().range;
        expect(value / last).toBeLessThanOrEqual(1.1 + 1e-12);
        expect(value / last).toBeGreaterThanOrEqual(0.92 ** (1 / DAY_BARS) - 1e-12);
        last = value;
      }
    }
    expect(refused).toEqual([]);
    expect(regime().challenger.coefficients).toEqual(fits[1]);
  });

  it("counts exceedances anew under another coverage, and only then", () => {
    const { decide, regime } = desk(market(5, 600));
    const windows = regime().score.windows;
    expect(windows).toBeGreaterThan(40);
    decide({
      ...of,
      what: "parameters",
      changes: [{ path: "scale.damping", before: 0.35, after: 0.5 }],
    });
    expect(regime().score.windows).toBe(windows);
    decide({
      ...of,
      what: "parameters",
      changes: [{ path: "coverage", before: 0.995, after: 0.99 }],
    });
    expect(regime().score.windows).toBe(0);
  });
});
