/** docs/margin.md is what the engine computes, and its prose holds no result of its own. */
import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { presets } from "../presets.ts";
import { FLY_RANGES, flyRisk } from "./beside.ts";
import { proseOf, readPage, regionOf, regions, withRegions } from "./page.ts";
import { sampleComparisons, samples, venueComparisons } from "./published.ts";
import { work } from "./worked.ts";

const page = readPage();
const computed = regions();

describe("docs/margin.md", () => {
  it.each(Object.entries(computed))(
    "shows %s as it is computed (`node config/margin-page/page.ts` writes it)",
    (name, text) => {
      expect(regionOf(page, name)).toBe(text);
    },
  );

  it("has no other regions, and would be written as it is", () => {
    const marks = [...page.matchAll(/<!-- figures: (\w+) -->/g)].map((match) => match[1]);
    expect(marks.sort()).toEqual(Object.keys(computed).sort());
    expect(withRegions(page, computed)).toBe(page);
  });

  it("holds no result in its prose: no cents, no long numbers but what is given", () => {
    const given = ["60,000", "60,250", "55,000", "3,000"];
    const prose = proseOf(page);
    expect(prose.match(/\d\.\d\d\b/g)?.filter((text) => !["0.13", "0.25"].includes(text))).toEqual(
      [],
    );
    const long = prose.match(/\d{1,3}(?:,\d{3})+/g) ?? [];
    expect(long.filter((text) => !given.includes(text))).toEqual([]);
  });

  it("links only to what is there", () => {
    const links = [...page.matchAll(/\]\(([^)#]+)\)/g)].map((match) => match[1]!);
    expect(links.length).toBeGreaterThan(3);
    for (const link of links) {
      expect([link, existsSync(new URL(`../../docs/${link}`, import.meta.url))]).toEqual([
        link,
        true,
      ]);
    }
  });

  it("names files that are there", () => {
    const files = [...page.matchAll(/config\/[\w/.-]+\.(?:json|ts)/g)].map((match) => match[0]);
    for (const file of new Set(files)) {
      expect(readFileSync(new URL(`../../${file}`, import.meta.url)).length).toBeGreaterThan(0);
    }
  });
});

describe("the ladder of the page", () => {
  it("never asks for less in a wider range, where moving nodes do", () => {
    const ladder = FLY_RANGES.map((range) => flyRisk("ladder", range));
    const points = FLY_RANGES.map((range) => flyRisk("points", range));
    for (let i = 1; i < ladder.length; i++)
      expect(ladder[i]!).toBeGreaterThanOrEqual(ladder[i - 1]!);
    expect(points.at(-1)!).toBeLessThan(0.9 * Math.max(...points));
  });
});

describe("the offset of the page", () => {
  it("is 0.4 of what the edges leave and 0.6 of both alone, with a roll of 1 % each", () => {
    const btc = 2 * 60_000;
    const eth = 30 * 3000;
    const sum = btc * 0.16 + eth * 0.22;
    const joint = Math.abs(btc * 0.16 - eth * 0.22);
    const initial = 0.4 * joint + 0.6 * sum + 0.01 * (btc + eth);
    const text = regionOf(page, "offset");
    const money = (value: number) => value.toLocaleString("en-US", { minimumFractionDigits: 2 });
    expect(text).toContain(`| requirement | ${money(initial)} | ${money(0.8 * initial)} |`);
    expect(text).toContain(`| joint | ${money(joint)} | ${money(0.8 * joint)} |`);
  });
});

describe("what others publish", () => {
  const all = [...venueComparisons(), ...sampleComparisons()];

  it.each(all.map((one) => [one.example, one] as const))(
    "%s",
    (_, { published, ours, tolerance }) => {
      expect(published.length).toBeGreaterThan(0);
      ours.forEach((figure, i) => {
        expect(Math.abs(figure - published[i]!)).toBeLessThanOrEqual(tolerance[i]!);
      });
    },
  );

  it("stands for every preset but the house's own and the one without an example", () => {
    const shown = new Set(all.map(({ preset }) => preset));
    const absent = Object.keys(presets).filter((name) => !shown.has(name));
    expect(absent.sort()).toEqual(["derive-pmrm2", "slidewire"]);
  });

  it("would be about a fifth too dear for the collar with a European put on the forward", () => {
    const { markets, cases } = samples();
    const { published, positions } = cases.find(({ id }) => id === "IBM collar")!;
    const market = structuredClone(markets["IBM"]) as {
      instruments: Record<string, { forward?: number; rate?: number }>;
    };
    const { forward, rate } = market.instruments["C105"]!;
    Object.assign(market.instruments["P95"]!, { forward, rate });
    const held = Object.entries(positions).map(([instrument, quantity]) => ({
      instrument,
      quantity,
    }));
    const { raw } = work({
      slidewire: "book/1",
      terms: "tims",
      market,
      account: { id: "collar", positions: held },
    });
    expect(raw.initialMargin / published).toBeGreaterThan(1.18);
    expect(raw.initialMargin / published).toBeLessThan(1.22);
  });
});
