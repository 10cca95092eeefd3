import { describe, expect, it } from "vitest";
import { bookOf, contextOf, future, holding, option, perpetual, spot } from "../book.test-kit.ts";
import { bareTerms } from "../terms.test-kit.ts";
import { stableBasis } from "./stable-basis.ts";

const book = bookOf({
  underlyings: [{ id: "BTC", index: 1000 }],
  instruments: [
    perpetual("P", {}, { mark: 1000 }),
    future("F", {}, { mark: 1100 }),
    option("O", { strike: 1000 }, { forward: 1000 }),
    spot("S", {}, { mark: 1000 }),
    spot("X", { kind: "fx" }, { mark: 1000 }),
  ],
});
const context = contextOf(bareTerms, book);
const view = context.view("BTC");
const hold = (id: string, quantity: number, ends?: readonly [number, number]) =>
  holding(context, id, quantity, ends ?? [quantity, quantity]);

/** Tiers of 1 M at 0.75 %, 4 M at 1.75 %, 5 M at 2.5 %. */
const terms = {
  tiers: [
    { sizeUsd: 1e6, rate: 0.0075 },
    { sizeUsd: 4e6, rate: 0.0175 },
    { sizeUsd: 5e6, rate: 0.025 },
  ],
  inside: false,
};

describe("the basis between spot and derivatives", () => {
  it.each([
    ["the published 10 M", 10_000, 7_500 + 70_000 + 125_000],
    ["the first tier in part", 600, 4_500],
    ["the first tier whole", 1_000, 7_500],
    ["a little of the second", 1_100, 7_500 + 1_750],
    ["the last rate beyond the last tier", 12_000, 202_500 + 2e6 * 0.025],
    ["nothing of nothing", 0, 0],
  ])("charges %s by marginal tiers", (_, units, expected) => {
    const holdings = [hold("S", units), hold("P", -units)];
    expect(stableBasis(terms, view, holdings, 0)).toBeCloseTo(expected, 6);
  });

  it.each([
    ["the smaller side", [hold("S", 600), hold("P", -900)], 0, 4_500],
    ["spot sold against derivatives bought", [hold("S", -600), hold("F", 900)], 0, 4_500],
    ["coin collateral as spot", [hold("P", -600)], 6e5, 4_500],
    ["a coin loan as spot sold", [hold("P", 600)], -6e5, 4_500],
    [
      "options by their delta",
      [hold("S", 900), hold("O", -600 / context.leg("O").greeks.delta)],
      0,
      4_500,
    ],
    ["nothing where both are on one side", [hold("S", 600), hold("P", 600)], 0, 0],
    ["nothing where both are sold", [hold("S", -600), hold("P", -600)], 0, 0],
    ["nothing of spot alone", [hold("S", 600)], 6e5, 0],
    ["neither fx", [hold("X", 600), hold("P", -600)], 0, 0],
    ["a hedge that only rests", [hold("S", 600), hold("P", 0, [-700, 0])], 0, 4_500],
    ["a purchase that only rests", [hold("S", -600), hold("P", 0, [0, 700])], 0, 4_500],
    ["a sale that only rests", [hold("S", 0, [-600, 0]), hold("P", 800)], 0, 4_500],
  ])("charges %s", (_, holdings, coinUsd, expected) => {
    expect(stableBasis(terms, view, holdings, coinUsd)).toBeCloseTo(expected, 6);
  });

  it("is measured in the numeraire", () => {
    const coins = contextOf({ ...bareTerms, numeraire: "BTC" }, book).view("BTC");
    expect(stableBasis(terms, coins, [hold("S", 600), hold("P", -600)], 0)).toBeCloseTo(4.5, 9);
  });
});
