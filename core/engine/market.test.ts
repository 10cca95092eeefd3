import { describe, expect, it } from "vitest";
import { bookOf } from "./account-book.ts";
import type { Submission } from "./command.ts";
import { type Desk, EIGHT_MS, filled, openDesk, opened, tick } from "./engine.test-kit.ts";

const live = ({ engine }: Desk, account: string) => engine.margin(account)!;

const resting = {
  instrument: "BTC-PERP",
  side: "buy",
  quantity: 1,
  price: 60_000,
  reduceOnly: false,
} as const;

describe("an expiry", () => {
  const expiry: Submission = {
    kind: "Settle",
    what: "expiry",
    instrument: "BTC-C",
    price: "65000",
  };

  it("removes positions and orders in its Turn, whose marks of the instrument are nothing", () => {
    const desk = openDesk();
    const order = { ...resting, instrument: "BTC-C", price: 100 };
    desk.apply(...opened("holder"), filled("holder", "BTC-C", "2", "3000"), ...opened("maker"), {
      kind: "Orders",
      account: "maker",
      orders: [order, resting],
    });
    const { state } = desk.engine;
    const ordinal = state.ordinals.get("BTC-C")!;
    const versions = [...state.accounts.values()].map(({ version }) => version);
    desk.fold({ at: EIGHT_MS, commands: [expiry, tick], marks: { "BTC-C": [0.9, 65_000] } });
    expect(state.accounts.get("holder")!.positions.size).toBe(0);
    expect(state.accounts.get("maker")!.orders).toEqual([resting]);
    expect([...state.accounts.values()].map(({ version }) => version)).toEqual(
      versions.map((version) => version + 1),
    );
    expect(state.market.instruments.has("BTC-C")).toBe(false);
    expect(state.markedAt.has("BTC-C")).toBe(false);
    expect(desk.engine.missing("holder")).toEqual([]);
    expect(state.ordinals.get("BTC-C"), "a delisted name keeps its place").toBe(ordinal);
    expect(desk.fold({ marks: { "BTC-C": [0.9, 65_000] } }), "late marks too").toEqual([]);
  });

  it("that nobody has settled yet leaves an option at its intrinsic value", () => {
    const desk = openDesk();
    desk.apply(...opened("a"), filled("a", "BTC-C", "2", "3000"));
    desk.fold({ at: EIGHT_MS + 1_000, commands: [tick], marks: { "BTC-C": [0.9, 65_000] } });
    expect(live(desk, "a").margin.worth.optionValue).toBe(2 * 0.01 * 5_000);
    expect(desk.engine.missing("a")).toEqual([]);
  });
});

describe("listings", () => {
  it("give ordinals once and for all, in order", () => {
    const desk = openDesk();
    const { names, ordinals } = desk.engine.state;
    expect(names.map(({ id }) => ordinals.get(id))).toEqual(names.map((_, i) => i));
    const before = names.length;
    desk.apply({
      kind: "Listing",
      underlyings: [{ id: "IBM", assetClass: "equity" }],
      currencies: [],
      instruments: [
        {
          id: "IBM",
          kind: "spot",
          underlying: "IBM",
          settlement: "linear",
          settleCurrency: "USD",
          contractSize: 1,
        },
      ],
      delisted: [],
    });
    expect(names.slice(before)).toEqual([{ id: "IBM" }]);
    desk.fold({ marks: { IBM: 97.73 } });
    const { market } = desk.engine.state;
    expect(market.underlyings.get("IBM")!.index, "one mark for the index").toBe(97.73);
    expect(market.instruments.get("IBM")!.mark, "and the spot of its name").toBe(97.73);
  });

  it("named again change nothing, marks included", () => {
    const desk = openDesk();
    const { state } = desk.engine;
    const before = structuredClone(state.market);
    const names = state.names.length;
    const { underlyings, currencies, instruments } = state.market;
    desk.apply({
      kind: "Listing",
      underlyings: [...underlyings.values()].map(({ id, assetClass }) => ({ id, assetClass })),
      currencies: [...currencies.values()].map(({ id, underlying }) =>
        underlying === undefined ? { id } : { id, underlying },
      ),
      instruments: [...instruments.values()].map(({ spec }) => spec),
      delisted: [],
    });
    expect(state.market).toEqual(before);
    expect(state.names).toHaveLength(names);
  });
});

describe("an option between its own marks", () => {
  it("keeps its vol, and its forward follows the index", () => {
    const desk = openDesk();
    desk.apply(...opened("a"), filled("a", "BTC-P", "-1", "7000"));
    desk.fold({ marks: { BTC: 66_000 } });
    const { instruments } = bookOf(desk.engine.state, desk.engine.state.accounts.get("a")!).market;
    const option = instruments.get("BTC-P")!;
    expect([option.vol, option.forward]).toEqual([0.55, 66_000 * (65_400 / 65_000)]);
  });

  it("is valued once while nothing moves", () => {
    const desk = openDesk();
    desk.apply(...opened("a"), filled("a", "BTC-P", "-1", "7000"));
    desk.fold({ marks: { BTC: 66_000 } });
    const { leg } = live(desk, "a").margin.positions[0]!;
    desk.fold({ marks: { "BTC_USDC-PERP": 66_001 }, commands: [filled("a", "BTC-P", "-1", "7")] });
    expect(live(desk, "a").margin.positions[0]!.leg).toBe(leg);
  });
});

describe("the price of a stable currency", () => {
  it("is its peg, a staked coin's is not", () => {
    const desk = openDesk();
    desk.fold({ marks: { USDC: 0.97, stETH: 9.5 } });
    const { currencies } = desk.engine.state.market;
    expect([currencies.get("USDC")!.price, currencies.get("USDC")!.peg]).toEqual([0.97, 0.97]);
    expect([currencies.get("stETH")!.price, currencies.get("stETH")!.peg]).toEqual([9.5, 1]);
  });
});
