import { describe, expect, it } from "vitest";
import type { LiquidityTerms } from "../../terms.ts";
import { bookOf, contextOf, holding, marginOf, option, perpetual } from "../book.test-kit.ts";
import { seededChance, seeds } from "../chance.test-kit.ts";
import { bareTerms, bareUnderlying, changed, termsOfAll } from "../terms.test-kit.ts";
import { size } from "./size.ts";

const liquidity: LiquidityTerms = {
  depthUsd: 1000,
  inside: false,
  tiers: [
    { above: 1, multiplier: 1.25, gammaNodes: 0 },
    { above: 5, multiplier: 1.5, gammaNodes: 0 },
  ],
};
const book = bookOf({ instruments: [perpetual("P")] });
const context = contextOf(bareTerms, book);
const view = context.view("BTC");
const of = (quantity: number, range = 0.2, terms = liquidity) =>
  size(terms, view, [holding(context, "P", quantity)], range);

describe("the size charge", () => {
  it.each([
    ["nothing within the depth", 9, 0],
    ["nothing at its edge", 10, 0],
    ["the first bracket on what lies above", 11, 0.2 * 0.25 * 100],
    ["the first bracket whole", 50, 0.2 * 0.25 * 4000],
    ["each bracket on what lies inside", 60, 0.2 * (0.25 * 4000 + 0.5 * 1000)],
    ["shorts alike", -60, 0.2 * (0.25 * 4000 + 0.5 * 1000)],
  ])("is %s (%d units)", (_, quantity, expected) => {
    expect(of(quantity)).toBeCloseTo(expected, 9);
  });

  it("is proportional to the range", () => {
    expect(of(60, 0.4)).toBeCloseTo(2 * of(60, 0.2), 9);
  });

  it("is measured in the numeraire", () => {
    const coins = contextOf({ ...bareTerms, numeraire: "BTC" }, book);
    const amount = size(liquidity, coins.view("BTC"), [holding(coins, "P", 60)], 0.2);
    expect(amount).toBeCloseTo(of(60) / 100, 9);
  });

  it("takes the worst end of resting orders", () => {
    const resting = [holding(context, "P", 5, [-60, 20])];
    expect(size(liquidity, view, resting, 0.2)).toBeCloseTo(of(60), 9);
  });

  it("starts at nothing where the first bracket does", () => {
    const tiers = [{ above: 0, multiplier: 2, gammaNodes: 0 }];
    expect(of(1, 0.2, { ...liquidity, tiers })).toBeCloseTo(20, 10);
  });

  it.each(seeds(60))("is convex: no lot is cheaper in parts (seed %d)", (seed) => {
    const chance = seededChance(seed);
    const [a, b] = [chance.between(0, 100), chance.between(0, 100)];
    expect(of(a) + of(b)).toBeLessThanOrEqual(of(a + b) + 1e-9);
    expect(of((a + b) / 2)).toBeLessThanOrEqual((of(a) + of(b)) / 2 + 1e-9);
  });
});

describe("the gamma part of size", () => {
  const on = (gammaNodes: number, change: Partial<LiquidityTerms> = {}) =>
    changed(bareUnderlying, {
      scenarios: { recipe: "ladder", slideRange: 0.1, core: ["flat"], tails: null },
      charges: { openOrders: { initial: 1, maintenance: 0, method: "subsets" } },
      factors: { initial: 1, maintenance: 0.8 },
      liquidity: {
        depthUsd: 1000,
        inside: false,
        tiers: [{ above: 1, multiplier: 1, gammaNodes }],
        ...change,
      },
    });
  const straddle = bookOf({
    instruments: [
      option("C", { secondsToExpiry: 0 }),
      option("D", { secondsToExpiry: 0, right: "put" }),
      perpetual("P"),
    ],
    positions: { C: -20, D: -20 },
  });
  const charge = (terms: ReturnType<typeof on>, of = straddle) =>
    marginOf(termsOfAll(terms), of).underlyings[0]!.charges.size!;

  it.each([
    ["nothing where no tier asks for it", 0, 0],
    // The losing side has 20 units past the edge: 2000 USD, of which 1000 lie beyond the depth.
    ["what lies beyond the depth, to two nodes out", 2, 1000 * 0.04],
    ["the same to four nodes", 4, 1000 * 0.08],
  ])("is %s", (_, nodes, initial) => {
    expect(charge(on(nodes)).initial).toBeCloseTo(initial, 8);
  });

  it("takes the factor of the rows where the charge stands outside it", () => {
    expect(charge(on(2)).maintenance).toBeCloseTo(0.8 * 40, 8);
    expect(charge(on(2, { inside: true })).maintenance).toBeCloseTo(40, 8);
  });

  it("is the delta of a linear book", () => {
    const linear = bookOf({ instruments: [perpetual("P")], positions: { P: -15 } });
    expect(charge(on(3), linear).initial).toBeCloseTo(500 * 0.06, 8);
  });

  it("is nothing for a book that gains beyond the edge", () => {
    const long = { ...straddle, account: { ...straddle.account } };
    const positions = long.account.positions.map((of) => ({ ...of, quantity: "20" }));
    const gains = { ...long, account: { ...long.account, positions } };
    expect(charge(on(3), gains)).toEqual({ initial: 0, maintenance: 0 });
  });

  it("gives each tier what lies inside it, to its own nodes", () => {
    const tiers = [
      { above: 0.5, multiplier: 1, gammaNodes: 2 },
      { above: 1.5, multiplier: 1, gammaNodes: 5 },
    ];
    expect(charge(on(0, { tiers })).initial).toBeCloseTo(1000 * 0.04 + 500 * 0.1, 8);
  });

  it("asks nothing of a tier without nodes, beside one with some", () => {
    const tiers = [
      { above: 0.5, multiplier: 1, gammaNodes: 0 },
      { above: 1.5, multiplier: 1, gammaNodes: 5 },
    ];
    expect(charge(on(0, { tiers })).initial).toBeCloseTo(500 * 0.1, 8);
  });

  it("is measured in the numeraire", () => {
    const still = changed(on(2), { conversion: "base" });
    const { size: coins } = marginOf(
      { ...termsOfAll(still), numeraire: "BTC" },
      bookOf({ instruments: [perpetual("P")], positions: { P: -15 } }),
    ).underlyings[0]!.charges;
    expect(coins!.initial).toBeCloseTo((500 * 0.04) / 100, 10);
  });

  it("stops at the ladder's last node", () => {
    const wide = changed(on(40), { scenarios: { ladder: { step: 0.02, max: 0.2 } } });
    expect(charge(wide).initial).toBeCloseTo(1000 * 0.1, 8);
  });
});
