import { describe, expect, it } from "vitest";
import { bookOf, contextOf, holding, option, perpetual } from "../book.test-kit.ts";
import { bareTerms } from "../terms.test-kit.ts";
import { minimumPerContract, nakedShort } from "./short-options.ts";

const book = bookOf({
  underlyings: [{ id: "BTC", index: 200 }],
  instruments: [
    option("C", { strike: 100 }),
    option("D", { strike: 100, right: "put", contractSize: 0.5 }),
    option("E", { strike: 110 }),
    option("L", { strike: 100, secondsToExpiry: 365 * 86_400 }),
    perpetual("P"),
  ],
});
const context = contextOf(bareTerms, book);
const coins = contextOf({ ...bareTerms, numeraire: "BTC" }, book);
const view = context.view("BTC");
const hold = (id: string, quantity: number, ends?: readonly [number, number]) =>
  holding(context, id, quantity, ends ?? [quantity, quantity]);
const terms = {
  perStrike: true,
  initial: 0.01,
  maintenance: 0.005,
  minimumPerContract: 3,
  inside: false,
};

describe("the naked short charge", () => {
  it.each([
    ["shorts by their size", [hold("C", -4)], 4],
    ["shorts by their contract size", [hold("D", -4)], 2],
    ["nothing for longs", [hold("C", 4), hold("D", 4)], 0],
    ["a call and a put of one strike netted", [hold("C", -4), hold("D", 4)], 2],
    ["a strike that is covered not at all", [hold("C", -4), hold("D", 8)], 0],
    ["strikes apart", [hold("C", -4), hold("E", 4)], 4],
    ["expiries apart", [hold("C", -4), hold("L", 4)], 4],
    ["no other kind", [hold("P", -4)], 0],
    ["the sells that rest, not the buys", [hold("C", -4, [-7, 10])], 7],
  ])("counts %s", (_, holdings, units) => {
    const { initial, maintenance } = nakedShort(terms, view, holdings);
    expect(initial).toBeCloseTo(units * 200 * 0.01, 10);
    expect(maintenance).toBeCloseTo(units * 200 * 0.005, 10);
  });

  it.each([
    ["nets strikes and expiries", [hold("C", -4), hold("E", 1), hold("L", 1)], 2],
    ["is covered by as many longs", [hold("C", -4), hold("L", 4)], 0],
    ["counts what is left short", [hold("C", -4), hold("E", 3)], 1],
  ])("across strikes %s", (_, holdings, units) => {
    const across = { ...terms, perStrike: false };
    expect(nakedShort(across, view, holdings).initial).toBeCloseTo(units * 2, 10);
  });

  it("is measured in the numeraire", () => {
    expect(nakedShort(terms, coins.view("BTC"), [hold("C", -4)]).initial).toBeCloseTo(0.04, 12);
  });
});

describe("the floor per contract", () => {
  it.each([
    ["longs and shorts alike", [hold("C", -4), hold("E", 3)], 7],
    ["contracts by their size", [hold("D", 4)], 2],
    ["the worst end of orders", [hold("C", -4, [-5, 6])], 6],
    ["no other kind", [hold("P", 4)], 0],
  ])("counts %s", (_, holdings, units) => {
    expect(minimumPerContract(terms, view, holdings)).toBeCloseTo(units * 3, 10);
  });

  it("is USD, whatever the account is measured in", () => {
    expect(minimumPerContract(terms, coins.view("BTC"), [hold("C", 4)])).toBeCloseTo(12 / 200, 12);
  });
});
