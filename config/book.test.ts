/** What a book may say, and what it means when it says nothing. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { MarketInstrument } from "../core/book.ts";
import { RiskError } from "../core/errors.ts";
import { parseBook } from "./book.ts";
import { LEGS_MAX } from "./schema/book.ts";

type Json = Record<string, unknown>;

const text = readFileSync(new URL("./cases/book.json", import.meta.url), "utf8");
const valid = (): Json => JSON.parse(text);

/** The valid book with other values at the paths given: `account.positions.0.quantity`. */
function bookWith(changes: Readonly<Record<string, unknown>>): Json {
  const book = valid();
  for (const [path, value] of Object.entries(changes)) {
    const names = path.split("/");
    const last = names.pop()!;
    const parent = names.reduce<Json>((at, name) => at[name] as Json, book);
    if (value === undefined) delete parent[last];
    else parent[last] = value;
  }
  return book;
}

const instrument = (id: string, changes: Json): MarketInstrument =>
  parseBook(
    bookWith({ [`market/instruments/${id}`]: { ...spec(id), ...changes } }),
  ).book.market.instruments.get(id)!;
const spec = (id: string) => ((valid()["market"] as Json)["instruments"] as Json)[id] as Json;
const CALL = "BTC-28JUN24-70000-C";

function refusal(run: () => unknown): RiskError {
  try {
    run();
  } catch (error) {
    if (error instanceof RiskError) return error;
    throw error;
  }
  throw new RiskError("invariant_broken", { expected: "a refusal", found: "none" });
}

describe("a book", () => {
  const { book, terms } = parseBook(valid());
  const { market, account } = book;

  it("keeps its market", () => {
    expect(terms.name).toBe("slidewire");
    expect(market.asOfMs).toBe(Date.UTC(2024, 5, 17, 10, 22, 20, 501));
    expect(market.underlyings.get("IBM")).toEqual({
      id: "IBM",
      index: 97.73,
      confidence: 1,
      assetClass: "equity",
    });
    expect(market.currencies.get("USD")).toEqual({ id: "USD", peg: 1, confidence: 1 });
    expect(market.ranges.get("BTC")).toEqual({
      slideRange: { initial: 0.16, maintenance: 0.15 },
      volScale: 1.1,
      state: "elevated",
      evidence: { tau: 0.2 },
    });
    expect(market.credits).toEqual([{ members: ["BTC", "ETH"], credit: 0.4 }]);
  });

  it("completes its instruments", () => {
    expect(market.instruments.get("BTC-PERPETUAL")).toEqual({
      spec: {
        id: "BTC-PERPETUAL",
        kind: "perpetual",
        underlying: "BTC",
        settlement: "inverse",
        settleCurrency: "BTC",
        contractSize: 10,
      },
      mark: 65910.57,
      rate: 0,
      fundingRate: 0.0001,
      confidence: 1,
      forwardConfidence: 1,
      volConfidence: 1,
      rateConfidence: 1,
    });
    expect(market.instruments.get("SPAN")!.spec).toMatchObject({
      settleCurrency: "USD",
      contractSize: 1,
      riskArray: { "0": 12.5, "1": -3990 },
    });
    expect(market.instruments.get("ETH-P")!.spec.secondsToExpiry).toBe(86400);
  });

  it("keeps every digit of its money", () => {
    expect(account.balances).toEqual([
      { currency: "USDC", amount: "100000" },
      { currency: "BTC", amount: "1.25", location: "vault-1" },
      { currency: "stETH", amount: "2", location: "chain" },
      { currency: "stETH", amount: "0.5" },
    ]);
    expect(account.positions[1]).toEqual({
      instrument: "BTC-PERPETUAL",
      quantity: "12",
      entryPrice: 64000.5,
      unrealisedFunding: 0,
    });
    expect(account.positions[2]!.unrealisedPnl).toBe(-12.75);
    expect(account.margins).toEqual({ openOrders: 0, spot: 0, mmp: 0.06 });
  });

  it("needs no more than a market and an account", () => {
    const least = { slidewire: "book/1", market: { underlyings: {} }, account: { id: "a" } };
    const parsed = parseBook(least).book;
    expect(parsed.market.asOfMs).toBe(0);
    expect(parsed.account).toEqual({
      id: "a",
      mode: "portfolio",
      balances: [],
      positions: [],
      openOrders: [],
      margins: { openOrders: 0, spot: 0, mmp: 0 },
    });
  });

  it("takes terms by name, inline, or from the caller instead", () => {
    const inline = { extends: null, name: "mine" };
    expect(parseBook(bookWith({ terms: inline })).terms.name).toBe("mine");
    expect(parseBook(bookWith({ terms: undefined })).terms.name).toBe("slidewire");
    expect(parseBook(valid(), { terms: "tims" }).terms.name).toBe("tims");
  });

  it("may lack dates where nothing expires", () => {
    const undated = bookWith({
      asOf: undefined,
      "market/instruments/BTC-28JUN24/expiry": undefined,
      [`market/instruments/${CALL}/expiry`]: undefined,
      [`market/instruments/${CALL}/secondsToExpiry`]: 3600,
    });
    expect(parseBook(undated).book.market.asOfMs).toBe(0);
  });
});

describe("defined answers", () => {
  it.each([
    [
      "an option without vol and mark",
      CALL,
      { vol: undefined },
      { vol: undefined, mark: undefined },
    ],
    ["an option with a null vol", CALL, { vol: null }, { vol: undefined }],
    [
      "an option without a forward",
      CALL,
      { forward: undefined, forwardFixed: undefined },
      { forward: undefined },
    ],
    ["an option of zero vol", CALL, { vol: 0 }, { vol: 0 }],
    ["an option of vol 800 %", CALL, { vol: 8 }, { vol: 8 }],
    ["an option of zero strike", CALL, { strike: 0 }, {}],
    ["an option worth nothing", "ETH-P", { mark: 0 }, { mark: 0 }],
    ["an expired option", CALL, { expiry: "2024-06-17T10:22:20.500Z" }, {}],
    ["an option at its last moment", "ETH-P", { secondsToExpiry: 0 }, {}],
    ["a negative rate", CALL, { rate: -0.02 }, { rate: -0.02 }],
    ["a future without expiry", "BTC-28JUN24", { expiry: undefined }, {}],
    ["a future without mark", "BTC-28JUN24", { mark: undefined }, { mark: undefined }],
    ["a future that expires now", "BTC-28JUN24", { expiry: "2024-06-17T10:22:20.501Z" }, {}],
    ["a perpetual with null for its mark", "BTC-PERPETUAL", { mark: null }, { mark: undefined }],
    ["a bond without duration", "T10Y", { modifiedDuration: undefined }, {}],
  ])("%s is kept as it is", (_, id, changes, expected) => {
    const kept: object = instrument(id, changes);
    for (const [name, value] of Object.entries(expected)) {
      if (value === undefined) expect(kept).not.toHaveProperty(name);
      else expect(kept).toHaveProperty(name, value);
    }
  });

  it("an instrument that nobody holds needs no index", () => {
    const listed = bookWith({
      "market/instruments/X": {
        kind: "spot",
        underlying: "X",
        contractSize: 1,
        settleCurrency: "XXX",
      },
    });
    expect(parseBook(listed).book.market.instruments.has("X")).toBe(true);
  });

  it("a future without entry and P&L was opened at the mark", () => {
    const bare = { "account/positions/1/entryPrice": undefined };
    const { positions } = parseBook(bookWith(bare)).book.account;
    expect(positions[1]).toMatchObject({ instrument: "BTC-PERPETUAL", unrealisedPnl: 0 });
    expect(positions[5]).not.toHaveProperty("unrealisedPnl");
  });

  it("a position of nothing stays", () => {
    const { positions } = parseBook(bookWith({ "account/positions/0/quantity": 0 })).book.account;
    expect(positions[0]!.quantity).toBe("0");
  });

  it("a JSON number keeps its bits, however small", () => {
    for (const quantity of [0.1 + 0.2, 1e-13, 5e-324, -1 / 3]) {
      const { positions } = parseBook(bookWith({ "account/positions/0/quantity": quantity })).book
        .account;
      expect(Number(positions[0]!.quantity)).toBe(quantity);
    }
  });

  it(`${LEGS_MAX} legs are a book, one more is not`, () => {
    const many = (count: number) => {
      const ids = Array.from({ length: count }, (_, i) => `F${i}`);
      const future = { kind: "future", underlying: "BTC", contractSize: 1, mark: 1 };
      return bookWith({
        "market/instruments": Object.fromEntries(ids.map((id) => [id, future])),
        "account/positions": ids.map((id) => ({ instrument: id, quantity: 1 })),
        "account/openOrders": [],
      });
    };
    expect(parseBook(many(LEGS_MAX)).book.account.positions).toHaveLength(LEGS_MAX);
    expect(refusal(() => parseBook(many(LEGS_MAX + 1)))).toMatchObject({
      code: "limit_exceeded",
      detail: { path: "account.positions" },
    });
  });
});
