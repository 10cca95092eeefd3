/** Terms that contradict themselves are refused, each by name; so is every number beyond its bounds. */
import { describe, expect, it } from "vitest";
import { isTree } from "../core/check.ts";
import { termsOf } from "../core/terms.ts";
import { loadTerms } from "./terms.ts";
import { refuseUntunable, termRows } from "./terms-table.ts";

const only = (star: object, rest: object = {}) => ({
  extends: null,
  perUnderlying: { "*": star },
  ...rest,
});
const ladder = (scenarios: object, rest: object = {}) =>
  only({ scenarios: { slideRange: 0.2, ladder: {}, ...scenarios }, ...rest });
const points = (scenarios: object, rest: object = {}) =>
  only({ scenarios: { slideRange: 0.2, slidePoints: 9, ...scenarios }, ...rest });
const moves = [-0.5, 1];
const group = (member: object, star: object = {}) => ({
  ...points({}, star),
  offsets: { groups: [{ members: ["A", "B"], credit: 0.5, ...member }] },
});
const at = 'perUnderlying["*"]';

describe("contradictions", () => {
  it.each([
    //  what, document, path
    [
      "a shrinking tail on a ladder",
      ladder({ tails: { moves, factor: 0.99 } }),
      `${at}.scenarios.tails.factor`,
    ],
    [
      "a clamped tail on a ladder",
      ladder({ tails: { moves, linear: "clampAtRange" } }),
      `${at}.scenarios.tails.linear`,
    ],
    ["a range up to the ladder's end", ladder({ slideRange: 0.49 }), `${at}.scenarios.slideRange`],
    [
      "a ladder of broken steps",
      ladder({ ladder: { step: 0.03, max: 0.5 } }),
      `${at}.scenarios.ladder.max`,
    ],
    [
      "a ladder of one step",
      ladder({ slideRange: 0.01, ladder: { step: 0.02, max: 0.02 } }),
      `${at}.scenarios.ladder.max`,
    ],
    [
      "a ladder of too many steps",
      ladder({ ladder: { step: 0.0025, max: 0.9 } }),
      `${at}.scenarios.ladder.step`,
    ],
    [
      "a tail that does not move",
      points({ tails: { moves: [0.5, 0] } }),
      `${at}.scenarios.tails.moves[1]`,
    ],
    [
      "a weight too few",
      points({ tails: { moves, weights: [1] } }),
      `${at}.scenarios.tails.weights`,
    ],
    [
      "rows that the regime would replace",
      only({ scenarios: { rows: [{ slide: 0 }] }, regime: { mode: "replace" } }),
      `${at}.regime.mode`,
    ],
    [
      "rows under a floor",
      only({ scenarios: { rows: [{ slide: 0 }] }, regime: { mode: "floor" } }),
      `${at}.regime.mode`,
    ],
    [
      "a minimum delta that is not convex",
      only({ charges: { minimumDelta: { net: 0.0049, hedged: 0.01 } } }),
      `${at}.charges.minimumDelta.net`,
    ],
    [
      "tenors that do not ascend",
      only({
        vol: {
          tenorTable: [
            { days: 7, up: 1, down: 1 },
            { days: 7, up: 1, down: 1 },
          ],
        },
      }),
      `${at}.vol.tenorTable[1]`,
    ],
    [
      "tenors of the second rule",
      only({
        vol: [
          {},
          {
            tenorTable: [
              { days: 7, up: 1, down: 1 },
              { days: 1, up: 1, down: 1 },
            ],
          },
        ],
      }),
      `${at}.vol[1].tenorTable[1]`,
    ],
    [
      "size brackets that do not ascend",
      points(
        {},
        {
          liquidity: {
            depthUsd: 1e6,
            tiers: [
              { above: 2, multiplier: 2 },
              { above: 1, multiplier: 3 },
            ],
          },
        },
      ),
      `${at}.liquidity.tiers[1]`,
    ],
    [
      "size that gets cheaper",
      points(
        {},
        {
          liquidity: {
            depthUsd: 1e6,
            tiers: [
              { above: 1, multiplier: 2 },
              { above: 2, multiplier: 1.5 },
            ],
          },
        },
      ),
      `${at}.liquidity.tiers[1].multiplier`,
    ],
    [
      "gamma nodes off a ladder",
      points(
        {},
        { liquidity: { depthUsd: 1e6, tiers: [{ above: 1, multiplier: 2, gammaNodes: 1 }] } },
      ),
      `${at}.liquidity.tiers[0].gammaNodes`,
    ],
    [
      "haircut brackets that do not ascend",
      only(
        {},
        {
          collateral: {
            BTC: {
              tiers: [
                { aboveUsd: 5, haircut: 0.1 },
                { aboveUsd: 5, haircut: 0.2 },
              ],
            },
          },
        },
      ),
      "collateral.BTC.tiers[1]",
    ],
    [
      "a member twice",
      { ...only({}), offsets: { groups: [{ members: ["A", "A"], credit: 0.5 }] } },
      "offsets.groups[0].members[1]",
    ],
    [
      "a member of two groups",
      {
        ...only({}),
        offsets: {
          groups: [
            { members: ["A"], credit: 0 },
            { members: ["B", "A"], credit: 0 },
          ],
        },
      },
      "offsets.groups[1].members[1]",
    ],
    ["a beta of no member", group({ beta: { C: 1 } }), "offsets.groups[0].beta"],
    ["a beta that slides to nothing", group({ beta: { A: 5 } }), "offsets.groups[0].beta.A"],
    [
      "a beta that a tail does not bear",
      group(
        { beta: { A: 2 } },
        { scenarios: { slideRange: 0.2, slidePoints: 9, tails: { moves: [-0.5] } } },
      ),
      "offsets.groups[0].beta.A",
    ],
    [
      "a negative beta on a tail upward",
      group(
        { beta: { B: -1 } },
        { scenarios: { slideRange: 0.2, slidePoints: 9, tails: { moves: [1] } } },
      ),
      "offsets.groups[0].beta.B",
    ],
  ])("refuse %s", (_, document, path) => {
    expect(() => loadTerms(document)).toThrow(
      expect.objectContaining({
        code: "terms_invalid",
        detail: { path, expected: expect.any(String), found: expect.any(String) },
      }),
    );
  });

  it.each([
    ["a tail factor of 1 on a ladder", ladder({ tails: { moves, factor: 1 } })],
    ["a range one step short of the ladder's end", ladder({ slideRange: 0.48 })],
    [
      "a shrinking, clamped tail on points",
      points({ tails: { moves, factor: 0.5, linear: "clampAtRange" } }),
    ],
    [
      "rows that the regime scales",
      only({ scenarios: { rows: [{ slide: 0 }] }, regime: { mode: "scale" } }),
    ],
    [
      "a minimum delta at the edge of convexity",
      only({ charges: { minimumDelta: { net: 0.005, hedged: 0.01 } } }),
    ],
    ["a beta just short of nothing", group({ beta: { A: 4.9 } })],
    [
      "a group of all beside one of names",
      {
        ...only({}),
        offsets: {
          groups: [
            { members: ["*"], credit: 1 },
            { members: ["A"], credit: 0 },
          ],
        },
      },
    ],
  ])("allow %s", (_, document) => {
    expect(() => loadTerms(document)).not.toThrow();
  });

  it.each([
    ["points", only({ scenarios: { recipe: "points" } })],
    ["a ladder", only({ scenarios: { recipe: "ladder" } })],
    ["tails weighted by it", only({ scenarios: { tails: { moves } } })],
    ["a size charge", only({ liquidity: { depthUsd: 1, tiers: [{ above: 1, multiplier: 1 }] } })],
    ["a conversion at its edge", only({ conversion: "rangeEdge" })],
  ])("miss the range of %s", (_, document) => {
    expect(() => loadTerms(document)).toThrow(
      expect.objectContaining({
        code: "missing_field",
        detail: expect.objectContaining({ path: `${at}.scenarios.slideRange` }),
      }),
    );
  });

  it("miss what a range is laid out by", () => {
    expect(() => loadTerms(only({ scenarios: { slideRange: 0.2 } }))).toThrow(
      expect.objectContaining({ code: "missing_field" }),
    );
  });

  it.each([
    ["charges.fees", "unknown_value"],
    ["slide", "unknown_value"],
    [{ max: [] }, "out_of_bounds"],
    [{ min: ["slides"] }, "unknown_key"],
    [{ max: ["slides"], sum: ["slides"] }, "unknown_key"],
    [["slides"], "wrong_type"],
    [5, "wrong_type"],
  ])("refuse %j as a node of combine", (combine, code) => {
    expect(() => loadTerms(only({ combine }))).toThrow(expect.objectContaining({ code }));
  });

  it("are told with the path inside the book", () => {
    expect(() => loadTerms(ladder({ slideRange: 0.49 }), { path: "terms" })).toThrow(
      expect.objectContaining({
        detail: expect.objectContaining({ path: `terms.${at}.scenarios.slideRange` }),
      }),
    );
  });

  it("of a parent are told as the parent's", () => {
    expect(() => loadTerms({ extends: "no-such" }, { path: "terms" })).toThrow(
      expect.objectContaining({ detail: expect.objectContaining({ path: "terms.extends" }) }),
    );
  });
});

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

it("a class without terms of its own takes those of *", () => {
  const terms = loadTerms(points({}));
  expect(termsOf(terms, "X", "fx")).toBe(terms.perUnderlying["*"]);
});
