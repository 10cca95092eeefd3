/** The README's figures of March 2020 are those of the replay: regenerated here, never typed. */
import { existsSync, readFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import {
  MARCH_2020,
  marchSection,
  marchStory,
  README_BEGIN,
  README_END,
  withSection,
} from "./readme.ts";
import type { Story } from "./story.ts";

const file = new URL("../../../shared/data/btcusd_bitstamp_2h_2012_2025.csv.gz", import.meta.url)
  .pathname;

describe.skipIf(!existsSync(file))("March 2020, replayed (needs ../shared/data)", () => {
  let story: Story;
  beforeAll(async () => {
    story = await marchStory(file);
  }, 60_000);

  it("is what the README says (`node gateway/demo/readme.ts FILE` writes it)", () => {
    const readme = readFileSync("README.md", "utf8");
    expect(readme).toContain(README_BEGIN);
    expect(readme).toContain(README_END);
    expect(withSection(readme, marchSection(story))).toBe(readme);
  });

  it("publishes at least five distinct ranges", () => {
    expect(new Set(story.ranges.map(({ initial }) => initial)).size).toBeGreaterThanOrEqual(5);
  });

  it("calls perp-1 before the crash of the 12th", () => {
    const call = story.changes.find(({ account }) => account.status === "marginCall");
    expect(call!.at).toBeGreaterThan(Date.parse(MARCH_2020.from));
    expect(call!.at).toBeLessThan(Date.parse("2020-03-12T12:00:00Z"));
  });

  it("raises margins with the range although the price has fallen", () => {
    const on = (day: string) => story.days.find(({ at }) => at >= Date.parse(day))!;
    const [before, after] = [on("2020-03-12"), on("2020-03-14")];
    expect(after.index).toBeLessThan(before.index);
    expect(after.range.initial).toBeGreaterThan(1.5 * before.range.initial);
    expect(after.account.initialMargin).toBeGreaterThan(before.account.initialMargin);
  });

  it("brings the range down slowly: never more than 8 % a day and a rounding step", () => {
    const peak = Math.max(...story.ranges.map(({ initial }) => initial));
    const from = story.ranges.findIndex(({ initial }) => initial === peak);
    const after = story.ranges.slice(from);
    expect(after.at(-1)!.initial).toBeLessThan(peak);
    for (const later of after) {
      const days = (later.at - after[0]!.at) / 86_400_000;
      expect(later.initial).toBeGreaterThanOrEqual(peak * 0.92 ** (days + 0.1) - 0.0025);
    }
  });

  it("never lets maintenance look wider than initial", () => {
    for (const { range } of story.days)
      expect(range.maintenance).toBeLessThanOrEqual(range.initial);
  });
});
