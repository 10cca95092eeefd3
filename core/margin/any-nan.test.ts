/**
 * NaN never travels: whatever figure of a book is none, the answer is a typed error, an incomplete
 * account, or a statement that never looked at it.
 *
 * Each figure is first moved to another finite value. Where that changes the statement, the figure
 * is in use, and its NaN must be seen: a NaN compares false with everything and would cost nothing.
 */
import { describe, expect, it } from "vitest";
import type { Book, MarketInstrument } from "../book.ts";
import { RiskError } from "../errors.ts";
import type { Instrument } from "../instrument.ts";
import type { Terms } from "../terms.ts";
import { accountMargin } from "./account.ts";
import {
  bond,
  bookOf,
  contextOf,
  future,
  inverse,
  option,
  order,
  perpetual,
  position,
  spot,
} from "./book.test-kit.ts";
import { statementFigures, wholeStatement } from "./statement.ts";
import { changed, coin, houseTerms, houseUnderlying, termsOfAll } from "./terms.test-kit.ts";

/** House terms with every charge that reads another figure. */
const everything = changed(houseUnderlying, {
  charges: {
    oracle: { threshold: 0.9, rate: 1, inside: false },
    peg: { currency: "USDC", threshold: 0.99, factor: 2 },
    perp: { initial: 0.02, maintenance: 0.01, inside: false },
    funding: { intervals: 3, inside: false },
    basis: { up: 0.045, down: -0.045, add: 0.5, mult: 2, inside: true },
    deltaShock: { thresholdUsd: 10, increment: 0.01, max: 0.1, inside: false },
    minimumDelta: { net: 0.02, hedged: 0.01, inside: false },
    gamma: { hours: 2000, multiplier: 3, dtDays: 1, inside: false },
    stableBasis: { tiers: [{ sizeUsd: 1000, rate: 0.01 }], inside: false },
  },
  combine: { sum: ["slides", "tails", "theta", "basis", "charges"] },
});
const terms: Terms = termsOfAll(everything, {
  offsets: { groups: [{ members: ["*"], credit: 0.5, beta: {} }] },
  collateral: { ...houseTerms.collateral, wBTC: coin },
  standard: houseTerms.standard,
});

const instruments = [
  perpetual("P", {}, { confidence: 0.5, fundingRate: 0.001 }),
  perpetual("PI", inverse()),
  future("F", { settleCurrency: "USDC" }),
  option("O", {}, { mark: 5, volConfidence: 0.8 }),
  option("OI", inverse(), { forward: 101, rate: 0.02 }),
  option("OM", { strike: 105 }, { mark: 4 }),
  spot("S"),
  bond("B", { underlying: "ETH" }),
  perpetual("E", { underlying: "ETH" }),
];
const book = bookOf({
  underlyings: [{ id: "BTC", confidence: 0.8 }, { id: "ETH" }],
  currencies: [
    { id: "USDC", price: 0.999, peg: 0.98 },
    { id: "wBTC", underlying: "BTC", price: 99, confidence: 0.5 },
  ],
  instruments,
  ranges: new Map([["BTC", { slideRange: { initial: 0.17, maintenance: 0.15 }, volScale: 1.1 }]]),
  credits: [{ members: ["*"], credit: 0.4 }],
  balances: { USD: 1000, wBTC: 2, BTC: 1 },
  positions: [
    position("P", 3, { entryPrice: 99 }),
    position("PI", 100, { unrealisedPnl: 0.1, unrealisedFunding: 0.01 }),
    ...["F", "O", "OI", "OM", "S", "B", "E"].map((id, i) => position(id, i % 2 === 0 ? -2 : 3)),
  ],
  openOrders: [order("P", "sell", 2, 99), order("OI", "sell", 1, 0.05)],
  account: { margins: { openOrders: 1, spot: 1, mmp: 1 } },
});

type Change = (book: Book, value: number) => Book;

const ofMarket =
  (change: (market: Book["market"], value: number) => Partial<Book["market"]>): Change =>
  ({ market, account }, value) => ({ market: { ...market, ...change(market, value) }, account });
const ofAccount =
  (change: (account: Book["account"], value: number) => Partial<Book["account"]>): Change =>
  ({ market, account }, value) => ({ market, account: { ...account, ...change(account, value) } });

function put<V>(map: ReadonlyMap<string, V>, id: string, change: Partial<V>): Map<string, V> {
  return new Map(map).set(id, { ...map.get(id)!, ...change });
}
const said = (id: string, field: keyof MarketInstrument): [string, Change] => [
  `${field} of ${id}`,
  ofMarket(({ instruments: all }, value) => ({ instruments: put(all, id, { [field]: value }) })),
];
const listed = (id: string, field: keyof Instrument): [string, Change] => [
  `${field} of ${id}`,
  ofMarket(({ instruments: all }, value) => ({
    instruments: put(all, id, { spec: { ...all.get(id)!.spec, [field]: value } }),
  })),
];
const inUnderlying = (field: "index" | "confidence"): [string, Change] => [
  `${field} of BTC`,
  ofMarket(({ underlyings }, value) => ({
    underlyings: put(underlyings, "BTC", { [field]: value }),
  })),
];
const inCurrency = (id: string, field: "price" | "peg" | "confidence"): [string, Change] => [
  `${field} of ${id}`,
  ofMarket(({ currencies }, value) => ({ currencies: put(currencies, id, { [field]: value }) })),
];
const inRange = (stage: "initial" | "maintenance"): [string, Change] => [
  `${stage} range`,
  ofMarket(({ ranges }, value) => {
    const { slideRange } = ranges.get("BTC")!;
    return { ranges: put(ranges, "BTC", { slideRange: { ...slideRange, [stage]: value } }) };
  }),
];
const inPosition = (
  at: number,
  field: "quantity" | "entryPrice" | "unrealisedPnl" | "unrealisedFunding",
): [string, Change] => [
  `${field} of position ${at}`,
  ofAccount(({ positions }, value) => ({
    positions: positions.map((of, i) =>
      i === at ? { ...of, [field]: field === "quantity" ? String(value) : value } : of,
    ),
  })),
];
const inOrder = (field: "quantity" | "price"): [string, Change] => [
  `${field} of an order`,
  ofAccount(({ openOrders }, value) => ({
    openOrders: openOrders.map((of, i) => (i === 0 ? { ...of, [field]: value } : of)),
  })),
];

const figures: [string, Change][] = [
  ...(["P", "PI", "F", "O", "OM", "S", "B"] as const).map((id) => said(id, "mark")),
  ...(["O", "OI"] as const).flatMap((id) => [said(id, "vol"), said(id, "forward")]),
  ...(["O", "OM"] as const).map((id) => said(id, "rate")),
  said("O", "forwardFixed"),
  said("P", "fundingRate"),
  ...(["P", "PI"] as const).map((id) => said(id, "confidence")),
  ...(["forwardConfidence", "volConfidence", "rateConfidence"] as const).map((field) =>
    said("O", field),
  ),
  ...["P", "PI", "F", "O", "OI", "S", "B"].map((id) => listed(id, "contractSize")),
  ...(["strike", "secondsToExpiry"] as const).map((field) => listed("O", field)),
  listed("F", "secondsToExpiry"),
  ...(["modifiedDuration", "convexity"] as const).map((field) => listed("B", field)),
  inUnderlying("index"),
  inUnderlying("confidence"),
  inCurrency("USDC", "price"),
  inCurrency("USDC", "peg"),
  inCurrency("wBTC", "price"),
  inCurrency("wBTC", "confidence"),
  inRange("initial"),
  inRange("maintenance"),
  ["vol scale", ofMarket(({ ranges }, volScale) => ({ ranges: put(ranges, "BTC", { volScale }) }))],
  ["credit", ofMarket((_, credit) => ({ credits: [{ members: ["*"], credit }] }))],
  [
    "a balance",
    ofAccount(({ balances }, value) => ({
      balances: balances.map((of) => ({ ...of, amount: String(value) })),
    })),
  ],
  inPosition(0, "quantity"),
  inPosition(0, "entryPrice"),
  inPosition(1, "unrealisedPnl"),
  inPosition(1, "unrealisedFunding"),
  inPosition(4, "quantity"),
  inOrder("quantity"),
  inOrder("price"),
  ...(["openOrders", "spot", "mmp"] as const).map((name): [string, Change] => [
    `stated margin ${name}`,
    ofAccount(({ margins }, value) => ({ margins: { ...margins, [name]: value } })),
  ]),
];

const frame = {
  turn: null,
  termsHash: "",
  marks: { oldestAgeMs: null, stale: [], quarantined: [], state: "OK" as const },
  told: () => undefined,
};

/** What comes out: the code of an error, "incomplete", or every figure as a text. */
function outcome(of: Book): string {
  try {
    const context = contextOf(terms, of);
    const margin = accountMargin(context, of.account);
    if (margin.missing.length > 0) return "incomplete";
    return JSON.stringify(
      wholeStatement(statementFigures(context, margin, frame), margin, frame),
      (_, value) => (typeof value === "number" && !Number.isFinite(value) ? "LOOSE" : value),
    );
  } catch (error) {
    if (error instanceof RiskError) return error.code;
    throw error;
  }
}

const TYPED = /^(incomplete|[a-z_]+)$/;

describe("a figure that is none", () => {
  const whole = outcome(book);

  it.each(figures)("is an answer as long as it is a number: %s", () => {
    expect(whole).toMatch(/"initialMargin"/);
    expect(whole).not.toContain("LOOSE");
  });

  it.each(figures)("is seen: %s", (_, change) => {
    const used = [0.37, 0.71].some((value) => outcome(change(book, value)) !== whole);
    const got = outcome(change(book, Number.NaN));
    if (used || got !== whole) expect(got).toMatch(TYPED);
  });

  it.each(figures)("does not spread when it is infinite: %s", (_, change) => {
    for (const value of [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
      expect(outcome(change(book, value))).not.toContain("LOOSE");
    }
  });
});
