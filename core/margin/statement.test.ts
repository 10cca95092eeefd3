import { describe, expect, it } from "vitest";
import type { PublishedRange } from "../book.ts";
import type { Terms, UnderlyingTerms } from "../terms.ts";
import { accountMargin } from "./account.ts";
import {
  type BookParts,
  bookOf,
  contextOf,
  future,
  option,
  order,
  perpetual,
} from "./book.test-kit.ts";
import { skewTerms } from "./random-terms.test-kit.ts";
import {
  type StatementFrame,
  statementFigures,
  type Tree,
  wholeStatement,
  withLiquidation,
} from "./statement.ts";
import {
  bareUnderlying,
  cash,
  changed,
  houseUnderlying,
  row,
  termsOfAll,
  usualStandard,
  usualTails,
} from "./terms.test-kit.ts";

const flat = changed(bareUnderlying, { scenarios: { core: ["flat"], slidePoints: 3 } });
const frame: StatementFrame = {
  turn: 41,
  termsHash: "abc",
  marks: { oldestAgeMs: 12, stale: ["P"], quarantined: [], state: "DEGRADED" },
  told: () => undefined,
};

function statement(
  of: UnderlyingTerms,
  parts: BookParts = {},
  rest: Partial<Terms> = {},
  told: StatementFrame["told"] = frame.told,
): Tree {
  const terms = termsOfAll(of, rest);
  const book = bookOf({
    underlyings: [{ id: "BTC" }, { id: "ETH" }],
    instruments: [
      perpetual("P"),
      perpetual("E", { underlying: "ETH" }),
      option("O", {}, { volConfidence: 0.7 }),
    ],
    positions: { P: 10 },
    ...parts,
  });
  const context = contextOf(terms, book);
  const margin = accountMargin(context, book.account);
  const figures = statementFigures(context, margin, { ...frame, told });
  return wholeStatement(withLiquidation(figures, book, margin, terms), margin, { told });
}

type Path = readonly (string | number)[];
const at = (tree: unknown, ...path: Path): unknown =>
  path.reduce<unknown>((of, name) => (of as Record<string | number, unknown>)[name], tree);

describe("a statement", () => {
  it("says whose it is, when, in what and by which terms", () => {
    expect(statement(flat)).toMatchObject({
      account: "test",
      mode: "portfolio",
      turn: 41,
      asOf: "2026-01-02T08:00:00.000Z",
      numeraire: "USD",
      terms: { name: "test", version: "1", hash: "abc" },
      status: "healthy",
      missing: [],
    });
  });

  it("has requirement, equity and what is left of it", () => {
    const of = statement(flat, { balances: { USD: 150 } }, { initialAtLeastMaintenance: false });
    expect(of).toMatchObject({
      initialMargin: 160,
      maintenanceMargin: 160,
      equity: { initial: 150, maintenance: 150 },
      headroom: { initial: -10, maintenance: -10 },
      net: { initial: -10, maintenance: -10 },
      status: "liquidation",
    });
    expect(of["marginRatio"]).toBeCloseTo(160 / 150, 12);
  });

  it.each([0, -50])("has no margin ratio at an equity of %d", (USD) => {
    expect(statement(flat, { balances: { USD } })["marginRatio"]).toBeNull();
  });

  it("tells collateral before and after haircuts, in the numeraire", () => {
    const half = { ...cash, initialHaircut: 0.5, maintenanceHaircut: 0.25 };
    const rest = { collateral: { "*": half }, numeraire: "ETH" };
    const of = statement(flat, { balances: { BTC: 3 }, positions: {} }, rest);
    expect(of["collateralValue"]).toBe(3);
    expect(of["collateral"]).toEqual({ initial: 1.5, maintenance: 2.25 });
  });

  it.each([
    // quarantined          liquidation prices of
    [[], ["BTC"]],
    [["P"], []],
  ])("with %j withheld, has liquidation prices of %j", (quarantined, expected) => {
    const book = bookOf({
      underlyings: [{ id: "BTC" }],
      instruments: [perpetual("P")],
      positions: { P: 1 },
    });
    const terms = termsOfAll(flat);
    const context = contextOf(terms, book);
    const margin = accountMargin(context, book.account);
    const marks = { ...frame.marks, quarantined };
    const figures = statementFigures(context, margin, { ...frame, marks });
    const { liquidationPrice } = withLiquidation(figures, book, margin, terms);
    expect(Object.keys(liquidationPrice as Tree)).toEqual(expected);
  });

  it("passes on the state of marks, with the worst confidence of all that it used", () => {
    expect(statement(flat)["marks"]).toEqual({ ...frame.marks, worstConfidence: 1 });
    const worst = (parts: BookParts) => at(statement(flat, parts), "marks", "worstConfidence");
    expect(worst({ positions: { O: 1 } })).toBe(0.7);
    expect(worst({ underlyings: [{ id: "BTC", confidence: 0.6 }] })).toBe(0.6);
    const currencies = [{ id: "USDC", confidence: 0.5 }];
    expect(worst({ currencies, balances: { USDC: 1 } })).toBe(0.5);
    expect(worst({ currencies, balances: {} })).toBe(1);
  });

  const slideRange = { initial: 0.3, maintenance: 0.2 };
  const ranges = new Map<string, PublishedRange>([["BTC", { slideRange, volScale: 1.1 }]]);
  const mode = (of: "off" | "scale" | "replace") =>
    changed(flat, { regime: { assetClass: "crypto", mode: of } });

  it("tells the ranges it used, and what was told of them", () => {
    const evidence = { kurtosis: 4 } as unknown as NonNullable<PublishedRange["evidence"]>;
    const state = "elevated" as unknown as NonNullable<PublishedRange["state"]>;
    const told = () => ({ state, evidence });
    expect(statement(mode("replace"), { ranges }, {}, told)["grids"]).toEqual({
      BTC: {
        initial: { slideRange: 0.3 },
        maintenance: { slideRange: 0.2 },
        volScale: 1.1,
        state,
        evidence,
      },
    });
    expect(at(statement(flat), "grids", "BTC")).toEqual({
      initial: { slideRange: 0.16 },
      maintenance: { slideRange: 0.16 },
      volScale: 1,
    });
  });

  it.each([
    ["replace", ranges, "calibrated"],
    ["scale", ranges, "declared"],
    ["off", ranges, "declared"],
    ["replace", new Map(), "declared"],
  ] as const)("says how far a range may be trusted: '%s'", (of, published, basis) => {
    const found = at(statement(mode(of), { ranges: published }), "confidence", "BTC");
    expect(found).toEqual({ level: 0.995, horizonHours: 24, basis });
  });
});

describe("an underlying in a statement", () => {
  const one = (of: UnderlyingTerms, parts: BookParts = {}) =>
    at(statement(of, parts), "perUnderlying", 0) as Tree;

  it("has its risk, its requirement and its greeks, in units and in cash", () => {
    const book = { underlyings: [{ id: "BTC", index: 200 }], positions: { O: -2, P: 3 } };
    const of = one(flat, book);
    const greeks = of["greeks"] as Record<string, number>;
    expect(of).toMatchObject({ underlying: "BTC" });
    expect(greeks["deltaCash"]).toBe(greeks["delta"]! * 200);
    expect(greeks["gammaCash"]).toBe(greeks["gamma"]! * 200 * 200);
    expect(Object.keys(greeks).sort()).toEqual(
      ["delta", "deltaCash", "gamma", "gammaCash", "rho", "theta", "vega"].sort(),
    );
    expect(at(of, "scanningRisk", "initial")).toBe(of["initialMargin"]);
  });

  it("has its weighted P&L by row", () => {
    const terms = changed(flat, { scenarios: { tails: { ...usualTails, moves: [-0.5, 1] } } });
    const found = one(terms)["scenarioPnl"] as number[];
    expect(found).toEqual([-160, 0, 160, -160, 160].map((x) => expect.closeTo(x, 9)));
  });

  it("has the P&L of positions alone, without resting orders", () => {
    const of = one(flat, { openOrders: [order("P", "buy", 100)] });
    expect(of["scenarioPnl"]).toEqual([-160, 0, 160].map((x) => expect.closeTo(x, 9)));
    expect(at(of, "worst", "initial", "index")).toBe(0);
    expect(at(of, "scanningRisk", "initial")).toBeCloseTo(1760, 9);
  });

  it("shows the rows of the initial range's outer node set on a ladder", () => {
    const terms = changed(houseUnderlying, {
      scenarios: { slideRange: 0.15, core: ["flat"], tails: null, cross: { dtDays: [], dr: [] } },
    });
    expect(one(terms)["scenarioPnl"]).toHaveLength(2 * 8 + 1);
  });

  const worst = (of: UnderlyingTerms, parts: BookParts = {}, stage = "initial") =>
    at(one(of, parts), "worst", stage);

  it("names its worst row by what it moves", () => {
    const rows = [
      row({ slide: 0.1, vol: "up" }),
      row({ slide: -0.2, vol: 0.45, volPoints: 0.1, weight: 0.5, dtDays: 1, dr: 0.01 }),
    ];
    expect(worst(changed(flat, { scenarios: { rows } }))).toEqual({
      kind: "row",
      index: 1,
      slide: -0.2,
      vol: 0.45,
      skew: null,
      dtDays: 1,
      dr: 0.01,
      weight: 0.5,
    });
  });

  it.each(["up", "flat", "down"] as const)("names the vol direction '%s'", (vol) => {
    const rows = [row({ slide: -0.2, vol })];
    expect(worst(changed(flat, { scenarios: { rows } }))).toMatchObject({ vol });
  });

  it.each(["linear", "absolute"] as const)("names a '%s' skew", (skew) => {
    const rows = [row({ slide: -0.2, skew })];
    const terms = changed(flat, { scenarios: { rows }, skew: skewTerms });
    expect(worst(terms)).toMatchObject({ skew });
  });

  it("names none where no row is looked at", () => {
    expect(worst(changed(flat, { scenarios: { recipe: "none" } }))).toBeNull();
  });

  it("numbers a stage's worst row among the rows shown, though its own set is smaller", () => {
    const terms = changed(houseUnderlying, {
      scenarios: { core: ["flat"], tails: null, cross: { dtDays: [], dr: [] } },
    });
    const published = new Map([
      ["BTC", { slideRange: { initial: 0.1, maintenance: 0.06 }, volScale: 1 }],
    ]);
    const parts = { ranges: published, positions: { P: -10 } };
    expect(worst(terms, parts)).toMatchObject({ index: 10, slide: expect.closeTo(0.1, 12) });
    expect(worst(terms, parts, "maintenance")).toMatchObject({
      index: 8,
      slide: expect.closeTo(0.06, 12),
    });
  });

  it("numbers it in its own set where the stages have rows of their own", () => {
    const terms = changed(flat, { regime: { assetClass: "crypto", mode: "replace" } });
    const published = new Map([
      ["BTC", { slideRange: { initial: 0.1, maintenance: 0.06 }, volScale: 1 }],
    ]);
    const found = worst(terms, { ranges: published, positions: { P: -10 } }, "maintenance");
    expect(found).toMatchObject({ index: 2, slide: 0.06 });
  });

  it("names the basis charge where that is worst, after the last row", () => {
    const terms = changed(flat, {
      combine: { sum: [{ max: ["slides", "basis"] }, "charges"] },
      charges: { basis: { up: 0.1, down: -0.1, add: 5, mult: 0, inside: false } },
    });
    const parts = { instruments: [future("F")], positions: { F: 1 } };
    expect(worst(terms, parts)).toEqual({
      kind: "basis",
      index: 3,
      slide: 0,
      vol: "flat",
      dtDays: 0,
      dr: 0,
      weight: 1,
    });
  });
});

describe("groups and charges in a statement", () => {
  const charged = changed(flat, {
    charges: { perp: { initial: 0.02, maintenance: 0.01, inside: false } },
  });
  const groups = [{ members: ["*"], credit: 0.5, beta: {} }];
  const both = { positions: { P: 10, E: -5 } };

  it("tell each group", () => {
    const of = statement(charged, both, { offsets: { groups } });
    const near = (x: number) => expect.closeTo(x, 9);
    const figures = {
      standaloneSum: near(240),
      joint: { loss: near(80), worst: { index: 0 } },
      requirement: near(160),
    };
    expect(of["offsets"]).toEqual([
      { members: ["BTC", "ETH"], credit: 0.5, initial: figures, maintenance: figures },
    ]);
    expect(at(of, "charges", "offset")).toEqual({ initial: near(-80), maintenance: near(-80) });
  });

  it("add up charges by name over underlyings, then those of the account", () => {
    const account = { margins: { openOrders: 0, spot: 7, mmp: 0 } };
    expect(statement(charged, { ...both, account })["charges"]).toEqual({
      perp: { initial: expect.closeTo(30, 9), maintenance: expect.closeTo(15, 9) },
      spot: { initial: 7, maintenance: 0 },
    });
  });

  it("are empty where there are none", () => {
    expect(statement(flat)).toMatchObject({ offsets: [], charges: {} });
  });
});

describe("capital efficiency", () => {
  const rest = { standard: usualStandard };
  const efficiency = (parts: BookParts, of: Partial<Terms> = rest) =>
    statement(flat, parts, of)["capitalEfficiency"];

  it("is what portfolio mode saves of isolated capital", () => {
    const narrow = changed(flat, { scenarios: { slideRange: 0.01 } });
    const of = statement(narrow, {}, rest);
    const isolated = at(of, "modes", "isolated", "capital") as number;
    expect(isolated).toBeCloseTo(1000 * 0.0205, 9);
    expect(of["capitalEfficiency"]).toBeCloseTo(1 - 10 / isolated, 12);
  });

  it.each([
    ["without standard formulas", {}, {}],
    ["where isolated mode needs nothing", { positions: {} }, rest],
  ])("is not told %s", (_, parts, of) => {
    expect(efficiency(parts, of)).toBeNull();
  });
});

describe("what a whole statement adds", () => {
  it("is liquidation prices, rows and an explanation", () => {
    const of = statement(flat, { balances: { USD: 200 } });
    expect(of["liquidationPrice"]).toEqual({ BTC: { up: expect.closeTo(125, 8), down: null } });
    expect(of["explain"]).toHaveLength(1);
    expect(at(of, "perUnderlying", 0)).toHaveProperty("scenarioPnl");
  });

  it("is no liquidation price where a leg has no price", () => {
    const { vol: _, ...unmarked } = option("X");
    const of = statement(flat, { instruments: [unmarked], positions: { X: 1 } });
    expect(of).toMatchObject({
      status: "incomplete",
      missing: ["X: a vol or a mark"],
      liquidationPrice: {},
    });
  });
});
