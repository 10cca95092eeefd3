import { describe, expect, it } from "vitest";
import type { Balance } from "../book.ts";
import type { CollateralTerms, Terms } from "../terms.ts";
import { slidesWith, valueBalances } from "./balance.ts";
import {
  type BookParts,
  bookOf,
  contextOf,
  future,
  inverse,
  marginOf,
  option,
  perpetual,
  position,
} from "./book.test-kit.ts";
import { numeraireOf } from "./prices.ts";
import { bareUnderlying, cash, coin, termsOfAll } from "./terms.test-kit.ts";

const currencies = [
  { id: "USDC", price: 0.99, peg: 0.98, confidence: 0.7 },
  { id: "BTC" },
  { id: "wBTC", underlying: "BTC", price: 95 },
];

function valued(balances: readonly Balance[], terms: Terms, parts: BookParts = {}) {
  const book = bookOf({ currencies, balances, ...parts });
  return valueBalances(book.account, book.market, terms, numeraireOf(book, terms));
}

const withCoin = (rest: Partial<Terms> = {}) =>
  termsOfAll(bareUnderlying, { collateral: { "*": cash, BTC: coin, wBTC: coin }, ...rest });

describe("a balance", () => {
  it.each([
    ["USD at one", "USD", "250", 250],
    ["a stable at its price", "USDC", "100", 99],
    ["a coin at its index", "BTC", "1.5", 150],
    ["a coin of its own price at that", "wBTC", "2", 190],
    ["a loan as less than nothing", "BTC", "-0.5", -50],
    ["nothing as nothing", "BTC", "0", 0],
  ])("counts %s", (_, currency, amount, usd) => {
    const [of] = valued([{ currency, amount }], withCoin());
    expect(of).toMatchObject({ currency, amount: Number(amount) });
    expect(of!.usd).toBeCloseTo(usd, 12);
  });

  it("in the numeraire counts whole, and any other is divided by the numeraire's peg", () => {
    const terms = withCoin({ numeraire: "USDC" });
    const [coins, own] = valued(
      [
        { currency: "USDC", amount: "100" },
        { currency: "BTC", amount: "1" },
      ],
      terms,
    );
    expect(own).toMatchObject({ currency: "USDC", usd: 100 });
    expect(coins!.usd).toBeCloseTo(100 / 0.98, 12);
  });

  it("in the numeraire is cash unless terms name it, whatever they say of all", () => {
    const all = { ...cash, initialHaircut: 0.2 };
    const of = (collateral: Terms["collateral"], numeraire: string) =>
      valued(
        [{ currency: "USDC", amount: "1" }],
        termsOfAll(bareUnderlying, { collateral, numeraire }),
      )[0]!.terms;
    expect(of({ "*": all }, "USDC")).toEqual(cash);
    expect(of({ "*": all }, "USD")).toBe(all);
    expect(of({ "*": cash, USDC: all }, "USDC")).toBe(all);
    expect(of({}, "USD")).toEqual(cash);
  });

  it.each([
    ["of its currency", "USDC", 0.7],
    ["1 where it is not listed", "USD", 1],
  ])("has the confidence %s", (_, currency, confidence) => {
    expect(valued([{ currency, amount: "1" }], withCoin())[0]).toMatchObject({ confidence });
  });

  it("stands in canonical order: by currency, then by place", () => {
    const all: Balance[] = [
      { currency: "USDC", amount: "1" },
      { currency: "BTC", amount: "3", location: "vault" },
      { currency: "BTC", amount: "2", location: "Alps" },
      { currency: "BTC", amount: "1" },
    ];
    const order = valued(all, withCoin()).map(({ currency, location }) => [currency, location]);
    expect(order).toEqual([
      ["BTC", undefined],
      ["BTC", "Alps"],
      ["BTC", "vault"],
      ["USDC", undefined],
    ]);
    expect(valued([...all].reverse(), withCoin())).toEqual(valued(all, withCoin()));
  });

  const lent = termsOfAll(bareUnderlying, {
    collateral: { "*": cash, BTC: { ...coin, onlyPositive: true } },
  });

  it("is refused as a loan where terms allow none", () => {
    expect(() =>
      valued(
        [
          { currency: "USD", amount: "1" },
          { currency: "BTC", amount: "-0.1" },
        ],
        lent,
      ),
    ).toThrow(
      expect.objectContaining({
        code: "out_of_bounds",
        detail: {
          path: "account.balances.BTC",
          expected: "a balance ≥ 0: the terms allow no loan in this currency",
          found: "-0.1 (balance 1)",
        },
      }),
    );
  });

  it.each(["0", "0.1"])("of %s is taken where terms allow no loan", (amount) => {
    expect(valued([{ currency: "BTC", amount }], lent)[0]!.amount).toBe(Number(amount));
  });

  it("of a currency that nobody listed is refused", () => {
    expect(() => valued([{ currency: "XRP", amount: "1" }], withCoin())).toThrow(
      expect.objectContaining({ code: "unknown_currency" }),
    );
  });
});

describe("a currency slides", () => {
  const book = bookOf({ currencies });
  const of = (currency: string, terms: Terms) =>
    slidesWith(book.market, terms, numeraireOf(book, terms), currency);
  const all = (terms: CollateralTerms) =>
    termsOfAll(bareUnderlying, { collateral: { "*": terms } });

  it.each([
    ["with the underlying of its name", "BTC", all(coin), "BTC"],
    ["with the underlying that it names", "wBTC", all(coin), "BTC"],
    ["with none where it has none", "USDC", all(coin), null],
    ["with none where terms do not put it in the scenarios", "BTC", all(cash), null],
    ["with none where it is the numeraire", "BTC", { ...withCoin(), numeraire: "BTC" }, null],
  ] as const)("%s", (_, currency, terms, expected) => {
    expect(of(currency, terms)).toBe(expected);
  });

  it("by its own terms before those of all", () => {
    const terms = termsOfAll(bareUnderlying, { collateral: { "*": coin, BTC: cash } });
    expect(of("BTC", terms)).toBeNull();
    expect(of("wBTC", terms)).toBe("BTC");
  });
});

describe("coin equity", () => {
  const inverseOption = option("O", inverse(), { forward: 100, vol: 0.6 });
  const coins = (parts: BookParts, terms = withCoin()) =>
    marginOf(terms, bookOf({ currencies, balances: {}, ...parts })).underlyings[0]?.input.coinUsd;

  it.each([
    ["the balance", { balances: { BTC: 2 } }, 200],
    ["what is wrapped as well", { balances: { BTC: 2, wBTC: 1 } }, 295],
    ["a loan", { balances: { BTC: -2 } }, -200],
    [
      "coin profit and coin funding",
      {
        instruments: [perpetual("P", inverse())],
        positions: [position("P", 1, { unrealisedPnl: 0.5, unrealisedFunding: -0.1 })],
      },
      40,
    ],
    [
      "no profit in dollars",
      {
        instruments: [future("F")],
        positions: [position("F", 1, { unrealisedPnl: 50 })],
        balances: { BTC: 1 },
      },
      100,
    ],
  ])("is %s", (_, parts, usd) => {
    expect(coins(parts)).toBeCloseTo(usd, 12);
  });

  it("is told in dollars, whatever the account is measured in", () => {
    const parts: BookParts = {
      underlyings: [{ id: "BTC" }, { id: "ETH", index: 50 }],
      instruments: [perpetual("P", inverse())],
      positions: [position("P", 1, { unrealisedPnl: 0.5 })],
    };
    expect(coins(parts, withCoin({ numeraire: "ETH" }))).toBeCloseTo(50, 12);
  });

  it("is the coin value of inverse options too", () => {
    const { value } = contextOf(withCoin(), bookOf({ instruments: [inverseOption] })).leg("O");
    expect(value).toBeGreaterThan(0.05);
    expect(coins({ instruments: [inverseOption], positions: { O: -3 } })).toBeCloseTo(
      -300 * value,
      12,
    );
  });

  it("does not depend on whether a balance of nothing is listed", () => {
    const parts = {
      instruments: [perpetual("P", inverse())],
      positions: [position("P", 1, { unrealisedPnl: 0.5 })],
    };
    expect(coins({ ...parts, balances: { BTC: 0 } })).toBe(coins(parts));
  });

  it("slides with its underlying: a coin that hedges an inverse short costs nothing", () => {
    const margin = marginOf(
      withCoin(),
      bookOf({
        currencies,
        balances: { BTC: 1 },
        instruments: [perpetual("P", { ...inverse(), contractSize: 1 })],
        positions: { P: -100 },
      }),
    );
    expect(margin.underlyings[0]!.initial.scanningRisk).toBeCloseTo(0, 12);
  });
});
