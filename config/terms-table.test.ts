/** Every term is held to its bounds, and a live change to narrower ones. */
import { describe, expect, it } from "vitest";
import { isTree } from "../core/check.ts";
import { loadTerms } from "./terms.ts";
import { refuseUntunable, termRows } from "./terms-table.ts";

const at = 'perUnderlying["*"]';

/** Every numeric term with a document that holds it, so that only the number decides. */
const numeric = termRows().filter(({ valid }) => valid !== undefined);

/** A patch with `value` at a term's path, blocks around it completed as far as they must be. */
function patchWith(path: string, value: number): unknown {
  const names = path.replaceAll("[]", ".[]").split(".");
  const needs: Record<string, object> = {
    "perUnderlying.*.scenarios.tails": { moves: [-0.5, 0.5] },
    "perUnderlying.*.skew": { kStarMin: 0.01 },
    "perUnderlying.*.charges.roll": { minMove: 0.01, annualisedMove: 0.1 },
    "perUnderlying.*.charges.basis": { up: 0.01, down: -0.01, add: 0, mult: 0 },
    "perUnderlying.*.charges.nakedShort": { initial: 0, maintenance: 0 },
    "perUnderlying.*.charges.perp": { initial: 0, maintenance: 0 },
    "perUnderlying.*.charges.oracle": { threshold: 0, rate: 0 },
    "perUnderlying.*.charges.peg": { currency: "USDC", threshold: 0, factor: 0 },
    "perUnderlying.*.charges.deltaShock": { thresholdUsd: 0, increment: 0, max: 0 },
    "perUnderlying.*.charges.minimumDelta": { net: 10, hedged: 0 },
    "perUnderlying.*.charges.gamma": { hours: 0, multiplier: 0, dtDays: 0 },
    "perUnderlying.*.charges.funding": { intervals: 0 },
    "perUnderlying.*.charges.stableBasis.tiers.[]": { sizeUsd: 0, rate: 0 },
    "perUnderlying.*.vol.tenorTable.[]": { days: 0, up: 0, down: 0 },
    "perUnderlying.*.liquidity": { depthUsd: 1, tiers: [{ above: 1, multiplier: 1 }] },
    "perUnderlying.*.liquidity.tiers.[]": { above: 1, multiplier: 1 },
    "perUnderlying.*.scenarios.rows.[]": { slide: 0 },
    "offsets.groups.[]": { members: ["A"], credit: 0 },
    "collateral.*.tiers.[]": { aboveUsd: 0, haircut: 0 },
    standard: {
      linear: { initial: 0, maintenance: 0 },
      shortOption: { initialMax: 0, initialMin: 0, maintenance: 0 },
    },
    "standard.linear": { initial: 0, maintenance: 0 },
    "standard.shortOption": { initialMax: 0, initialMin: 0, maintenance: 0 },
    liquidation: { target: { restore: "initial", ratio: 1 } },
    "liquidation.target": { restore: "initial", ratio: 1 },
  };
  const build = (i: number, prefix: string): unknown => {
    if (i === names.length) return value;
    const name = names[i]!;
    const here = prefix === "" ? name : `${prefix}.${name}`;
    const inner = build(i + 1, here);
    const whole = isTree(inner) ? { ...needs[here], ...inner } : inner;
    return name === "[]" ? [whole] : { [name]: whole };
  };
  return build(0, "");
}

describe("every numeric term", () => {
  it("has a unit and a meaning", () => {
    expect(numeric.length).toBeGreaterThan(80);
    expect(termRows().filter(({ meaning }) => meaning === undefined)).toEqual([]);
    expect(numeric.filter(({ unit }) => unit === undefined)).toEqual([]);
  });

  it.each(numeric.map((row) => [row.path, row.valid!, row.tunable] as const))(
    "%s is held to its bounds",
    (path, { min, max }, tunable) => {
      const load = (value: number) => () =>
        loadTerms({ extends: null, ...(patchWith(path, value) as object) });
      const codeOf = (value: number): string => {
        try {
          load(value)();
          return "accepted";
        } catch (error) {
          return (error as { code: string }).code;
        }
      };
      const open = path.endsWith("slide") || path.endsWith("moves");
      // What the neighbours say of an extreme is told apart from its own bounds.
      const fits = ["accepted", "terms_invalid", "missing_field"];
      if (!open) expect(fits).toContain(codeOf(min));
      expect(fits).toContain(codeOf(max));
      expect(codeOf(max * 1.0001 + 1e-9)).toMatch(/^(out_of_bounds|wrong_type)$/);
      expect(codeOf(min - Math.abs(min) * 0.0001 - 1e-9)).toMatch(/^(out_of_bounds|wrong_type)$/);
      expect(codeOf(Number.NaN)).toBe("not_finite");
      expect(codeOf(Number.POSITIVE_INFINITY)).toBe("not_finite");
      if (tunable !== undefined) {
        expect(tunable.min).toBeGreaterThanOrEqual(min);
        expect(tunable.max).toBeLessThanOrEqual(max);
      }
    },
  );
});

describe("a live change", () => {
  it.each([
    [
      "a term within its tunable bounds",
      { perUnderlying: { BTC: { scenarios: { slideRange: 0.3 } } } },
    ],
    ["one of an asset class", { assetClasses: { fx: { "*": { vol: { up: 0.4 } } } } }],
    ["several", { status: { callAt: 0.8 }, collateral: { BTC: { initialHaircut: 0.2 } } }],
    ["nothing", {}],
  ])("may touch %s", (_, patch) => {
    expect(() => refuseUntunable(patch)).not.toThrow();
  });

  it.each([
    [
      "a valid range beyond its tunable bounds",
      { perUnderlying: { BTC: { scenarios: { slideRange: 0.7 } } } },
      "out_of_bounds",
      "perUnderlying.BTC.scenarios.slideRange",
    ],
    [
      "a term that is fixed",
      { perUnderlying: { "*": { conversion: "base" } } },
      "unsupported",
      `${at}.conversion`,
    ],
    [
      "a removal",
      { perUnderlying: { "*": { charges: { roll: null } } } },
      "unsupported",
      `${at}.charges.roll`,
    ],
    [
      "a removal of a number",
      { perUnderlying: { "*": { factors: { initial: null } } } },
      "out_of_bounds",
      `${at}.factors.initial`,
    ],
    ["what it extends", { extends: "tims" }, "unsupported", "extends"],
  ])("may not touch %s", (_, patch, code, path) => {
    expect(() => refuseUntunable(patch)).toThrow(
      expect.objectContaining({ code, detail: expect.objectContaining({ path }) }),
    );
  });
});
