import { describe, expect, it } from "vitest";
import { bookOf, contextOf, future, holding, option, perpetual, spot } from "../book.test-kit.ts";
import { bareTerms } from "../terms.test-kit.ts";
import { deltaShock, deltaUsd, gamma, minimumDelta } from "./delta.ts";

const book = bookOf({
  underlyings: [{ id: "BTC", index: 200 }],
  instruments: [
    perpetual("P", {}, { mark: 198 }),
    future("F", { contractSize: 0.1 }, { mark: 210 }),
    spot("S", {}, { mark: 200 }),
    option("O", { strike: 200, secondsToExpiry: 12 * 3600 }, { forward: 200, vol: 0.8 }),
    option("Q", { strike: 220, secondsToExpiry: 12 * 3600 + 1 }, { forward: 200, vol: 0.5 }),
  ],
});
const context = contextOf(bareTerms, book);
const coins = contextOf({ ...bareTerms, numeraire: "BTC" }, book);
const view = context.view("BTC");
const hold = (id: string, quantity: number, ends?: readonly [number, number]) =>
  holding(context, id, quantity, ends ?? [quantity, quantity]);

describe("delta in USD", () => {
  it.each([
    ["nothing of nothing", [], 0],
    ["a unit at the index, not at its mark", [hold("P", 3)], 600],
    ["shorts without their sign", [hold("P", -3)], 600],
    ["what is left of both sides", [hold("P", 3), hold("F", -10), hold("S", -0.5)], 300],
    ["the worst end of an order that buys", [hold("P", 1, [1, 4])], 800],
    ["the worst end of an order that sells", [hold("P", 1, [-4, 1])], 800],
    [
      "one order alone, where the other would hedge it",
      [hold("P", 0, [-2, 0]), hold("F", 0, [0, 20])],
      400,
    ],
  ])("is %s", (_, holdings, usd) => {
    expect(deltaUsd(view, holdings)).toBeCloseTo(usd, 10);
  });
});

describe("the minimum delta", () => {
  const terms = { net: 0.02, hedged: 0.01, inside: false };

  it.each([
    ["charges the net where nothing is hedged", [hold("P", 10)], 0.02 * 2000],
    ["charges what is hedged less", [hold("P", 10), hold("F", -100)], 0.01 * 2000],
    [
      "charges both parts of a partial hedge",
      [hold("P", 10), hold("F", -40)],
      0.02 * 1200 + 0.01 * 800,
    ],
    ["counts spot as gross", [hold("P", 10), hold("S", -10)], 0.01 * 2000],
    [
      "takes the worst net and the worst gross of orders",
      [hold("P", 10), hold("F", -100, [-100, 0])],
      0.02 * 2000 + (0.01 / 2) * 2000,
    ],
  ])("%s", (_, holdings, expected) => {
    expect(minimumDelta(terms, view, holdings)).toBeCloseTo(expected, 10);
  });

  it("is measured in the numeraire", () => {
    expect(minimumDelta(terms, coins.view("BTC"), [hold("P", 10)])).toBeCloseTo(0.2, 12);
  });
});

describe("the delta shock", () => {
  const terms = { thresholdUsd: 1000, increment: 0.001, max: 0.1, inside: false };

  it.each([
    ["nothing below the threshold", 4, 0],
    ["nothing at it", 5, 0],
    ["by what lies above it, over the index", 6, 1200 * 0.001 * 1],
    ["the largest move at most, just there", 105, 21_000 * 0.1],
    ["no larger move beyond", 200, 40_000 * 0.1],
    ["shorts alike", -6, 1.2],
  ])("charges %s (%d units)", (_, quantity, expected) => {
    expect(deltaShock(terms, view, [hold("P", quantity)])).toBeCloseTo(expected, 10);
  });

  it("is measured in the numeraire", () => {
    expect(deltaShock(terms, coins.view("BTC"), [hold("P", 6)])).toBeCloseTo(1.2 / 200, 12);
  });
});

describe("gamma near expiry", () => {
  const terms = { hours: 12, multiplier: 3, dtDays: 0.5, inside: false };
  const { gamma: each } = context.leg("O").greeks;
  const full = 0.5 * each * 200 * 200 * (3 * 0.8) * (3 * 0.8) * (0.5 / 365);

  it.each([
    ["short gamma", [hold("O", -2)], 2 * full],
    ["nothing for long gamma", [hold("O", 2)], 0],
    ["nothing for what has no gamma", [hold("P", -2)], 0],
    ["what is left after netting", [hold("O", -2), hold("O", 1)], full],
    ["the sells that rest", [hold("O", 1, [-1, 5])], full],
    ["nothing for what expires a second later", [hold("Q", -5)], 0],
  ])("charges %s", (_, holdings, expected) => {
    expect(gamma(terms, view, holdings)).toBeCloseTo(expected, 8);
  });

  it("is measured in the numeraire", () => {
    expect(gamma(terms, coins.view("BTC"), [hold("O", -2)])).toBeCloseTo((2 * full) / 200, 8);
  });

  it("counts what expires just within the hours", () => {
    expect(gamma({ ...terms, hours: 12.0003 }, view, [hold("Q", -1)])).toBeGreaterThan(0);
  });
});
