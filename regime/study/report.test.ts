/** Tests of the page that a study becomes: complete, self-contained, and safe to open. */
import { describe, expect, it } from "vitest";
import { chartHtml } from "./chart.ts";
import { type Chart, scaleOf, timeTicks, valueTicks } from "./chart-scale.ts";
import { exampleTerms as terms } from "./example-terms.test-kit.ts";
import { studyHtml } from "./report.ts";
import { study } from "./study.ts";
import { syntheticBars } from "./synthetic.test-kit.ts";

const DAY_MS = 86_400_000;
const bars = syntheticBars({
  seed: 3,
  bars: 900,
  barMs: DAY_MS,
  steps: 6,
  df: 3,
  dailyVol: () => 0.03,
});
const calm = { ...terms, scale: { ...terms.scale, damping: 0.2 } };
const several = [
  { name: "house", terms },
  { name: "<calm>", terms: calm },
];
const judged = study({ bars, terms, several });
const page = studyHtml(judged, 'prices <of> "someone" & co');
const countOf = (text: string, part: string): number => text.split(part).length - 1;

describe("the page of a study", () => {
  it("has a line for every row, and every remark", () => {
    for (const { name } of judged.rows)
      expect(page).toContain(`<td>${name.replace("<calm>", "&lt;calm&gt;")}</td>`);
    for (const { name } of judged.ablation) expect(page).toContain(`<td>${name}</td>`);
    expect(countOf(page, "<li>")).toBe(judged.remarks.length);
  });

  it("has a dot for every exceedance on price and on moves", () => {
    const [prices, moves] = page.split("<figure>").slice(1);
    expect(judged.rows[0]!.x).toBeGreaterThan(0);
    expect(countOf(prices!, 'class="dot"')).toBe(judged.rows[0]!.x);
    expect(countOf(moves!, 'class="dot"')).toBe(judged.rows[0]!.x);
  });

  it("has a chart of everything that moves the range, and of the price's drawdown", () => {
    for (const title of [
      "Price and published range",
      "Exceedances",
      "The days around",
      "The range, and where it was heading",
      "Components: daily sigma",
      "Components: level k",
      "Components: tails",
      "Drawdown",
    ])
      expect(page).toContain(`<h3>${title}`);
  });

  it("shows what it is given as text", () => {
    expect(page).toContain("<h1>prices &lt;of&gt; &quot;someone&quot; &amp; co</h1>");
    expect(page).toContain("&lt;calm&gt;");
    expect(page).not.toContain("<calm>");
  });

  it("loads nothing, runs nothing, and holds no figure that is none", () => {
    expect(page).not.toMatch(/<script|<link|src=|href=|url\(|@import|https?:/);
    expect(page).not.toMatch(/NaN|Infinity|undefined/);
  });

  it("follows light and dark, and the width of a phone", () => {
    expect(page).toContain("prefers-color-scheme:dark");
    expect(page).toContain('name="viewport"');
  });
});

describe("a chart", () => {
  const chart = (values: Float64Array, more: Partial<Chart> = {}): Chart => ({
    title: "one",
    times: Float64Array.from(values, (_, i) => i * 1000),
    unit: "number",
    lines: [{ name: "one", tone: "a", values }],
    ...more,
  });

  it("keeps the peak of a series that is far longer than it is wide", () => {
    const values = new Float64Array(50_000).fill(1);
    values[31_234] = 10;
    const html = chartHtml(chart(values));
    const heights = [...html.matchAll(/V(\d+(\.\d)?)/g)].map(([, y]) => Number(y));
    expect(Math.min(...heights)).toBe(0);
    expect(html.length).toBeLessThan(20_000);
  });

  it.each([
    // values, axis of ratios, labels
    [[0, 0.25], false, ["0.00", "0.05", "0.10", "0.15", "0.20", "0.25"]],
    [[-0.8, -0.1], false, ["-0.8", "-0.6", "-0.4", "-0.2"]],
    [[1, 90_000], true, ["1", "10", "100", "1k", "10k"]],
    [[20, 60], true, ["20", "30", "40", "50", "60"]],
    [[4, 4], false, ["0", "1", "2", "3", "4"]],
  ] as const)("of %j has round values at its side", (values, logarithmic, labels) => {
    const drawn = chart(Float64Array.from(values), { logarithmic, unit: "price" });
    const ticks = valueTicks(drawn, scaleOf(drawn, 100, 100)).map(({ text }) => text);
    expect(ticks).toEqual(labels);
  });

  it.each([
    ["days", "2020-03-01", "2020-03-20", "03-01"],
    ["months", "2020-01-01", "2020-12-31", "2020-01"],
    ["years", "2012-01-01", "2025-01-01", "2012"],
  ])("has its %s below", (_, from, to, first) => {
    const ticks = timeTicks(Float64Array.of(Date.parse(from), Date.parse(to)));
    expect(ticks[0]!.text).toBe(first);
    expect(ticks.length).toBeGreaterThan(3);
    expect(ticks.length).toBeLessThan(15);
  });

  it("of prices leaves out what has no logarithm", () => {
    const html = chartHtml(chart(Float64Array.of(1, 2, -3, 4, 5), { logarithmic: true }));
    expect(/class="line a" d="(M[^M]+)(M[^M]+)"/.test(html)).toBe(true);
    expect(html).not.toMatch(/NaN|Infinity/);
  });
});
