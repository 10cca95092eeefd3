import { describe, expect, it } from "vitest";
import {
  bareUnderlying,
  changed,
  houseUnderlying,
  row,
  usualTails,
} from "../margin/terms.test-kit.ts";
import { rowFamilies, type UnderlyingTerms } from "../terms.ts";
import { buildGrid, type Grid, pointsAxis, skewCodes, volCodes } from "./grid.ts";

const ladder = changed(bareUnderlying, {
  scenarios: { recipe: "ladder", ladder: { step: 0.1, max: 0.5 }, core: ["up", "down"] },
});

/** A grid as one line per row, to be read beside the drawing in grid.ts. */
function lines(grid: Grid): string[] {
  const vols = Object.entries(volCodes);
  const skews = Object.entries(skewCodes);
  return Array.from({ length: grid.count }, (_, i) => {
    const [vol] = vols.find(([, code]) => code === grid.volCode[i])!;
    const [skew] = skews.find(([, code]) => code === grid.skewCode[i])!;
    const slide = Math.floor(grid.slide[i]! * 1e6 + 0.5) / 1e6;
    return [rowFamilies[grid.family[i]!], slide, vol, grid.node[i], grid.copy[i], skew].join(" ");
  });
}

describe("a ladder", () => {
  it("has fixed nodes, slides ascending and the vol directions inside", () => {
    expect(lines(buildGrid(ladder, 0.16, 2))).toEqual([
      "slides -0.2 up -2 0 none",
      "slides -0.2 down -2 1 none",
      "slides -0.1 up -1 0 none",
      "slides -0.1 down -1 1 none",
      "slides 0 up 0 0 none",
      "slides 0 down 0 1 none",
      "slides 0.1 up 1 0 none",
      "slides 0.1 down 1 1 none",
      "slides 0.2 up 2 0 none",
      "slides 0.2 down 2 1 none",
    ]);
  });

  it("does not depend on the range", () => {
    expect(buildGrid(ladder, 0.16, 3)).toEqual(buildGrid(ladder, 0.5, 3));
  });

  it("has 17 price points for 16 % in steps of 2 %, times three vols", () => {
    const house = buildGrid(houseUnderlying, 0.16, 8);
    const slides = house.family.filter((family) => rowFamilies[family] === "slides").length;
    expect([slides, house.count]).toEqual([51, 51 + 8 + 17]);
    expect(house.nodes).toBe(8);
  });

  it.each([0, 1, 25])("has 2 n + 1 nodes for n = %d", (nodes) => {
    expect(buildGrid(ladder, 0.1, nodes).count).toBe(2 * (2 * nodes + 1));
  });
});

describe("the points recipe", () => {
  it.each([
    [0.16, 3, [-0.16, 0, 0.16]],
    [0.16, 9, [-0.16, -0.12, -0.08, -0.04, 0, 0.04, 0.08, 0.12, 0.16]],
    [0.3, 4, [-0.3, -0.1, 0, 0.1, 0.3]],
    [0.1, 2, [-0.1, 0, 0.1]],
  ])("spreads ±%d over %d points, 0 always there", (range, points, slides) => {
    const axis = pointsAxis(range, points);
    expect(axis.map(({ node }) => node)).toEqual(slides.map(() => 0));
    axis.forEach(({ slide }, i) => {
      expect(slide).toBeCloseTo(slides[i]!, 15);
    });
  });

  it("reaches the range on both sides, symmetric to the bit", () => {
    for (let points = 3; points <= 41; points++) {
      const slides = pointsAxis(0.173, points).map(({ slide }) => slide);
      expect(slides[slides.length - 1]).toBeCloseTo(0.173, 15);
      expect(slides.map((slide) => 0 - slide).reverse()).toEqual(slides);
    }
  });

  it("is nine slides in three vols by default here", () => {
    const grid = buildGrid(bareUnderlying, 0.16, 0);
    expect(grid.count).toBe(27);
    expect(lines(grid).slice(12, 15)).toEqual([
      "slides 0 up 0 0 none",
      "slides 0 flat 0 1 none",
      "slides 0 down 0 2 none",
    ]);
  });
});

const skew = {
  linearBase: 0,
  linearCap: 0.1,
  absoluteBase: 0,
  absoluteCap: 0.1,
  kStarMin: 0.01,
  widthScale: 0,
  volStatic: 0,
  volScale: 0,
};

describe("rows beside the slides", () => {
  const everything: UnderlyingTerms = changed(bareUnderlying, {
    scenarios: {
      slidePoints: 3,
      core: ["flat"],
      cross: { dtDays: [1, 7], dr: [-0.01] },
      tails: { ...usualTails, moves: [-0.5, 1], vol: "down" },
    },
    skew,
  });

  it("come in the canonical order: tails, skew, theta, rates", () => {
    expect(lines(buildGrid(everything, 0.2, 0))).toEqual([
      "slides -0.2 flat 0 0 none",
      "slides 0 flat 0 0 none",
      "slides 0.2 flat 0 0 none",
      "tails -0.5 down 0 0 none",
      "tails 1 down 0 1 none",
      "skew 0 flat 0 0 linear",
      "skew 0 flat 0 1 absolute",
      "theta -0.2 flat 0 0 none",
      "theta 0 flat 0 0 none",
      "theta 0.2 flat 0 0 none",
      "theta -0.2 flat 0 1 none",
      "theta 0 flat 0 1 none",
      "theta 0.2 flat 0 1 none",
      "rates -0.2 flat 0 0 none",
      "rates 0 flat 0 0 none",
      "rates 0.2 flat 0 0 none",
    ]);
  });

  it("carry their time and their rate", () => {
    const { dtDays, dr } = buildGrid(everything, 0.2, 0);
    expect([...dtDays]).toEqual([0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 7, 7, 7, 0, 0, 0]);
    expect([...dr]).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -0.01, -0.01, -0.01]);
  });

  it.each([
    ["weigh 1 where the rule weighs them later", null, [1, 1]],
    ["weigh what is named", [0.3, 0.2], [0.3, 0.2]],
  ])("%s", (_, weights, expected) => {
    const terms = changed(everything, {
      scenarios: { tails: { ...usualTails, moves: [-0.5, 1], weights } },
    });
    expect([...buildGrid(terms, 0.2, 0).weight.subarray(3, 5)]).toEqual(expected);
  });

  it("keep their node on a ladder, so that a mask can narrow them", () => {
    const copies = changed(ladder, { scenarios: { cross: { dtDays: [1], dr: [0.01] } } });
    const { node } = buildGrid(copies, 0.1, 1);
    expect([...node]).toEqual([-1, -1, 0, 0, 1, 1, -1, 0, 1, -1, 0, 1]);
  });
});

describe("explicit rows", () => {
  const rows = [
    row({ slide: 0.1, vol: 0.45, volPoints: 0.05, weight: 2 }),
    row({ slide: -0.3, vol: "up", dtDays: 1, dr: 0.01, weight: 0 }),
  ];
  const explicit = changed(houseUnderlying, { scenarios: { rows } });

  it("replace the recipe and stand as they are", () => {
    const grid = buildGrid(explicit, 0.5, 3);
    expect(lines(grid)).toEqual(["slides 0.1 own 0 0 none", "slides -0.3 up 0 1 none"]);
    expect([...grid.volMove]).toEqual([0.45, 0]);
    expect([...grid.volPoints]).toEqual([0.05, 0]);
    expect([...grid.weight]).toEqual([2, 0]);
    expect([...grid.dtDays]).toEqual([0, 1]);
    expect([...grid.dr]).toEqual([0, 0.01]);
  });

  it("are followed by the skew rows where they name none", () => {
    const grid = buildGrid(changed(explicit, { skew }), 0.5, 3);
    expect(lines(grid).slice(2)).toEqual([
      "slides 0 flat 0 2 linear",
      "slides 0 flat 0 3 absolute",
    ]);
  });

  it("are followed by nothing where they name a skew themselves", () => {
    const own = changed(explicit, { skew, scenarios: { rows: [row({ skew: "linear" })] } });
    expect(lines(buildGrid(own, 0.5, 3))).toEqual(["slides 0 flat 0 0 linear"]);
  });
});

describe("no recipe", () => {
  it("has no rows", () => {
    const none = changed(bareUnderlying, { scenarios: { recipe: "none" } });
    expect(buildGrid(none, 0.2, 4)).toMatchObject({ count: 0, nodes: 4 });
  });
});

describe("a beta", () => {
  it("multiplies every slide and nothing else", () => {
    const plain = buildGrid(houseUnderlying, 0.2, 3);
    const beta = buildGrid(houseUnderlying, 0.2, 3, 1.2);
    expect(beta).toEqual({ ...plain, slide: plain.slide.map((slide) => slide * 1.2) });
  });
});
