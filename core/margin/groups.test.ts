import { describe, expect, it } from "vitest";
import type { Market } from "../book.ts";
import type { OffsetGroup, Terms } from "../terms.ts";
import { bookOf, marginOf, order, perpetual } from "./book.test-kit.ts";
import { bareUnderlying, cash, changed, coin, termsOfAll } from "./terms.test-kit.ts";

const ids = ["BTC", "ETH", "SOL"];
const legs = ids.map((id) => perpetual(id, { underlying: id }));

function groups(
  all: readonly OffsetGroup[],
  options: {
    readonly held?: readonly string[];
    readonly credits?: Market["credits"];
    readonly mode?: "off" | "replace";
    readonly terms?: Partial<Terms>;
  } = {},
) {
  const of = changed(bareUnderlying, {
    regime: { assetClass: "crypto", mode: options.mode ?? "replace" },
  });
  const terms = termsOfAll(of, { offsets: { groups: all }, ...options.terms });
  const book = bookOf({
    underlyings: ids.map((id) => ({ id })),
    instruments: legs,
    positions: Object.fromEntries((options.held ?? ids).map((id) => [id, 1])),
    credits: options.credits ?? [],
  });
  return marginOf(terms, book).groups.map(({ members, credit }) => [members.join(), credit]);
}

const pair = { members: ["BTC", "ETH"], credit: 0.5, beta: {} };
const all = { members: ["*"], credit: 0.3, beta: {} };

describe("the groups of an account", () => {
  it.each<[string, readonly OffsetGroup[], readonly string[], unknown]>([
    ["hold the members that it holds", [pair], ids, [["BTC,ETH", 0.5]]],
    ["are none with one member", [pair], ["BTC", "SOL"], []],
    ["are none with none", [pair], ["SOL"], []],
    ["hold all where a group says so", [all], ids, [["BTC,ETH,SOL", 0.3]]],
    ["hold each underlying once, where it is named", [pair, all], ids, [["BTC,ETH", 0.5]]],
    ["are several", [pair, { ...all, members: ["SOL", "*"] }], ids, [["BTC,ETH", 0.5]]],
  ])("%s", (_, of, held, expected) => {
    expect(groups(of, { held })).toEqual(expected);
  });

  it("do not count an underlying that is held at nothing", () => {
    const terms = termsOfAll(bareUnderlying, { offsets: { groups: [pair] } });
    const book = (ETH: number) =>
      bookOf({
        underlyings: ids.map((id) => ({ id })),
        instruments: legs,
        positions: { BTC: 1, ETH },
      });
    expect(marginOf(terms, book(0)).groups).toHaveLength(0);
    expect(marginOf(terms, book(-0.001)).groups).toHaveLength(1);
  });

  it("count an underlying of which only coin slides", () => {
    const terms = termsOfAll(bareUnderlying, {
      offsets: { groups: [pair] },
      collateral: { "*": cash, ETH: coin },
    });
    const book = (ETH: number) =>
      bookOf({
        underlyings: ids.map((id) => ({ id })),
        instruments: legs,
        positions: { BTC: 1 },
        balances: { ETH },
      });
    expect(marginOf(terms, book(1)).groups).toHaveLength(1);
    expect(marginOf(terms, book(0)).groups).toHaveLength(0);
  });

  it("count an underlying on which an order rests", () => {
    const terms = termsOfAll(bareUnderlying, { offsets: { groups: [pair] } });
    const book = bookOf({
      underlyings: ids.map((id) => ({ id })),
      instruments: legs,
      positions: { BTC: 1 },
      openOrders: [order("ETH", "sell", 1)],
    });
    expect(marginOf(terms, book).groups).toHaveLength(1);
  });
});

describe("the credit of a group", () => {
  const published = (credit: number, members = ["BTC", "ETH"]) => ({ credit, members });

  it.each([
    ["the terms' own where nothing is published", [], 0.5],
    ["the published one where it is smaller", [published(0.2)], 0.2],
    ["the terms' own where it is smaller", [published(0.9)], 0.5],
    ["the smallest of several", [published(0.4), published(0.1), published(0.3)], 0.1],
    ["bounded by what is published of all", [published(0.2, ["*"])], 0.2],
    ["bounded by what is published of more", [published(0.2, ["SOL", "ETH", "BTC"])], 0.2],
    ["not bounded by what is published of fewer", [published(0.2, ["BTC"])], 0.5],
    ["not bounded by what is published of others", [published(0.2, ["BTC", "SOL"])], 0.5],
  ])("is %s", (_, credits, expected) => {
    expect(groups([pair], { credits })).toEqual([["BTC,ETH", expected]]);
  });

  it("is the smallest of its pairs where three are held", () => {
    const credits = [
      published(0.2),
      published(0.1, ["BTC", "SOL"]),
      published(0.25, ["ETH", "SOL"]),
    ];
    expect(groups([all], { credits })).toEqual([["BTC,ETH,SOL", 0.1]]);
    expect(groups([all], { credits, held: ["ETH", "SOL"] })).toEqual([["ETH,SOL", 0.25]]);
  });

  it("does not follow what is published where no member does", () => {
    expect(groups([pair], { credits: [published(0.2)], mode: "off" })).toEqual([["BTC,ETH", 0.5]]);
  });

  it("follows it where one member does", () => {
    const off = bareUnderlying;
    const follows = changed(off, { regime: { assetClass: "crypto", mode: "scale" } });
    const terms = { perUnderlying: { "*": off, ETH: follows } };
    expect(groups([pair], { credits: [published(0.2)], terms })).toEqual([["BTC,ETH", 0.2]]);
  });
});
