import { describe, expect, it } from "vitest";
import type { Position } from "../book.ts";
import { headroom } from "./account.ts";
import {
  type BookParts,
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
import { bareTerms, bareUnderlying, cash, changed, coin, termsOfAll } from "./terms.test-kit.ts";

const instruments = [
  perpetual("P", {}, { mark: 110 }),
  perpetual("I", { ...inverse(), contractSize: 10 }, { mark: 125 }),
  future("F", { settleCurrency: "USDC", contractSize: 2 }, { mark: 105 }),
  option("O", {}, { mark: 9 }),
  option("OI", inverse()),
  spot("S", {}, { mark: 99 }),
  bond("B"),
  option("X", {}, { vol: 0.5 }),
  perpetual("E", { underlying: "ETH" }, { mark: 50 }),
];
const parts: BookParts = {
  underlyings: [{ id: "BTC" }, { id: "ETH", index: 50 }, { id: "T10Y" }],
  currencies: [{ id: "USDC", price: 0.9 }],
  instruments,
};
const margin = (of: BookParts, terms = bareTerms) => marginOf(terms, bookOf({ ...parts, ...of }));
const unpriced = () => {
  const { vol: _, ...bare } = instruments[7]!;
  return instruments.map((of) => (of.spec.id === "X" ? bare : of));
};

describe("a position's profit", () => {
  const pnl = (of: Position) => margin({ positions: [of] }).positions[0]!.unrealisedPnl;

  it.each([
    ["since its entry", position("P", 3, { entryPrice: 100 }), 30],
    ["of a short since its entry", position("P", -3, { entryPrice: 100 }), -30],
    ["by contract size and currency", position("F", 3, { entryPrice: 100 }), 3 * 2 * 5 * 0.9],
    [
      "inverse in coin, at the index",
      position("I", 5, { entryPrice: 100 }),
      5 * 10 * (1 / 100 - 1 / 125) * 100,
    ],
    ["as stated, before its entry", position("P", 3, { entryPrice: 100, unrealisedPnl: 7 }), 7],
    ["stated in its settle currency", position("F", 3, { unrealisedPnl: 10 }), 9],
    ["nothing where neither is known", position("P", 3), 0],
    ["nothing of an option: its premium is in the cash", position("O", 3, { entryPrice: 1 }), 0],
    ["nothing of spot", position("S", 3, { entryPrice: 1 }), 0],
    ["nothing of a bond", position("B", 3, { entryPrice: 1 }), 0],
  ])("is %s", (_, of, expected) => {
    expect(pnl(of)).toBeCloseTo(expected, 10);
  });

  it("and its funding are told apart", () => {
    const [of] = margin({ positions: [position("F", 3, { unrealisedFunding: 10 })] }).positions;
    expect(of).toMatchObject({ unrealisedPnl: 0, unrealisedFunding: 9, quantity: 3 });
  });
});

describe("what an account is worth", () => {
  it("is told by kind", () => {
    const { worth, positions } = margin({
      positions: [
        position("P", 3, { entryPrice: 100, unrealisedFunding: 2 }),
        position("O", -2),
        position("S", 4),
        position("B", 1),
      ],
    });
    const held = positions.find(({ leg }) => leg.market.spec.id === "O")!.leg;
    expect(worth.unrealisedPnl).toBeCloseTo(30, 10);
    expect(worth.unrealisedFunding).toBe(2);
    expect(worth.optionValue).toBeCloseTo(-2 * held.value, 10);
    expect(worth.markResidual).toBeCloseTo(-2 * (9 - held.value), 10);
    expect(worth.spotValue).toBeCloseTo(396, 10);
    expect(worth.bondValue).toBeCloseTo(985, 10);
  });

  it("is equity with its collateral, for each stage", () => {
    const terms = termsOfAll(bareUnderlying, {
      collateral: { "*": { ...cash, initialHaircut: 0.2, maintenanceHaircut: 0.1 } },
    });
    const positions = [position("P", 3, { entryPrice: 100 })];
    const { equity, collateral } = margin({ balances: { BTC: 2 }, positions }, terms);
    expect(collateral).toEqual({ initial: 160, maintenance: 180 });
    expect(equity.initial).toBeCloseTo(190, 10);
    expect(equity.maintenance).toBeCloseTo(210, 10);
  });

  it("is measured in the numeraire", () => {
    const terms = { ...bareTerms, numeraire: "ETH" };
    const { equity } = margin({ balances: { BTC: 2 } }, terms);
    expect(equity.initial).toBeCloseTo(4, 12);
  });
});

describe("what an account must hold", () => {
  it("is the sum over underlyings, each with its own legs and orders", () => {
    const { underlyings, requirement } = margin({
      positions: { P: 1, E: 2 },
      openOrders: [order("E", "buy", 1, 50)],
    });
    expect(underlyings.map(({ view }) => view.id)).toEqual(["BTC", "ETH"]);
    expect(underlyings.map(({ input }) => input.orders.length)).toEqual([0, 1]);
    expect(requirement.initial).toBeCloseTo(0.16 * (110 + 150), 10);
    expect(requirement.maintenance).toBeCloseTo(0.16 * (110 + 100), 10);
  });

  it("holds an instrument that only rests at nothing, with both ends of its orders", () => {
    const { underlyings } = margin({
      openOrders: [order("P", "buy", 2), order("P", "buy", 1), order("P", "sell", 4)],
    });
    expect(underlyings[0]!.input.holdings).toMatchObject([{ quantity: 0, low: -4, high: 3 }]);
  });

  it("widens what is held by its orders", () => {
    const { underlyings } = margin({
      positions: { P: -1 },
      openOrders: [order("P", "buy", 2), order("P", "sell", 4)],
    });
    expect(underlyings[0]!.input.holdings).toMatchObject([{ quantity: -1, low: -5, high: 1 }]);
  });

  it("counts an underlying that only coin slides with", () => {
    const terms = termsOfAll(bareUnderlying, { collateral: { "*": cash, BTC: coin } });
    const { underlyings, requirement } = margin({ balances: { BTC: 2 } }, terms);
    expect(underlyings.map(({ view }) => view.id)).toEqual(["BTC"]);
    expect(requirement.initial).toBeCloseTo(32, 10);
  });

  it("adds what the venue stated, to open alone", () => {
    const stated = { margins: { openOrders: 5, spot: 7, mmp: 9 } };
    const { requirement } = margin({ positions: { P: 1 }, account: stated });
    expect(requirement.initial).toBeCloseTo(0.16 * 110 + 21, 10);
    expect(requirement.maintenance).toBeCloseTo(0.16 * 110, 10);
  });

  it.each([
    [true, 35.2],
    [false, 17.6],
  ])(
    "asks as much to open as to keep where terms say so: %s",
    (initialAtLeastMaintenance, initial) => {
      const of = changed(bareUnderlying, { factors: { initial: 1, maintenance: 2 } });
      const found = margin({ positions: { P: 1 } }, termsOfAll(of, { initialAtLeastMaintenance }));
      expect(found.requirement.initial).toBeCloseTo(initial, 10);
      expect(found.requirement.maintenance).toBeCloseTo(35.2, 10);
      expect(found.portfolio.unfloored.initial).toBeCloseTo(17.6, 10);
    },
  );

  it("leaves headroom, or lacks it", () => {
    const found = margin({ positions: { P: 1 }, balances: { USD: 20 } });
    expect(headroom(found).initial).toBeCloseTo(2.4, 10);
    const short = margin({ positions: { P: 1 }, balances: { USD: 10 } });
    expect(headroom(short).maintenance).toBeCloseTo(-7.6, 10);
  });
});

describe("an account with a leg that has no price", () => {
  const of = (more: BookParts) => margin({ instruments: unpriced(), ...more });

  it.each([
    ["holds it", { positions: { P: 1, X: 5 } }],
    ["has an order on it", { positions: { P: 1 }, openOrders: [order("X", "buy", 1)] }],
  ])("is incomplete where it %s, and says what is missing, once", (_, held) => {
    const found = of(held);
    expect(found.status).toBe("incomplete");
    expect(found.missing).toEqual(["X: a vol or a mark"]);
    expect(found.requirement.initial).toBeCloseTo(17.6, 10);
  });

  it("says all that is missing, in order", () => {
    const { mark: _, ...bare } = perpetual("A");
    const found = of({ instruments: [...unpriced(), bare], positions: { X: 1, A: 1, P: 1 } });
    expect(found.missing).toEqual(["A: a mark", "X: a vol or a mark"]);
  });

  it("has no profit of it", () => {
    const { mark: _, ...bare } = perpetual("A");
    const positions = [position("A", 1, { entryPrice: 50 })];
    expect(of({ instruments: [bare], positions }).positions[0]!.unrealisedPnl).toBe(0);
  });

  it("is complete where nobody holds it", () => {
    expect(of({ positions: { P: 1 } })).toMatchObject({ status: "healthy", missing: [] });
  });
});

describe("an account that refers to nothing", () => {
  it.each<[string, BookParts, string]>([
    ["a position", { positions: { NIL: 1 } }, "unknown_instrument"],
    ["an order", { openOrders: [order("NIL", "buy", 1)] }, "unknown_instrument"],
    ["a balance", { balances: { NIL: 1 } }, "unknown_currency"],
    ["an underlying", { underlyings: [{ id: "ETH" }], positions: { P: 1 } }, "unknown_underlying"],
  ])("is refused: %s", (_, of, code) => {
    expect(() => margin(of)).toThrow(expect.objectContaining({ code }));
  });
});
