/** Tests of what a study says in words: what beat it, what failed, and what the file was like. */
import { describe, expect, it } from "vitest";
import type { Bar } from "../bar.ts";
import { exampleTerms as terms } from "./example-terms.test-kit.ts";
import { frameOf } from "./frame.ts";
import type { StudyRow } from "./judge.ts";
import { remarksOf } from "./remarks.ts";
import { study } from "./study.ts";
import { syntheticBars } from "./synthetic.test-kit.ts";

const HOUR_MS = 3_600_000;
const market = syntheticBars({
  seed: 8,
  bars: 12 * 420,
  barMs: 2 * HOUR_MS,
  steps: 4,
  df: 4,
  dailyVol: () => 0.03,
});
const frame = frameOf(market.slice(0, 600), terms);
const clean = { rows: 600, repeated: 0, late: 0, mended: 0 };
const found = study({ bars: market, terms });
const base: StudyRow = {
  ...found.rows[0]!,
  windows: 1000,
  x: 5,
  expected: 5,
  pofP: 1,
  indP: 0.8,
  ccP: 0.9,
  tickLoss: 9,
  meanRange: 0.18,
  phases: { meanX: 5, medianPof: 0.9, minPof: 0.5 },
  periods: [],
};
const second = { coverage: 0.999, rows: [base] };
const said = (own: Partial<StudyRow>, ...references: readonly Partial<StudyRow>[]) =>
  remarksOf({
    frame,
    rows: [
      { ...base, ...own },
      { ...base, name: "slidewire-no-kurtosis" },
      ...references.map((one) => ({ ...base, ...one })),
    ],
    second,
    tally: clean,
    judged: { unknown: 0 },
  }).slice(1);

describe("what a study remarks", () => {
  it.each([
    // what is so, own row, reference, what is said
    ["a lower loss", {}, { name: "static-20", tickLoss: 8 }, /^static-20 has a lower tick loss, 8/],
    [
      "a count nearer to the promise",
      { x: 9 },
      { name: "ewma-97-fhs", x: 6 },
      /nearer.* 6 .* 9 of/,
    ],
    ["a narrower range", {}, { name: "ewma-94-fhs", meanRange: 0.15 }, /narrower.*15\.0 % against/],
    ["hindsight", {}, { name: "static-hindsight", tickLoss: 8 }, /nobody could have known/],
    ["Kupiec's test failed", { pofP: 0.04 }, {}, /fails Kupiec's test: p 0\.04/],
    ["independence failed", { indP: 0.002 }, {}, /fails independence: p 0\.0020; .* runs/],
    ["conditional coverage failed", { ccP: 0.01 }, {}, /fails conditional coverage/],
    [
      "a start hour that fails",
      { phases: { meanX: 5, medianPof: 0.4, minPof: 0.005 } },
      {},
      /one start hour at least/,
    ],
    [
      "a sub-period that fails",
      { periods: [{ ...base, from: 0, to: 86_400_000, x: 12, pofP: 0.01 }] },
      {},
      /from 1970-01-01 to 1970-01-02: 12 exceedances/,
    ],
    [
      "red days",
      { trafficLight: { zone: "red", worst: "red", green: 1, yellow: 1, red: 7 } },
      {},
      /red on 7 days/,
    ],
    ["too little to refuse anything", { expected: 1.2 }, {}, /Only 1\.20 exceedances/],
    ["no traffic light", { windows: 90 }, {}, /Under 250 windows/],
  ] as const)("%s", (_, own, reference, message) => {
    expect(said(own as Partial<StudyRow>, reference as Partial<StudyRow>).join("\n")).toMatch(
      message,
    );
  });

  it("nothing where nothing is wrong, a failing reference being no better", () => {
    expect(said({}, { name: "static-15", meanRange: 0.1, x: 90, pofP: 0, tickLoss: 12 })).toEqual(
      [],
    );
  });

  it("every reference with a lower tick loss, whatever the market", () => {
    const own = found.rows[0]!;
    const better = found.rows.filter(
      ({ name, tickLoss }) => /^(static|ewma)/.test(name) && tickLoss < own.tickLoss,
    );
    expect(better.length).toBeGreaterThan(0);
    for (const { name } of better)
      expect(found.remarks.some((text) => text.startsWith(name))).toBe(true);
  });

  it("what was wrong with the file, by count", () => {
    const off = (bar: Bar, times: number): Bar => ({ ...bar, close: times * bar.close });
    const dirty = market
      .map((bar, i) => (i === 40 ? off(bar, 100) : i === 50 ? { ...bar, stale: true } : bar))
      .filter((_, i) => i < 300 || i > 320);
    const tally = { rows: 9, repeated: 2, late: 1, mended: 3 };
    const { remarks } = study({ bars: dirty, terms, tally });
    const text = remarks.join("\n");
    for (const message of [
      /2 rows repeated/,
      /1 row came late/,
      /3 rows had a high or low/,
      /1 bar with a price over 10 times off/,
      /1 gap, the longest of 1\.83 days; 21 bars filled/,
    ])
      expect(text).toMatch(message);
  });
});
