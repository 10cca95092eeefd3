import { describe, expect, it } from "vitest";
import { answer } from "./check.test-kit.ts";
import type { Submission } from "./command.ts";
import { filled, instruments, openDesk, opened, START_MS } from "./engine.test-kit.ts";

describe("a listing", () => {
  const base = instruments.find(({ id }) => id === "BTC-P")!;
  const listing = (changes: object): Submission =>
    ({
      kind: "Listing",
      underlyings: [],
      currencies: [],
      instruments: [],
      delisted: [],
      ...changes,
    }) as Submission;
  const one = (changes: object) => listing({ instruments: [{ ...base, id: "NEW", ...changes }] });

  it.each<[string, Submission, string]>([
    ["a new option", one({}), "folds"],
    ["what is listed already", listing({ instruments }), "folds"],
    [
      "the same name as something else",
      one({ id: "BTC-P", strike: 1 }),
      "already_listed instruments[0].id",
    ],
    [
      "a name twice in one listing",
      listing({
        instruments: [
          { ...base, id: "N" },
          { ...base, id: "N", strike: 1 },
        ],
      }),
      "already_listed instruments[1].id",
    ],
    ["an instrument named like an index", one({ id: "ETH" }), "already_listed instruments[0].id"],
    [
      "an instrument named like a currency",
      one({ id: "USDC" }),
      "already_listed instruments[0].id",
    ],
    [
      "an index named like an instrument",
      listing({ underlyings: [{ id: "BTC-P", assetClass: "crypto" }] }),
      "already_listed underlyings[0].id",
    ],
    [
      "a currency named like an instrument",
      listing({ currencies: [{ id: "BTC-P" }] }),
      "already_listed currencies[0].id",
    ],
    [
      "the same index of another class",
      listing({ underlyings: [{ id: "BTC", assetClass: "fx" }] }),
      "already_listed underlyings[0].id",
    ],
    [
      "a coin of another index",
      listing({ currencies: [{ id: "stETH", underlying: "BTC" }] }),
      "already_listed currencies[0].id",
    ],
    [
      "a currency of no index",
      listing({ currencies: [{ id: "X", underlying: "Y" }] }),
      "unknown_underlying currencies[0].underlying",
    ],
    [
      "an unknown underlying",
      one({ underlying: "X" }),
      "unknown_underlying instruments[0].underlying",
    ],
    [
      "an unknown settle currency",
      one({ settleCurrency: "X" }),
      "unknown_currency instruments[0].settleCurrency",
    ],
    ["USD, which needs no listing", one({ settleCurrency: "USD" }), "folds"],
    [
      "an inverse contract in its coin",
      one({ settlement: "inverse", settleCurrency: "BTC" }),
      "folds",
    ],
    [
      "a quanto",
      one({ settlement: "inverse", settleCurrency: "ETH" }),
      "unsupported instruments[0].settleCurrency",
    ],
    [
      "an inverse bond",
      one({ kind: "bond", settlement: "inverse", strike: undefined, right: undefined }),
      "unsupported instruments[0].settlement",
    ],
    [
      "an option without a strike",
      one({ strike: undefined }),
      "missing_field instruments[0].strike",
    ],
    ["an option without a right", one({ right: undefined }), "missing_field instruments[0].right"],
    [
      "an option without an expiry",
      one({ expiryMs: undefined }),
      "missing_field instruments[0].expiryMs",
    ],
    [
      "a strike on a future",
      one({ kind: "future", right: undefined }),
      "unknown_key instruments[0].strike",
    ],
    [
      "an expiry on a perpetual",
      one({ kind: "perpetual", right: undefined, strike: undefined }),
      "unknown_key instruments[0].expiryMs",
    ],
    ["a quote on an option", one({ quote: "percent" }), "unknown_key instruments[0].quote"],
    [
      "a time to expiry that stands still",
      one({ secondsToExpiry: 60 }),
      "unsupported instruments[0].secondsToExpiry",
    ],
    [
      "an expiry that has passed",
      one({ expiryMs: START_MS }),
      "instrument_expired instruments[0].expiryMs",
    ],
    [
      "a contract smaller than the ledger's step",
      one({ contractSize: 1e-13 }),
      "out_of_bounds instruments[0].contractSize",
    ],
    [
      "an equity named like its index",
      listing({
        underlyings: [{ id: "IBM", assetClass: "equity" }],
        instruments: [spot("IBM", "IBM")],
      }),
      "folds",
    ],
    [
      "a spot named like another index",
      listing({ instruments: [spot("ETH", "BTC")] }),
      "already_listed instruments[0].id",
    ],
    ["the end of what nobody holds", listing({ delisted: ["BTC-C"] }), "folds"],
    ["the end of what is not listed", listing({ delisted: ["X"] }), "unknown_instrument delisted"],
    ["the end of an index", listing({ delisted: ["BTC"] }), "unknown_instrument delisted"],
  ])("%s: %j → %s", (_what, command, told) => {
    expect(answer(openDesk(), withoutAbsent(command))).toBe(told);
  });

  it("cannot end what somebody holds or has orders in", () => {
    const end = listing({ delisted: ["BTC-C"] });
    const held = openDesk();
    held.apply(...opened("a"), filled("a", "BTC-C", "1", "10"));
    expect(answer(held, end)).toBe("instrument_held delisted");
    const ordered = openDesk();
    const resting = { instrument: "BTC-C", side: "buy", quantity: 1, price: 1 } as const;
    const orders = [{ ...resting, reduceOnly: false }];
    ordered.apply(...opened("a"), { kind: "Orders", account: "a", orders });
    expect(answer(ordered, end)).toBe("instrument_held delisted");
  });
});

function spot(id: string, underlying: string) {
  return {
    id,
    kind: "spot",
    underlying,
    settlement: "linear",
    settleCurrency: "USD",
    contractSize: 1,
  };
}

/** JSON knows no undefined: a member that is undefined is absent. */
const withoutAbsent = (command: Submission): Submission => JSON.parse(JSON.stringify(command));
