import { describe, expect, it } from "vitest";
import type { UnderlyingTerms } from "../terms.ts";
import {
  type BookParts,
  bookOf,
  future,
  marginOf,
  option,
  order,
  perpetual,
  spot,
} from "./book.test-kit.ts";
import { skewTerms } from "./random-terms.test-kit.ts";
import { bareUnderlying, changed, houseUnderlying, row, termsOfAll } from "./terms.test-kit.ts";
import { basisIsWorst, staged, stageFactor } from "./underlying.ts";

const flat = changed(bareUnderlying, { scenarios: { core: ["flat"], slidePoints: 3 } });

function result(terms: UnderlyingTerms, parts: BookParts) {
  const book = bookOf({ instruments: [perpetual("P"), option("O"), spot("S")], ...parts });
  return marginOf(termsOfAll(terms), book).underlyings[0]!;
}

describe("the requirement of an underlying", () => {
  it("is its worst row times the factor, and its charges", () => {
    const terms = changed(flat, {
      factors: { initial: 1.5, maintenance: 0.5 },
      charges: {
        perp: { initial: 0.02, maintenance: 0.01, inside: false },
        minimumDelta: { net: 0.01, hedged: 0, inside: true },
      },
    });
    const { initial, maintenance } = result(terms, { positions: { P: 10 } });
    expect(initial.scanningRisk).toBeCloseTo(160, 12);
    expect(initial.requirement).toBeCloseTo(1.5 * 160 + 20 + 1.5 * 10, 12);
    expect(maintenance.requirement).toBeCloseTo(0.5 * 160 + 10 + 0.5 * 10, 12);
    expect([initial.factor, maintenance.factor]).toEqual([1.5, 0.5]);
  });

  it("mixes the whole tree of two node sets, floors and all", () => {
    const terms = changed(houseUnderlying, {
      scenarios: { slideRange: 0.17, tails: null, cross: { dtDays: [], dr: [] } },
      combine: { max: ["slides", "minimum"] },
      charges: { minimumDelta: { net: 0.17, hedged: 0, inside: false } },
      factors: { initial: 1, maintenance: 1 },
      liquidity: null,
    });
    const { initial } = result(terms, { positions: { P: 10 } });
    // At 16 % the minimum of 170 stands, at 18 % the rows do.
    expect(initial.requirement).toBeCloseTo((170 + 180) / 2, 10);
    expect(initial.scanningRisk).toBeCloseTo((160 + 180) / 2, 10);
  });

  it("has a published range for each stage", () => {
    const slideRange = { initial: 0.25, maintenance: 0.15 };
    const terms = changed(houseUnderlying, { charges: { roll: null, nakedShort: null } });
    const ranges = new Map([["BTC", { slideRange, volScale: 1 }]]);
    const of = result(terms, { positions: { P: 10 }, ranges });
    expect(of.initial.requirement).toBeCloseTo(250, 10);
    expect(of.maintenance.requirement).toBeCloseTo(0.8 * 150, 10);
  });

  it("adds what a stable lacks to the initial factor alone", () => {
    const peg = { currency: "USDC", threshold: 0.98, factor: 2 };
    const terms = changed(flat, { charges: { peg } });
    const of = (price: number | undefined) => {
      const currencies = price === undefined ? [] : [{ id: "USDC", peg: price }];
      const { input, initial } = result(terms, { positions: { P: 10 }, currencies });
      return [stageFactor(input, "initial"), stageFactor(input, "maintenance"), initial.factor];
    };
    expect(of(0.9)).toEqual([1 + 0.08 * 2, 1, 1 + 0.08 * 2].map((x) => expect.closeTo(x, 12)));
    expect(of(0.98)).toEqual([1, 1, 1]);
    expect(of(1.02)).toEqual([1, 1, 1]);
    expect(of(undefined)).toEqual([1, 1, 1]);
  });

  it("adds up greeks by quantity, of positions alone", () => {
    const { greeks } = result(flat, {
      positions: { P: 3, O: -2, S: 1 },
      openOrders: [order("P", "buy", 100)],
    });
    const one = result(flat, { positions: { O: 1 } }).greeks;
    expect(greeks.delta).toBeCloseTo(3 - 2 * one.delta + 1, 12);
    expect(greeks.gamma).toBeCloseTo(-2 * one.gamma, 12);
    expect(greeks.vega).toBeCloseTo(-2 * one.vega, 12);
    expect(greeks.theta).toBeCloseTo(-2 * one.theta, 12);
    expect(greeks.rho).toBeCloseTo(-2 * one.rho, 12);
  });

  it("tells the P&L of its initial rows, without weights", () => {
    const rows = [row({ slide: 0.1, weight: 0.5 }), row({ slide: -0.1, weight: 2 })];
    const { pnl } = result(changed(flat, { scenarios: { rows } }), { positions: { P: 10 } });
    expect([...pnl]).toEqual([100, -100].map((x) => expect.closeTo(x, 12)));
  });
});

describe("resting orders of an underlying", () => {
  const shares = (initial: number, maintenance: number, method: "subsets" | "worstSide") =>
    changed(flat, { charges: { openOrders: { initial, maintenance, method } } });
  const orders = [order("P", "buy", 2), order("P", "sell", 1), order("O", "sell", 1, 9)];
  const risk = (terms: UnderlyingTerms) => {
    const { initial, maintenance } = result(terms, { openOrders: orders });
    return [initial.scanningRisk, maintenance.scanningRisk];
  };

  it("count by each stage's share", () => {
    const [whole] = risk(shares(1, 0, "subsets"));
    expect(whole).toBeGreaterThan(16);
    expect(risk(shares(1, 0, "subsets"))[1]).toBe(0);
    expect(risk(shares(0.5, 0.25, "subsets"))).toEqual([whole! / 2, whole! / 4]);
  });

  it("count by subset or by the worst side, as terms say", () => {
    expect(risk(shares(1, 0, "worstSide"))[0]).toBeLessThanOrEqual(
      risk(shares(1, 0, "subsets"))[0]!,
    );
  });

  it.each([
    ["are refused beside skew rows", 1, 0, true],
    ["are refused where they count for maintenance alone", 0, 0.5, true],
    ["are taken where they count for nothing", 0, 0, false],
  ])("%s", (_, initial, maintenance, refused) => {
    const terms = changed(shares(initial, maintenance, "subsets"), { skew: skewTerms });
    const made = () => result(terms, { openOrders: orders });
    if (refused) expect(made).toThrow(expect.objectContaining({ code: "unsupported" }));
    else expect(made).not.toThrow();
  });
});

describe("the basis charge as the worst", () => {
  const basis = { up: 0.05, down: -0.05, add: 1, mult: 0, inside: false };
  const tree = { sum: [{ max: ["slides", "basis"] }] } as const;
  const legs = [future("F", { secondsToExpiry: 0 }), perpetual("P")];
  const of = (add: number, change: Partial<UnderlyingTerms> = {}) => {
    const terms = changed(flat, {
      combine: tree,
      ...change,
      charges: { ...change.charges, basis: { ...basis, add } },
    });
    const got = result(terms, { instruments: legs, positions: { F: 10 } });
    return basisIsWorst(got, got.initial);
  };

  it.each([
    ["above the rows", 4, true],
    ["as much as the rows", 3.2, true],
    ["below them", 3, false],
  ])("is so %s", (_, add, expected) => {
    expect(of(add)).toBe(expected);
  });

  it("is not where the tree does not count it", () => {
    expect(of(100, { combine: "slides" })).toBe(false);
  });

  it("is not where it is off", () => {
    const got = result(changed(flat, { combine: tree }), {
      instruments: legs,
      positions: { F: 1 },
    });
    expect(basisIsWorst(got, got.initial)).toBe(false);
  });
});

describe("a figure for each stage", () => {
  it("is asked for once each", () => {
    expect(staged((stage) => stage.length)).toEqual({ initial: 7, maintenance: 11 });
  });
});
