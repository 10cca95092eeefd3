import { describe, expect, it } from "vitest";
import { type ChargeName, type CombineNode, chargeNames, minimumCharges } from "../terms.ts";
import { type Chance, seededChance, seeds } from "./chance.test-kit.ts";
import { combine, type Leaves, leafAmount, namedCharges, rowTimes, unnamed } from "./combine.ts";

const usual: CombineNode = {
  sum: [{ max: ["slides", "tails", "theta", "rates", "skew"] }, "charges"],
};

function leaves(
  families: readonly number[],
  charges: Leaves["charges"] = {},
  rest: Partial<Leaves> = {},
): Leaves {
  const none = new Float64Array();
  const scan = {
    losses: none,
    positions: none,
    families: Float64Array.from(families),
    worst: 0,
    loss: Math.max(...families),
  };
  return { scan, factor: 1, charges, decimals: null, ...rest };
}

const five = [10, 8, 12, 3, 1];

describe("the combine tree", () => {
  it.each<[string, CombineNode, number]>([
    ["one family", "tails", 8],
    ["the worst of all and the charges", usual, 12 + 6],
    ["the worst of two", { max: ["slides", "tails"] }, 10],
    ["the sum of two", { sum: ["slides", "tails"] }, 18],
    [
      "a max inside a sum inside a max",
      { max: [{ sum: ["rates", { max: ["skew", "tails"] }] }, "slides"] },
      11,
    ],
    ["nothing", "zero", 0],
    ["an empty sum", { sum: [] }, 0],
    ["an empty max", { max: [] }, 0],
    ["the same leaf twice", { sum: ["slides", "slides"] }, 20],
    ["one charge by name", "charges.roll", 4],
    ["a charge that there is not", "charges.perp", 0],
    ["the charges alone", "charges", 6],
    ["the charges without the one that is named", { sum: ["charges.roll", "charges"] }, 6],
    [
      "the charges without one that is named in a max",
      { sum: [{ max: ["charges.roll", "slides"] }, "charges"] },
      12,
    ],
    ["basis, which the charges never hold", { sum: ["basis", "charges"] }, 6 + 7],
    ["the larger of the minimums", "minimum", 9],
    ["the charges without the minimums that are named so", { sum: ["minimum", "charges"] }, 15],
  ])("of %s", (_, node, expected) => {
    const minimums = JSON.stringify(node).includes("minimum");
    const charges = {
      roll: 4,
      gamma: 2,
      basis: 7,
      ...(minimums ? { minimumPerContract: 5, minimumDelta: 9 } : {}),
    };
    expect(combine(node, leaves(five, charges))).toBe(expected);
  });

  it.each([
    ["rows", "slides", 15],
    ["no charge: those inside have theirs already", "charges.roll", 4],
    ["neither basis", "basis", 7],
  ] as const)("has its factor on %s", (_, node, expected) => {
    expect(combine(node, leaves(five, { roll: 4, basis: 7 }, { factor: 1.5 }))).toBe(expected);
  });

  it.each([
    ["a family that gains", [-5, -1, -2, -3, -4], "slides"],
    ["a max of families that gain", [-5, -1, -2, -3, -4], usual],
    ["a family that the mask does not show", [Number.NEGATIVE_INFINITY, 1, 1, 1, 1], "slides"],
  ] as const)("is floored at nothing for %s", (_, families, node) => {
    expect(combine(node, leaves(families))).toBe(0);
  });

  it("has nothing of an absent family at a factor of nothing either", () => {
    const absent = leaves([Number.NEGATIVE_INFINITY, 1, 1, 1, 1], {}, { factor: 0 });
    expect(combine(usual, absent)).toBe(0);
  });

  it.each([
    [null, 2.345678],
    [0, 2],
    [1, 2.3],
    [2, 2.35],
    [5, 2.34568],
  ])("keeps %s decimals of a loss, half up, before its factor", (decimals, expected) => {
    const of = leaves([2.345678, 0, 0, 0, 0], {}, { decimals, factor: 3 });
    expect(combine("slides", of)).toBe(3 * expected);
  });

  it("rounds half up", () => {
    expect(combine("slides", leaves([2.5, 0, 0, 0, 0], {}, { decimals: 0 }))).toBe(3);
    expect(combine("slides", leaves([2.4999, 0, 0, 0, 0], {}, { decimals: 0 }))).toBe(2);
  });

  it("lets a NaN through to where it is refused", () => {
    expect(combine(usual, leaves(five, { roll: Number.NaN }))).toBeNaN();
    expect(
      combine({ max: ["slides", "charges.roll"] }, leaves(five, { roll: Number.NaN })),
    ).toBeNaN();
  });
});

describe("the charges that a tree names", () => {
  it.each<[string, CombineNode, readonly ChargeName[]]>([
    ["none: but basis is never among the rest", usual, ["basis"]],
    ["one by name", { sum: ["charges.roll", "charges"] }, ["basis", "roll"]],
    ["both minimums at once", { max: ["slides", "minimum"] }, ["basis", ...minimumCharges]],
    ["deep inside", { sum: [{ max: [{ sum: ["charges.perp"] }] }] }, ["basis", "perp"]],
  ])("are %s", (_, node, expected) => {
    expect([...namedCharges(node)].sort()).toEqual([...expected].sort());
  });

  it("leave the others to the leaf of all charges, in their order", () => {
    expect(unnamed(new Set(["roll", "basis"]))).toEqual(
      chargeNames.filter((name) => name !== "roll" && name !== "basis"),
    );
  });
});

describe("the times that the worst row can count", () => {
  it.each<[string, CombineNode, number]>([
    ["once where families compete", usual, 1],
    [
      "not at all without rows",
      { sum: ["charges", "basis", "minimum", "charges.roll", "zero"] },
      0,
    ],
    ["as often as families are added", { sum: ["slides", "tails", "charges", "theta"] }, 3],
    ["as the branch in which it counts most", { max: ["slides", { sum: ["tails", "skew"] }] }, 2],
    ["not at all in an empty max", { max: [] }, 0],
  ])("are %s", (_, node, expected) => {
    expect(rowTimes(node)).toBe(expected);
  });
});

/** The definition: flat lists, no shared walk. */
function slow(node: CombineNode, of: Leaves, whole: CombineNode): number {
  const text = JSON.stringify(whole);
  const taken = (name: ChargeName) =>
    name === "basis" ||
    text.includes(`"charges.${name}"`) ||
    (text.includes('"minimum"') && minimumCharges.includes(name));
  const charge = (name: ChargeName) => of.charges[name] ?? 0;
  if (typeof node !== "string") {
    const parts = ("max" in node ? node.max : node.sum).map((part) => slow(part, of, whole));
    return "max" in node ? Math.max(0, ...parts) : parts.reduce((sum, x) => sum + x, 0);
  }
  const family = ["slides", "tails", "theta", "rates", "skew"].indexOf(node);
  if (family >= 0) return Math.max(0, of.scan.families[family]!) * of.factor;
  const byName: Record<string, number> = {
    zero: 0,
    basis: charge("basis"),
    minimum: Math.max(0, charge("minimumPerContract"), charge("minimumDelta")),
    charges: chargeNames
      .filter((name) => !taken(name))
      .reduce((sum, name) => sum + charge(name), 0),
    ...Object.fromEntries(chargeNames.map((name) => [`charges.${name}`, charge(name)])),
  };
  return byName[node]!;
}

function randomTree(chance: Chance, depth: number): CombineNode {
  if (depth === 0 || chance.yes(0.4)) {
    return chance.pick([
      "slides",
      "tails",
      "theta",
      "rates",
      "skew",
      "basis",
      "charges",
      "minimum",
      "zero",
      "charges.roll",
      "charges.perp",
      "charges.minimumDelta",
    ] as const);
  }
  const parts = Array.from({ length: chance.whole(1, 4) }, () => randomTree(chance, depth - 1));
  return chance.yes(0.5) ? { max: parts } : { sum: parts };
}

describe("any tree", () => {
  it.each(seeds(200))(
    "equals its definition, and never falls as a loss grows (seed %d)",
    (seed) => {
      const chance = seededChance(seed);
      const tree = randomTree(chance, 3);
      const families = five.map(() => chance.between(-20, 100));
      const charges = Object.fromEntries(
        chargeNames.filter(() => chance.yes(0.6)).map((name) => [name, chance.between(0, 50)]),
      );
      const of = leaves(families, charges, { factor: chance.between(0.5, 2) });
      const got = combine(tree, of);
      expect(Math.abs(got - slow(tree, of, tree))).toBeLessThanOrEqual(1e-12 * Math.max(1, got));
      const more = families.map((loss) => loss + chance.between(0, 10));
      expect(combine(tree, leaves(more, charges, { factor: of.factor }))).toBeGreaterThanOrEqual(
        got,
      );
    },
  );

  it("has leaves that are never negative", () => {
    const named = namedCharges("charges");
    const of = leaves([-1, -1, -1, -1, -1]);
    for (const leaf of ["slides", "zero", "basis", "minimum", "charges", "charges.size"] as const) {
      expect(leafAmount(leaf, of, named)).toBe(0);
    }
  });
});
