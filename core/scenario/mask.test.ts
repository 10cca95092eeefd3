import { describe, expect, it } from "vitest";
import { seededChance, seeds } from "../margin/chance.test-kit.ts";
import {
  bareUnderlying,
  changed,
  houseUnderlying,
  row,
  usualTails,
} from "../margin/terms.test-kit.ts";
import { rowFamilies } from "../terms.ts";
import { buildGrid } from "./grid.ts";
import { masksOf, NODE_TOLERANCE, nodesFor, onLadder, rowWeight } from "./mask.ts";

describe("a range on a ladder", () => {
  it.each([
    [0.16, 0.02, 8, 0],
    [0.17, 0.02, 8, 0.5],
    [0.01, 0.02, 0, 0.5],
    [0.3, 0.1, 3, 0],
    [0.7, 0.1, 7, 0],
    [0.15, 0.02, 7, 0.5],
  ])("%d in steps of %d is at node %d and %d of the next", (range, step, nodes, share) => {
    const at = onLadder(range, step);
    expect(at.nodes).toBe(nodes);
    expect(at.share).toBeCloseTo(share, 12);
  });

  it.each([
    ["a hair above", 0.16 + 1.9e-11, 8, 0],
    ["a hair below", 0.16 - 1.9e-11, 8, 0],
    ["more than a hair above", 0.16 + 3e-11, 8, 1.5e-9],
    ["more than a hair below", 0.16 - 3e-11, 7, 1 - 1.5e-9],
  ])("%s a node counts by the tolerance", (_, range, nodes, share) => {
    const at = onLadder(range, 0.02);
    expect(at.nodes).toBe(nodes);
    expect(Math.abs(at.share - share)).toBeLessThan(1e-10);
  });

  it("tolerates a billionth of a step", () => {
    expect(NODE_TOLERANCE).toBe(1e-9);
  });

  it.each([
    [0.16, 8],
    [0.161, 9],
    [0.179, 9],
    [0.18, 9],
    [0.001, 1],
  ])("%d needs %d nodes on each side", (range, nodes) => {
    expect(nodesFor(range, 0.02)).toBe(nodes);
  });
});

const TAIL = rowFamilies.indexOf("tails");

describe("the masks of a ladder", () => {
  const grid = buildGrid(houseUnderlying, 0.2, 12);

  it("are one at a node, with the whole share", () => {
    const masks = masksOf(houseUnderlying, grid, 0.16);
    expect(masks.map(({ share, range }) => [share, range])).toEqual([[1, 0.16]]);
  });

  it("are two between nodes, inner first, with shares that add up to one", () => {
    const [inner, outer, ...more] = masksOf(houseUnderlying, grid, 0.165);
    expect(more).toEqual([]);
    expect([inner!.share, outer!.share]).toEqual([0.75, 0.25]);
    expect([inner!.range, outer!.range]).toEqual([0.16, 0.18]);
  });

  it("nest: the outer shows every row of the inner, and no row weighs less there", () => {
    for (const seed of seeds(50)) {
      const range = seededChance(seed).between(0.001, 0.24);
      const [inner, outer] = masksOf(houseUnderlying, grid, range);
      if (outer === undefined) continue;
      inner!.rows.forEach((at, i) => {
        const j = outer.rows.indexOf(at);
        expect(j).toBeGreaterThanOrEqual(0);
        expect(outer.weights[j]).toBeGreaterThanOrEqual(inner!.weights[i]!);
      });
      expect(inner!.share + outer.share).toBe(1);
    }
  });

  it("show the nodes up to their own, and every tail", () => {
    const [mask] = masksOf(houseUnderlying, grid, 0.04);
    const nodes = new Set([...mask!.rows].map((at) => grid.node[at]));
    expect([...nodes].sort((a, b) => a! - b!)).toEqual([-2, -1, 0, 1, 2]);
    expect([...mask!.rows].filter((at) => grid.family[at] === TAIL)).toHaveLength(8);
    expect([...mask!.rows]).toEqual([...mask!.rows].sort((a, b) => a - b));
  });

  it("weigh a tail by their own edge, so that a linear book is proportional to the range", () => {
    const [inner, outer] = masksOf(houseUnderlying, grid, 0.165);
    const tail = [...inner!.rows].findIndex((at) => grid.family[at] === TAIL);
    expect(grid.slide[inner!.rows[tail]!]).toBe(-0.66);
    expect(inner!.weights[tail]).toBe(0.16 / 0.66);
    const same = [...outer!.rows].findIndex((at) => grid.family[at] === TAIL);
    expect(outer!.weights[same]).toBe(0.18 / 0.66);
  });

  it("refuse a range beyond the priced nodes", () => {
    expect(masksOf(houseUnderlying, grid, 0.24)).toHaveLength(1);
    expect(() => masksOf(houseUnderlying, grid, 0.2401)).toThrow(
      expect.objectContaining({
        code: "invariant_broken",
        detail: {
          path: "scenarios.ladder",
          expected: "13 priced nodes for the range 0.2401",
          found: "12",
        },
      }),
    );
  });
});

describe("the mask of other recipes", () => {
  const withTails = changed(bareUnderlying, { scenarios: { tails: usualTails } });

  it.each([
    ["points", withTails],
    ["rows", changed(bareUnderlying, { scenarios: { rows: [row({ slide: 0.1, weight: 2 })] } })],
    [
      "rows that replace a ladder",
      changed(houseUnderlying, { scenarios: { rows: [row({ slide: 0.1 })] } }),
    ],
  ] as const)("is one over all rows (%s)", (_, terms) => {
    const grid = buildGrid(terms, 0.16, 0);
    const masks = masksOf(terms, grid, 0.16);
    expect(masks).toHaveLength(1);
    expect(masks[0]).toMatchObject({ range: 0.16, share: 1 });
    expect([...masks[0]!.rows]).toEqual(Array.from({ length: grid.count }, (_, i) => i));
  });

  it("leaves out the families that the combine tree does not name", () => {
    const terms = changed(houseUnderlying, { combine: { sum: ["tails", { max: ["zero"] }] } });
    const grid = buildGrid(terms, 0.2, 10);
    const [mask] = masksOf(terms, grid, 0.2);
    expect(mask!.rows).toHaveLength(8);
    expect([...mask!.rows].every((at) => grid.family[at] === TAIL)).toBe(true);
  });
});

describe("the weight of a row", () => {
  const tails = (change: Partial<typeof usualTails>) =>
    changed(bareUnderlying, { scenarios: { tails: { ...usualTails, ...change } } });
  const weightOf = (terms: typeof bareUnderlying, move: number, range: number) => {
    const grid = buildGrid(terms, range, 0);
    return rowWeight(terms, grid, grid.slide.indexOf(move), range);
  };

  it.each([
    ["is the range over the move", {}, 0.66, 0.16, 0.16 / 0.66],
    ["is 1 where the move is the range", {}, 0.33, 0.33, 1],
    ["is 1 where the move is inside", {}, 0.33, 0.4, 1],
    ["grows with the factor", { factor: 1.5 }, 0.66, 0.16, (1.5 * 0.16) / 0.66],
    ["is 0 with the factor", { factor: 0 }, 0.66, 0.16, 0],
    ["is what is named", { weights: [0.21, 0.4, 0, 0, 0, 0, 0, 0] }, 0.66, 0.16, 0.21],
  ])("of a tail %s", (_, change, move, range, weight) => {
    expect(weightOf(tails(change), -move, range)).toBe(weight);
  });

  it("of a slide is 1, of an explicit row its own", () => {
    expect(weightOf(tails({}), 0.16, 0.16)).toBe(1);
    const explicit = changed(bareUnderlying, {
      scenarios: { rows: [row({ slide: 0.1, weight: 2.5 })] },
    });
    expect(weightOf(explicit, 0.1, 0.16)).toBe(2.5);
  });

  it("of a skew row is 1 even where rows have weights", () => {
    const terms = changed(bareUnderlying, {
      skew: {
        linearBase: 0,
        linearCap: 0,
        absoluteBase: 0,
        absoluteCap: 0,
        kStarMin: 1,
        widthScale: 0,
        volStatic: 0,
        volScale: 0,
      },
    });
    const grid = buildGrid(terms, 0.16, 0);
    expect(rowWeight(terms, grid, grid.count - 1, 0.16)).toBe(1);
  });
});
