import { describe, expect, it } from "vitest";
import type { Book, OpenOrder } from "../book.ts";
import { bookOf, order, perpetual } from "./book.test-kit.ts";
import { coinUnderlying, currencyPrice, numeraireOf } from "./prices.ts";
import { bareTerms } from "./terms.test-kit.ts";

const { market } = bookOf({
  underlyings: [
    { id: "BTC", index: 50_000 },
    { id: "ETH", index: 2_000 },
  ],
  currencies: [
    { id: "USDC", price: 0.99 },
    { id: "EUR", price: 1.1 },
    { id: "BTC", underlying: "BTC" },
    { id: "stETH", underlying: "ETH", price: 1_990 },
    { id: "wETH", underlying: "ETH" },
    { id: "PTS" },
  ],
});
const usd = { currency: "USD", price: 1, underlying: null };

describe("the price of a currency", () => {
  it.each([
    ["USD", 1],
    ["USDC", 0.99],
    ["EUR", 1.1],
    ["BTC", 50_000],
    ["ETH", 2_000],
    ["stETH", 1_990],
    ["wETH", 2_000],
    ["PTS", 1],
  ])("of %s is %d", (currency, price) => {
    expect(currencyPrice(market, currency, usd)).toBe(price);
  });

  it("of the numeraire is its own, whatever it trades at", () => {
    const usdc = { currency: "USDC", price: 1, underlying: null };
    expect(currencyPrice(market, "USDC", usdc)).toBe(1);
  });

  it("of a currency that nobody listed is refused", () => {
    expect(() => currencyPrice(market, "XRP", usd)).toThrow(
      expect.objectContaining({
        code: "unknown_currency",
        detail: {
          path: "market.currencies.XRP",
          expected: "a listed currency, or the name of an underlying",
          found: "XRP",
        },
      }),
    );
  });
});

describe("the underlying of a currency", () => {
  it.each([
    ["what it names", "stETH", "ETH"],
    ["that of its own name", "ETH", "ETH"],
    ["none", "USDC", null],
    ["none where nobody knows it", "XRP", null],
  ])("is %s", (_, currency, underlying) => {
    expect(coinUnderlying(market, currency)).toBe(underlying);
  });
});

describe("the numeraire", () => {
  const legs = [perpetual("B"), perpetual("E", { underlying: "ETH" })];
  const book = (positions: Record<string, number>, openOrders: OpenOrder[] = []): Book => ({
    market: { ...market, instruments: new Map(legs.map((leg) => [leg.spec.id, leg])) },
    account: bookOf({ positions, openOrders }).account,
  });
  const of = (numeraire: string, held = book({})) => numeraireOf(held, { ...bareTerms, numeraire });

  it.each([
    ["a stable at one", "USDC", { currency: "USDC", price: 1, underlying: null }],
    ["USD", "USD", usd],
    ["a coin at its index", "BTC", { currency: "BTC", price: 50_000, underlying: "BTC" }],
    [
      "a wrapped coin at the index of its coin",
      "stETH",
      { currency: "stETH", price: 2_000, underlying: "ETH" },
    ],
  ])("is %s", (_, numeraire, expected) => {
    expect(of(numeraire)).toEqual(expected);
  });

  it.each([
    ["what the account holds", book({ E: 1 })],
    ["what its orders are on", book({}, [order("E", "buy", 1)])],
  ])("'coin' is the coin of %s", (_, held) => {
    expect(of("coin", held)).toEqual({ currency: "ETH", price: 2_000, underlying: "ETH" });
  });

  it("'coin' of an account without legs is the coin of the one underlying listed", () => {
    const held = bookOf({ underlyings: [{ id: "BTC", index: 9 }] });
    expect(of("coin", held)).toEqual({ currency: "BTC", price: 9, underlying: "BTC" });
  });

  it.each([
    ["two are held", book({ B: 1, E: 1 }), "BTC, ETH"],
    ["none is held and two are listed", book({}), "BTC, ETH"],
    ["none is listed", bookOf({ underlyings: [] }), "none"],
  ])("'coin' is refused where %s", (_, held, found) => {
    expect(() => of("coin", held)).toThrow(
      expect.objectContaining({
        code: "unsupported",
        detail: {
          path: "terms.numeraire",
          expected: "one underlying per account where the numeraire is its coin",
          found,
        },
      }),
    );
  });

  it("is refused where its underlying is not listed", () => {
    const held = bookOf({ currencies: [{ id: "wXRP", underlying: "XRP" }] });
    expect(() => of("wXRP", held)).toThrow(
      expect.objectContaining({
        code: "unknown_underlying",
        detail: { path: "terms.numeraire", found: "XRP" },
      }),
    );
  });
});
