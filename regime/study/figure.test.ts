/** Tests of a figure: whole, readable in light and dark, and nothing in it but what was given. */
import { describe, expect, it } from "vitest";
import { exampleTerms as terms } from "./example-terms.test-kit.ts";
import { figureSvg } from "./figure.ts";
import { closeUp, rangesAround } from "./report-charts.ts";
import { study } from "./study.ts";
import { syntheticBars } from "./synthetic.test-kit.ts";

const DAY_MS = 86_400_000;
const found = study({
  bars: syntheticBars({
    seed: 3,
    bars: 12 * 200,
    barMs: DAY_MS / 12,
    steps: 4,
    df: 3,
    dailyVol: () => 0.03,
  }),
  terms,
});

describe("a figure", () => {
  const charts = [closeUp(found, 150 * DAY_MS), rangesAround(found, 150 * DAY_MS)];
  const svg = figureSvg(charts, 'price & "range"');

  it("holds every line of its charts, and loads nothing", () => {
    const lines = charts.flatMap((chart) => chart.lines).length;
    expect(svg.match(/class="line /g)?.length).toBe(lines);
    expect(svg).not.toMatch(/NaN|undefined|<script|href=|url\(|@import/);
  });

  it("says what it shows, as text, and follows light and dark", () => {
    expect(svg).toContain('aria-label="price &amp; &quot;range&quot;"');
    expect(svg).toContain("prefers-color-scheme:dark");
  });

  it("shows twelve days on each side", () => {
    const { times } = charts[0]!;
    expect(times.at(-1)! - times[0]!).toBe(24 * DAY_MS);
  });

  it("is the same figure of the same study", () => {
    expect(figureSvg(charts, 'price & "range"')).toBe(svg);
  });
});
