import { describe, expect, it } from "vitest";
import type { Terms } from "../terms.ts";
import { accountCharges } from "./account-charges.ts";
import { type BookParts, bookOf, marginOf, perpetual } from "./book.test-kit.ts";
import { bareUnderlying, changed, termsOfAll } from "./terms.test-kit.ts";

const doubting = changed(bareUnderlying, {
  charges: { oracle: { threshold: 0.5, rate: 2, inside: false } },
});

function charges(parts: BookParts, rest: Partial<Terms> = {}, of = doubting) {
  const book = bookOf({
    underlyings: [{ id: "BTC" }, { id: "ETH", index: 50 }],
    currencies: [
      { id: "USDC", confidence: 0.4 },
      { id: "wBTC", underlying: "BTC", price: 90, confidence: 0.3 },
      { id: "ETH", confidence: 0.2 },
    ],
    instruments: [perpetual("P")],
    ...parts,
  });
  return marginOf(termsOfAll(of, rest), book).accountCharges;
}

describe("charges of the account as a whole", () => {
  it("are four, and none without a cause", () => {
    const none = { initial: 0, maintenance: 0 };
    expect(charges({})).toEqual({
      openOrders: none,
      spot: none,
      mmp: none,
      collateralOracle: none,
    });
    expect(accountCharges).toEqual(["openOrders", "spot", "mmp", "collateralOracle"]);
  });

  it("are what the venue stated, to open alone", () => {
    const found = charges({ account: { margins: { openOrders: 1, spot: 2, mmp: 3 } } });
    expect(found).toMatchObject({
      openOrders: { initial: 1, maintenance: 0 },
      spot: { initial: 2, maintenance: 0 },
      mmp: { initial: 3, maintenance: 0 },
    });
  });
});

describe("collateral in doubt", () => {
  const oracle = (parts: BookParts, rest: Partial<Terms> = {}, of = doubting) =>
    charges({ balances: {}, ...parts }, rest, of).collateralOracle.initial;

  it.each<[string, BookParts, number]>([
    ["nothing of what is sure", { balances: { BTC: 3 } }, 0],
    ["a coin by its own confidence", { balances: { wBTC: 2 } }, 180 * 2 * 0.7],
    ["a coin that bears its underlying's name", { balances: { ETH: 2 } }, 100 * 2 * 0.8],
    [
      "a stable, where its underlying is not known, by the index that is held",
      { balances: { USDC: 10 }, positions: { P: 1 } },
      10 * 2 * 0.6,
    ],
    ["nothing of a stable where nothing is held and two are listed", { balances: { USDC: 10 } }, 0],
    ["nothing of a loan", { balances: { wBTC: -2 } }, 0],
    ["nothing of nothing", { balances: { wBTC: 0 } }, 0],
    ["two of them", { balances: { wBTC: 1, ETH: 1 } }, 90 * 1.4 + 50 * 1.6],
  ])("costs %s", (_, parts, expected) => {
    expect(oracle(parts)).toBeCloseTo(expected, 9);
  });

  it("costs by its underlying's confidence, where that is lower", () => {
    const underlyings = [{ id: "BTC", confidence: 0.1 }];
    expect(oracle({ underlyings, balances: { BTC: 1 } })).toBeCloseTo(100 * 2 * 0.9, 9);
    expect(oracle({ underlyings, balances: { wBTC: 1 } })).toBeCloseTo(90 * 2 * 0.9, 9);
  });

  it("costs a stable by the one underlying that is listed", () => {
    const underlyings = [{ id: "BTC", confidence: 0.3 }];
    expect(oracle({ underlyings, balances: { USDC: 10 } })).toBeCloseTo(10 * 2 * 0.7, 9);
  });

  it("does not ask of the numeraire, and is measured in it", () => {
    expect(oracle({ balances: { USDC: 10 }, positions: { P: 1 } }, { numeraire: "USDC" })).toBe(0);
    expect(oracle({ balances: { wBTC: 2 } }, { numeraire: "ETH" })).toBeCloseTo(252 / 50, 9);
  });

  it("costs nothing where terms do not ask", () => {
    expect(oracle({ balances: { wBTC: 2 } }, {}, bareUnderlying)).toBe(0);
  });
});
