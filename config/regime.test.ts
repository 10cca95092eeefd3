/** Tests of the regime terms: complete, within reason, and with a reason for every number. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { assetClasses } from "../core/instrument.ts";
import { createRegime, foldBar, regimeView } from "../regime/index.ts";
import { regimeReasons, regimeTerms } from "./regime.ts";

/** The longest slide of the default ladder and the width of its steps. */
const LADDER_MAX = 0.5;
const LADDER_STEP = 0.02;

/** What is a choice: numbers, switches and modes, but not what a file is called. */
function numbersOf(value: unknown, path = ""): [string, unknown][] {
  const named = path === "assetClass" || path === "version";
  if (typeof value !== "object" && !named) return [[path, value]];
  if (typeof value !== "object" || value === null) return [];
  if (Array.isArray(value)) return value.flatMap((one) => numbersOf(one, path));
  return Object.entries(value).flatMap(([name, one]) =>
    numbersOf(one, path === "" ? name : `${path}.${name}`),
  );
}

const fileOf = (assetClass: string) =>
  JSON.parse(readFileSync(new URL(`./regime/${assetClass}.json`, import.meta.url), "utf8")) as {
    readonly terms: unknown;
    readonly reasons: Readonly<Record<string, string>>;
  };

describe.each(assetClasses)("the regime terms of %s", (assetClass) => {
  const terms = regimeTerms(assetClass);

  it("name their class and give a reason for every number", () => {
    const reasons = regimeReasons(assetClass);
    const without = numbersOf(terms).filter(
      ([path]) =>
        !Object.keys(reasons).some((known) => path === known || path.startsWith(`${known}.`)),
    );
    expect(terms.assetClass).toBe(assetClass);
    expect(without).toEqual([]);
  });

  it("give a reason of their own for every number that they change", () => {
    const { terms: own, reasons } = fileOf(assetClass);
    const without = numbersOf(own).filter(
      ([path]) => !Object.keys(reasons).some((one) => path === one || path.startsWith(`${one}.`)),
    );
    expect(without).toEqual([]);
  });

  it("give no reason for what is not there", () => {
    const paths = numbersOf(terms).map(([path]) => path);
    const idle = Object.keys(regimeReasons(assetClass)).filter(
      (reason) => !paths.some((path) => path === reason || path.startsWith(`${reason}.`)),
    );
    expect(idle).toEqual([]);
  });

  it("keep their range on the ladder, a step from its end, and their prior inside", () => {
    const { min, max, step } = terms.range;
    expect(max).toBeLessThanOrEqual(LADDER_MAX - LADDER_STEP);
    expect(min).toBeGreaterThanOrEqual(step);
    expect(terms.prior.range).toBeGreaterThanOrEqual(min);
    expect(terms.prior.range).toBeLessThanOrEqual(max);
    expect(Number.isInteger(Math.round((1 / step) * 1e9) / 1e9)).toBe(true);
  });

  it("start a regime on five-minute and on daily bars", () => {
    for (const barMs of [300_000, 86_400_000]) {
      const regime = createRegime(terms, barMs);
      foldBar(regime, { openMs: 0, open: 100, high: 101, low: 99, close: 100 });
      expect(regimeView(regime).initial).toBe(terms.prior.range);
    }
  });
});
