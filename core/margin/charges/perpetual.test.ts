import { describe, expect, it } from "vitest";
import { bookOf, contextOf, future, holding, inverse, perpetual } from "../book.test-kit.ts";
import { bareTerms } from "../terms.test-kit.ts";
import { funding, perp, perpetualUsd } from "./perpetual.ts";

const book = bookOf({
  underlyings: [{ id: "BTC", index: 200 }],
  instruments: [
    perpetual("P", {}, { mark: 190, fundingRate: 0.001 }),
    perpetual("N", {}, { mark: 190, fundingRate: -0.002 }),
    perpetual("I", { ...inverse(), contractSize: 10 }, { mark: 250, fundingRate: 0.001 }),
    future("F", {}, { fundingRate: 0.01 }),
  ],
});
const context = contextOf(bareTerms, book);
const coins = contextOf({ ...bareTerms, numeraire: "BTC" }, book);
const view = context.view("BTC");
const hold = (id: string, quantity: number, ends?: readonly [number, number]) =>
  holding(context, id, quantity, ends ?? [quantity, quantity]);

describe("perpetual notional", () => {
  it.each([
    ["units at the index", [hold("P", 3)], 600],
    ["gross over instruments", [hold("P", 3), hold("N", -3)], 1200],
    ["inverse contracts by what they are worth in units", [hold("I", 25)], (25 * 10 * 200) / 250],
    ["no futures", [hold("F", 9)], 0],
    ["the worst end of orders", [hold("P", 1, [-4, 2])], 800],
  ])("is %s", (_, holdings, usd) => {
    expect(perpetualUsd(view, holdings)).toBeCloseTo(usd, 10);
  });
});

describe("the perpetual charge", () => {
  const terms = { initial: 0.02, maintenance: 0.015, inside: false };

  it("is a share of notional for each stage", () => {
    const { initial, maintenance } = perp(terms, view, [hold("P", -3)]);
    expect(initial).toBeCloseTo(12, 12);
    expect(maintenance).toBeCloseTo(9, 12);
  });

  it("is measured in the numeraire", () => {
    expect(perp(terms, coins.view("BTC"), [hold("P", 3)]).initial).toBeCloseTo(0.06, 12);
  });
});

describe("the funding charge", () => {
  const terms = { intervals: 3, inside: false };

  it.each([
    ["a long that pays a positive rate", [hold("P", 10)], 10 * 0.001 * 200 * 3],
    ["a short that pays a negative one", [hold("N", -10)], 10 * 0.002 * 200 * 3],
    ["nothing where the account receives", [hold("P", -10), hold("N", 10)], 0],
    ["what is paid, not less by what is received", [hold("P", 10), hold("N", 10)], 6],
    ["inverse contracts by their units", [hold("I", 25)], ((25 * 10) / 250) * 0.001 * 200 * 3],
    ["the orders that would pay", [hold("P", -10, [-12, 5])], 5 * 0.001 * 200 * 3],
    ["no futures", [hold("F", 10)], 0],
  ])("is %s", (_, holdings, expected) => {
    expect(funding(terms, view, holdings)).toBeCloseTo(expected, 10);
  });

  it("is measured in the numeraire", () => {
    expect(funding(terms, coins.view("BTC"), [hold("P", 10)])).toBeCloseTo(6 / 200, 12);
  });
});
