/** Tests of the page that a study becomes: complete, self-contained, and safe to open. */
import { describe, expect, it } from "vitest";
import { chartSvg } from "./chart.ts";
import { exampleTerms as terms } from "./example-terms.test-kit.ts";
import { studyHtml } from "./report.ts";
import { study } from "./study.ts";
import { syntheticBars } from "./synthetic.test-kit.ts";

const bars = syntheticBars({
  seed: 3,
  bars: 900,
  barMs: 86_400_000,
  steps: 6,
  df: 3,
  dailyVol: () => 0.03,
});
const judged = study({ bars, terms });
const page = studyHtml(judged, 'prices <of> "someone" & co');

describe("the page of a study", () => {
  it("has a line for every row and a dot for every exceedance", () => {
    for (const { name } of judged.rows) expect(page).toContain(`<td>${name}</td>`);
    expect(page.split("<circle").length - 1).toBe(judged.rows[0]!.x);
    expect(judged.rows[0]!.x).toBeGreaterThan(0);
  });

  it("shows what it is given as text", () => {
    expect(page).toContain("<h1>prices &lt;of&gt; &quot;someone&quot; &amp; co</h1>");
  });

  it("loads nothing and holds no figure that is none", () => {
    expect(page).not.toMatch(/<script|<link|src=|url\(/);
    expect(page).not.toMatch(/NaN|Infinity|undefined/);
  });
});

describe("a chart", () => {
  it("keeps the peak of a series that is far longer than it is wide", () => {
    const values = new Float64Array(50_000).fill(1);
    values[31_234] = 10;
    const times = Float64Array.from(values, (_, i) => i * 1000);
    const svg = chartSvg({
      title: "peak",
      times,
      percent: false,
      lines: [{ name: "one", colour: "#000", values }],
    });
    const heights = [...svg.matchAll(/,(\d+\.\d)/g)].map(([, y]) => Number(y));
    expect(Math.min(...heights)).toBe(28);
    expect(svg.length).toBeLessThan(40_000);
  });
});
