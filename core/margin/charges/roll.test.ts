import { describe, expect, it } from "vitest";
import type { BookParts } from "../book.test-kit.ts";
import {
  bond,
  bookOf,
  contextOf,
  future,
  holding,
  inverse,
  option,
  perpetual,
  spot,
} from "../book.test-kit.ts";
import { bareTerms } from "../terms.test-kit.ts";
import { basis, roll } from "./roll.ts";

const DAY = 86_400;
const YEAR = 365 * DAY;

const parts: BookParts = {
  underlyings: [{ id: "BTC", index: 200 }, { id: "T10Y" }],
  instruments: [
    perpetual("P", {}, { mark: 200 }),
    future("NEAR", { secondsToExpiry: 30 * DAY }, { mark: 200 }),
    future("FAR", { secondsToExpiry: YEAR }, { mark: 210 }),
    future("EDGE", { secondsToExpiry: YEAR / 10 }, { mark: 200 }),
    future("UNDATED", {}, { mark: 200 }),
    future("INV", { ...inverse(), contractSize: 100, secondsToExpiry: YEAR }, { mark: 250 }),
    option("O", { strike: 200, secondsToExpiry: YEAR }, { forward: 200 }),
    option("OI", { ...inverse(), strike: 200, secondsToExpiry: YEAR }, { forward: 200 }),
    spot("S", {}, { mark: 200 }),
    spot("DATED", { secondsToExpiry: YEAR }, { mark: 200 }),
    bond("B", { underlying: "BTC" }),
  ].map((of) => {
    if (of.spec.id !== "UNDATED") return of;
    const { secondsToExpiry: _, ...undated } = of.spec;
    return { ...of, spec: undated };
  }),
};
const book = bookOf(parts);
const context = contextOf(bareTerms, book);
const view = context.view("BTC");
const hold = (id: string, quantity: number, ends?: readonly [number, number]) =>
  holding(context, id, quantity, ends ?? [quantity, quantity]);
const delta = (id: string) => context.leg(id).greeks.delta;

describe("the roll charge", () => {
  const terms = { minMove: 0.01, annualisedMove: 0.1, inside: false };

  it.each([
    ["the least move on what has no term", [hold("P", 3)], 600 * 0.01],
    ["the least move where the term's is smaller", [hold("NEAR", -3)], 600 * 0.01],
    ["the least move where both are one", [hold("EDGE", 3)], 600 * 0.01],
    ["the term's move where it is larger", [hold("FAR", 3)], 600 * 0.1],
    ["each expiry apart: a calendar is two", [hold("NEAR", 3), hold("FAR", -3)], 6 + 60],
    ["nothing where an expiry is flat", [hold("FAR", 3), hold("O", -3 / delta("O"))], 0],
    ["undated legs together", [hold("P", 3), hold("UNDATED", -3)], 0],
    ["inverse contracts by their units", [hold("INV", 5)], ((5 * 100) / 250) * 200 * 0.1],
    ["inverse options by their coin delta", [hold("OI", -5)], 5 * -delta("OI") * -200 * 0.1],
    ["neither spot nor bonds", [hold("S", 9), hold("B", 9)], 0],
    ["the worst end of orders, by expiry", [hold("FAR", 1, [-4, 2])], 800 * 0.1],
  ])("is %s", (_, holdings, expected) => {
    expect(roll(terms, view, holdings)).toBeCloseTo(Math.abs(expected), 9);
  });

  it("is measured in the numeraire", () => {
    const coins = contextOf({ ...bareTerms, numeraire: "BTC" }, book);
    expect(roll(terms, coins.view("BTC"), [hold("FAR", 3)])).toBeCloseTo(0.3, 12);
  });
});

describe("the basis charge", () => {
  const terms = { up: 0.05, down: -0.04, add: 0.5, mult: 2, inside: false };
  const months = 0.5 + (2 * 30) / 365;

  it.each([
    ["the fall of a long future", [hold("NEAR", 3)], 3 * 200 * 0.04 * months],
    ["the rise of a short one", [hold("NEAR", -3)], 3 * 200 * 0.05 * months],
    ["more for a longer term", [hold("FAR", -3)], 3 * 210 * 0.05 * 2.5],
    ["each expiry apart", [hold("NEAR", 3), hold("FAR", -3)], 24 * months + 31.5 * 2.5],
    [
      "nothing on what has no term",
      [hold("P", 9), hold("UNDATED", 9), hold("S", 9), hold("B", 9)],
      0,
    ],
    ["nothing on spot, whatever its term", [hold("DATED", 9)], 0],
    ["nothing where both ways gain or stand", [hold("NEAR", 3), hold("NEAR", -3)], 0],
    ["the orders that would lose", [hold("NEAR", 3, [-3, 3])], 3 * 200 * 0.05 * months],
    [
      "inverse contracts in coin, at the index now",
      [hold("INV", -5)],
      5 * 100 * (1 / 250 - 1 / 262.5) * 200 * 2.5,
    ],
  ])("is %s", (_, holdings, expected) => {
    expect(basis(terms, holdings)).toBeCloseTo(expected, 9);
  });

  it("has size and currency of a leg", () => {
    const spec = { contractSize: 2, settleCurrency: "USDC", secondsToExpiry: YEAR };
    const own = contextOf(
      bareTerms,
      bookOf({
        ...parts,
        currencies: [{ id: "USDC", price: 0.9 }],
        instruments: [
          future("F", spec, { mark: 200 }),
          option("O", { ...spec, strike: 200 }, { forward: 200 }),
        ],
      }),
    );
    const plain = basis(terms, [hold("O", -1)]);
    expect(basis(terms, [holding(own, "O", -1)])).toBeCloseTo(plain * 2 * 0.9, 9);
    expect(basis(terms, [holding(own, "F", -1)])).toBeCloseTo(2 * 200 * 0.05 * 0.9 * 2.5, 9);
  });

  it("revalues options at both forwards, vol unmoved", () => {
    const now = context.leg("O").value;
    const at = (forward: number) => {
      const moved = bookOf({
        ...parts,
        instruments: [option("O", { strike: 200, secondsToExpiry: YEAR }, { forward })],
      });
      return contextOf(bareTerms, moved).leg("O").value;
    };
    const [up, down] = [at(210) - now, at(192) - now];
    expect(basis(terms, [hold("O", -2)])).toBeCloseTo(2 * up * 2.5, 9);
    expect(basis(terms, [hold("O", 2)])).toBeCloseTo(-2 * down * 2.5, 9);
    expect(basis({ ...terms, up: 0, down: 0.05 }, [hold("O", -2)])).toBeCloseTo(2 * up * 2.5, 9);
  });
});
