import { describe, expect, it } from "vitest";
import type { PublishedRange } from "../book.ts";
import type { ScenarioTerms, UnderlyingTerms } from "../terms.ts";
import type { Numeraire } from "./prices.ts";
import { bareUnderlying, changed, houseUnderlying, row, usualTails } from "./terms.test-kit.ts";
import { rangesOf, type UnderlyingView, viewUnderlying } from "./view.ts";

const underlying = { id: "BTC", assetClass: "crypto" as const, index: 100, confidence: 0.9 };
const usd: Numeraire = { currency: "USD", price: 1, underlying: null };
const btc: Numeraire = { currency: "BTC", price: 100, underlying: "BTC" };
const eth: Numeraire = { currency: "ETH", price: 50, underlying: "ETH" };

interface Options {
  readonly published?: PublishedRange;
  readonly numeraire?: Numeraire;
  readonly beta?: number;
  readonly spareNodes?: number;
  readonly index?: number;
}

function view(terms: UnderlyingTerms, options: Options = {}, before?: UnderlyingView) {
  return viewUnderlying(
    {
      underlying: { ...underlying, index: options.index ?? 100 },
      terms,
      published: options.published,
      numeraire: options.numeraire ?? usd,
      beta: options.beta ?? 1,
      spareNodes: options.spareNodes ?? 0,
    },
    before,
  );
}

const published = (initial: number, maintenance: number, volScale = 1.2): PublishedRange => ({
  slideRange: { initial, maintenance },
  volScale,
});
const mode = (of: "off" | "scale" | "floor" | "replace", base = bareUnderlying) =>
  changed(base, { regime: { assetClass: "crypto", mode: of } });

describe("the ranges of an underlying", () => {
  it.each([
    ["its own", "off", published(0.3, 0.2), 0.16, 0.16],
    ["its own where only the vol may move", "scale", published(0.3, 0.2), 0.16, 0.16],
    ["what is published", "replace", published(0.3, 0.2), 0.3, 0.2],
    ["what is published even where it is narrower", "replace", published(0.1, 0.05), 0.1, 0.05],
    ["the wider of both", "floor", published(0.3, 0.1), 0.3, 0.16],
    ["its own at least", "floor", published(0.1, 0.05), 0.16, 0.16],
    ["its own where nothing is published", "replace", undefined, 0.16, 0.16],
  ] as const)("are %s (%s)", (_, of, range, initial, maintenance) => {
    expect(rangesOf(mode(of), range)).toEqual({ initial, maintenance });
  });
});

describe("the vol scale of an underlying", () => {
  it.each([
    ["off", 1.2, 1],
    ["scale", 1.2, 1.2],
    ["scale", 0.8, 0.8],
    ["replace", 0.8, 0.8],
    ["floor", 1.2, 1.2],
    ["floor", 0.8, 1],
  ] as const)("'%s' makes of a published %d", (of, volScale, expected) => {
    expect(view(mode(of), { published: published(0.2, 0.2, volScale) }).volScale).toBe(expected);
  });

  it("is 1 where nothing is published", () => {
    expect(view(mode("replace")).volScale).toBe(1);
  });
});

describe("the planes of a view", () => {
  it.each<[string, UnderlyingTerms, number]>([
    ["one for both stages of a ladder", mode("replace", houseUnderlying), 1],
    ["one for explicit rows", changed(mode("scale"), { scenarios: { rows: [row({})] } }), 1],
    ["two for points of unequal ranges", mode("replace"), 2],
    ["one for points of one range", mode("off"), 1],
  ])("are %s", (_, terms, count) => {
    const of = view(terms, { published: published(0.3, 0.2) });
    expect(of.planes).toHaveLength(count);
    expect([of.initial.plane, of.maintenance.plane]).toEqual([0, count - 1]);
    expect(of.initial.jointPlane).toBe(0);
  });

  it("are as many again with a beta, for the rows of a group", () => {
    const of = view(mode("replace"), { published: published(0.3, 0.2), beta: 1.5 });
    expect(of.planes).toHaveLength(4);
    expect([of.initial.plane, of.maintenance.plane]).toEqual([0, 1]);
    expect([of.initial.jointPlane, of.maintenance.jointPlane]).toEqual([2, 3]);
    expect(of.planes[2]!.slide[0]).toBeCloseTo(-0.45, 12);
    expect(of.planes[3]!.slide[0]).toBeCloseTo(-0.3, 12);
    const ladder = view(mode("replace", houseUnderlying), { beta: 1.5 });
    expect([ladder.initial.jointPlane, ladder.maintenance.jointPlane]).toEqual([1, 1]);
  });

  it("weigh tails by their own stage's range", () => {
    const terms = changed(mode("replace"), { scenarios: { tails: usualTails } });
    const of = view(terms, { published: published(0.3, 0.2) });
    const last = of.planes[0]!.grid.count - 1;
    expect(of.planes.map(({ weight }) => weight[last])).toEqual([0.3 / 5, 0.2 / 5]);
  });

  it.each([
    ["the nodes that the wider range needs", published(0.1, 0.14), 0, 7],
    ["spare nodes beside them", published(0.1, 0.05), 3, 8],
    ["no more than the ladder has", published(0.46, 0.3), 9, 25],
    ["one more for a range between nodes", published(0.101, 0.1), 0, 6],
  ])("of a ladder have %s", (_, range, spareNodes, nodes) => {
    const of = view(mode("replace", houseUnderlying), { published: range, spareNodes });
    expect(of.planes[0]!.grid.nodes).toBe(nodes);
  });

  it("of a ladder reach as far as short gamma is looked at", () => {
    const tiers = [{ above: 1, multiplier: 1, gammaNodes: 4 }];
    const liquidity = { depthUsd: 1, inside: false, tiers };
    const terms = changed(mode("replace", houseUnderlying), { liquidity });
    const of = view(terms, { published: published(0.1, 0.1), spareNodes: 1 });
    expect(of.planes[0]!.grid.nodes).toBe(9);
    expect(of.initial.beyond.map((reach) => reach?.width)).toEqual([expect.closeTo(0.08, 12)]);
  });

  it("refuse a range beyond the ladder, and take its last node", () => {
    const terms = mode("replace", houseUnderlying);
    expect(view(terms, { published: published(0.5, 0.2) }).planes[0]!.grid.nodes).toBe(25);
    expect(() => view(terms, { published: published(0.51, 0.2) })).toThrow(
      expect.objectContaining({
        code: "out_of_bounds",
        detail: {
          path: "grids.crypto.slideRange",
          expected: "at most the ladder's 0.5",
          found: "0.51",
        },
      }),
    );
  });
});

describe("what turns P&L into the numeraire", () => {
  const three: Partial<ScenarioTerms> = { slideRange: 0.2, slidePoints: 3, core: ["flat"] };
  const factors = (conversion: UnderlyingTerms["conversion"], numeraire: Numeraire) => {
    const tails = { ...usualTails, moves: [-0.5] };
    const terms = changed(bareUnderlying, { conversion, scenarios: { ...three, tails } });
    const { linearFactor, coinFactor } = view(terms, { numeraire }).planes[0]!;
    return [[...linearFactor], [...coinFactor]];
  };
  const near = (got: readonly number[][], want: readonly (readonly number[])[]) => {
    got.forEach((list, i) => {
      list.forEach((x, j) => {
        expect(x).toBeCloseTo(want[i]![j]!, 12);
      });
    });
  };

  it.each([
    ["shocked", [80, 100, 120, 50]],
    ["base", [100, 100, 100, 100]],
    ["rangeEdge", [80, 100, 120, 80]],
  ] as const)("dollars, '%s'", (conversion, coins) => {
    near(factors(conversion, usd), [[1, 1, 1, 1], coins]);
    near(factors(conversion, eth), [[0.02, 0.02, 0.02, 0.02], coins.map((x) => x / 50)]);
  });

  it.each([
    ["shocked", [1 / 80, 0.01, 1 / 120, 1 / 50], [1, 1, 1, 1]],
    ["base", [0.01, 0.01, 0.01, 0.01], [0.8, 1, 1.2, 0.5]],
    ["rangeEdge", [1 / 80, 0.01, 1 / 120, 1 / 80], [1, 1, 1, 50 / 80]],
  ] as const)("its own coin, '%s'", (conversion, linear, coins) => {
    near(factors(conversion, btc), [linear, coins]);
  });

  it("is the numeraire's unit now", () => {
    expect([usd, btc, eth].map((of) => view(bareUnderlying, { numeraire: of }).unit)).toEqual([
      1, 0.01, 0.02,
    ]);
  });

  it.each([
    ["stops tails at the edge where futures do", "clampAtRange", [-0.2, 0, 0.2, -0.2]],
    ["has no clamped moves elsewhere", "slide", undefined],
  ] as const)("%s", (_, linear, slides) => {
    const tails = { ...usualTails, moves: [-0.5], linear };
    const terms = changed(bareUnderlying, { scenarios: { ...three, tails } });
    const { clamped } = view(terms).planes[0]!;
    expect(clamped === null ? undefined : [...clamped.slide]).toEqual(slides);
  });
});

describe("a view made after another", () => {
  const terms = mode("replace", houseUnderlying);
  const first = view(terms, { published: published(0.2, 0.16) });

  it.each([
    [
      "lends its grid and masks while ranges stand",
      { published: published(0.2, 0.16), index: 90 },
      true,
    ],
    ["lends them whatever the vol scale", { published: published(0.2, 0.16, 2) }, true],
    ["does not for another initial range", { published: published(0.21, 0.16) }, false],
    ["does not for another maintenance range", { published: published(0.2, 0.15) }, false],
    ["does not for another beta", { published: published(0.2, 0.16), beta: 2 }, false],
  ])("%s", (_, options, lent) => {
    const next = view(terms, options, first);
    expect(next.planes[0]!.grid === first.planes[0]!.grid).toBe(lent);
    expect(next.initial.masks === first.initial.masks).toBe(lent);
    const fresh = view(terms, options);
    expect(next).toEqual(fresh);
  });

  it("does not for other terms", () => {
    const other = changed(terms, { factors: { initial: 2, maintenance: 1 } });
    const next = view(other, { published: published(0.2, 0.16) }, first);
    expect(next.planes[0]!.grid).not.toBe(first.planes[0]!.grid);
  });
});
