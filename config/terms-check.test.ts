/** Terms that contradict themselves are refused, each by name. */
import { describe, expect, it } from "vitest";
import { termsOf } from "../core/terms.ts";
import { loadTerms } from "./terms.ts";

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

it("a class without terms of its own takes those of *", () => {
  const terms = loadTerms(points({}));
  expect(termsOf(terms, "X", "fx")).toBe(terms.perUnderlying["*"]);
});
