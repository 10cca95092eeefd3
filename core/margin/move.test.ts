import { describe, expect, it } from "vitest";
import type { MarketInstrument } from "../book.ts";
import {
  bond,
  bookOf,
  future,
  inverse,
  marginOf,
  option,
  order,
  perpetual,
  position,
  spot,
} from "./book.test-kit.ts";
import { seededChance, seeds } from "./chance.test-kit.ts";
import { moveIndex } from "./move.ts";
import { randomBook } from "./random-book.test-kit.ts";
import { bareTerms } from "./terms.test-kit.ts";

const instruments = [
  perpetual("P", {}, { mark: 101 }),
  future("I", { ...inverse(), contractSize: 10 }, { mark: 102 }),
  option("O", {}, { forward: 103, mark: 4 }),
  option("H", {}, { forward: 103, forwardFixed: 40 }),
  option("N", {}, {}),
  spot("S", {}, { mark: 99 }),
  bond("B", { underlying: "BTC" }),
  perpetual("E", { underlying: "ETH" }, { mark: 50 }),
  perpetual("FREE"),
].map((of): MarketInstrument => {
  if (of.spec.id !== "N") return of;
  const { forward: _, ...bare } = of;
  return bare;
});
const book = bookOf({
  underlyings: [{ id: "BTC" }, { id: "ETH", index: 50 }],
  currencies: [
    { id: "BTC", underlying: "BTC" },
    { id: "wBTC", underlying: "BTC", price: 98 },
    { id: "stETH", underlying: "ETH", price: 49 },
    { id: "USDC", price: 0.99 },
  ],
  instruments,
  positions: [
    position("P", 2, { unrealisedPnl: 10 }),
    position("I", -5, { unrealisedPnl: 0.1 }),
    position("O", 3, { unrealisedPnl: 7 }),
    position("E", 1, { unrealisedPnl: 3 }),
    ...["H", "N", "S", "B"].map((id) => position(id, 1)),
  ],
});
const moved = moveIndex(book, "BTC", 1.1);
const now = (id: string) => moved.market.instruments.get(id)!;

describe("a moved market", () => {
  it("moves the index, and no other", () => {
    expect(moved.market.underlyings.get("BTC")!.index).toBeCloseTo(110, 12);
    expect(moved.market.underlyings.get("ETH")).toEqual(book.market.underlyings.get("ETH"));
  });

  it.each([
    ["wBTC", 98 * 1.1],
    ["stETH", 49],
    ["USDC", 0.99],
    ["BTC", undefined],
  ])("leaves or moves the price of %s: %s", (id, price) => {
    const found = moved.market.currencies.get(id)!.price;
    if (price === undefined) expect(found).toBeUndefined();
    else expect(found).toBeCloseTo(price, 12);
  });

  it.each([
    ["a perpetual's mark", now("P").mark, 101 * 1.1],
    ["an inverse future's mark", now("I").mark, 102 * 1.1],
    ["spot's mark", now("S").mark, 99 * 1.1],
    ["a bond's mark stays", now("B").mark, 98.5],
    ["an option's own mark stays", now("O").mark, 4],
    ["an option's forward", now("O").forward, 103 * 1.1],
    ["the moving part of a forward", now("H").forward, (103 - 40) * 1.1 + 40],
    ["another underlying's mark stays", now("E").mark, 50],
  ])("keeps the basis: %s", (_, found, expected) => {
    expect(found).toBeCloseTo(expected, 12);
  });

  it("leaves an option to the index where it has no forward, and its vol to its strike", () => {
    expect(now("N").forward).toBeUndefined();
    expect(now("O").vol).toBe(0.6);
    expect(now("H").forwardFixed).toBe(40);
  });

  it("keeps what is held or rested on, and nothing else", () => {
    expect(moved.market.instruments.has("FREE")).toBe(false);
    const resting = {
      ...book,
      account: { ...book.account, openOrders: [order("FREE", "buy", 1)] },
    };
    expect(moveIndex(resting, "BTC", 1.1).market.instruments.get("FREE")!.mark).toBeCloseTo(110);
  });

  it.each([
    ["grows by the move of a linear leg", 0, 10 + 2 * 101 * 0.1],
    ["grows by the coin of an inverse leg", 1, 0.1 - 5 * (10 / 102) * (1 - 1 / 1.1)],
    ["stays on an option", 2, 7],
    ["stays on another underlying", 3, 3],
  ])("a stated profit %s", (_, at, expected) => {
    expect(moved.account.positions[at]!.unrealisedPnl).toBeCloseTo(expected, 12);
  });

  it("leaves a profit to be computed where none was stated", () => {
    expect(moved.account.positions[4]).not.toHaveProperty("unrealisedPnl");
  });

  it.each(seeds(40))("worth what a row of the same slide says, linear legs (seed %d)", (seed) => {
    const chance = seededChance(seed);
    const drawn = randomBook(chance, { legsMax: 8, underlyings: ["BTC"], settlements: ["linear"] });
    const held = new Set(
      [...drawn.market.instruments.values()]
        .filter(({ spec }) => spec.kind !== "option" && spec.settleCurrency !== "BTC")
        .map(({ spec }) => spec.id),
    );
    const positions = drawn.account.positions.filter(({ instrument }) => held.has(instrument));
    const of = { ...drawn, account: { ...drawn.account, positions, balances: [] } };
    const factor = chance.between(0.5, 1.6);
    const [before, after] = [
      marginOf(bareTerms, of),
      marginOf(bareTerms, moveIndex(of, "BTC", factor)),
    ];
    const change = after.equity.initial - before.equity.initial;
    const legs = before.positions.reduce((sum, { leg, quantity }) => {
      const { contractSize } = leg.market.spec;
      return sum + quantity * contractSize * leg.price * (factor - 1) * leg.unit;
    }, 0);
    // A profit that is computed since its entry follows its mark; one that is stated grows by it.
    expect(change).toBeCloseTo(legs - unstated(of, before, factor), 4);
  });
});

/** What positions without an entry and without a stated profit do not show. */
function unstated(
  { account }: ReturnType<typeof randomBook>,
  before: ReturnType<typeof marginOf>,
  factor: number,
): number {
  const silent = new Set(
    account.positions
      .filter((of) => of.entryPrice === undefined && of.unrealisedPnl === undefined)
      .map(({ instrument }) => instrument),
  );
  return before.positions.reduce((sum, { leg, quantity }) => {
    const { id, kind, contractSize } = leg.market.spec;
    if (!silent.has(id) || kind === "spot") return sum;
    return sum + quantity * contractSize * leg.price * (factor - 1) * leg.unit;
  }, 0);
}
