/** The chain: what a listed contract looks like, and strikes near the money, always. */
import { describe, expect, it } from "vitest";
import type { Instrument, Listing } from "../../core/instrument.ts";
import { Chain, nearest } from "./chain.ts";
import { chance } from "./chance.ts";
import { listingOf } from "./contracts.ts";
import { chainSettings, DAY_MS, HOUR_MS } from "./settings.ts";

const start = Date.parse("2024-06-17T00:00:00Z");
const flat = (price: number) => (underlying: string) => (underlying === "BTC" ? price : price / 20);

function laid(price = 65_000): { chain: Chain; listing: Listing } {
  const chain = new Chain(chainSettings, ["BTC", "ETH"]);
  chain.moveTo(start, flat(price));
  const all = [...chain.deltaOne, ...chain.options];
  return { chain, listing: listingOf(["BTC", "ETH"], all, chainSettings) };
}

describe("Chain", () => {
  it.each([
    [
      "BTC-PERPETUAL",
      { kind: "perpetual", settlement: "inverse", settleCurrency: "BTC", contractSize: 10 },
    ],
    [
      "ETH-PERPETUAL",
      { kind: "perpetual", settlement: "inverse", settleCurrency: "ETH", contractSize: 1 },
    ],
    [
      "BTC_USDC-PERPETUAL",
      { kind: "perpetual", settlement: "linear", settleCurrency: "USDC", contractSize: 1 },
    ],
    [
      "BTC-28JUN24",
      {
        kind: "future",
        settlement: "linear",
        settleCurrency: "USDC",
        contractSize: 1,
        expiryMs: Date.parse("2024-06-28T08:00:00Z"),
      },
    ],
    [
      "BTC-28JUN24-70000-C",
      {
        kind: "option",
        settlement: "linear",
        settleCurrency: "USDC",
        contractSize: 1,
        expiryMs: Date.parse("2024-06-28T08:00:00Z"),
        right: "call",
        strike: 70_000,
      },
    ],
  ])("lists %s as margin documents describe it", (id, facts) => {
    const found = laid().listing.instruments.find((i) => i.id === id);
    expect(found).toEqual({ id, underlying: id.slice(0, 3), ...facts });
  });

  it("names each instrument once and only currencies that are listed", () => {
    const { listing } = laid();
    const currencies = new Set(listing.currencies.map(({ id }) => id));
    const ids = listing.instruments.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(listing.instruments.filter((i) => !currencies.has(i.settleCurrency))).toEqual([]);
  });

  it("keeps strikes on both sides of a price that wanders, within its bound", () => {
    const { chain } = laid();
    const draws = chance(3, "walk");
    const live = new Map([...chain.deltaOne, ...chain.options].map((i) => [i.id, i]));
    let price = 65_000;
    let most = 0;
    for (let at = start; at < start + 120 * DAY_MS; at += HOUR_MS) {
      // A vol of 140 %: 1.5 % an hour.
      price *= Math.exp(0.015 * draws.gaussian());
      const { expired, listed } = chain.moveTo(at, flat(price));
      for (const { expiryMs, instruments } of expired)
        for (const { id } of instruments) {
          expect(live.get(id)?.expiryMs).toBe(expiryMs);
          live.delete(id);
        }
      for (const i of listed) {
        expect(live.has(i.id)).toBe(false);
        live.set(i.id, i);
      }
      most = Math.max(most, live.size);
      expect(sidesOf(live.values(), at, price)).toEqual([]);
    }
    expect(new Set(live.keys())).toEqual(
      new Set([...chain.deltaOne, ...chain.options].map(({ id }) => id)),
    );
    expect(most).toBeLessThan(1_500);
  });

  it("stops listing strikes of an expiry at the bound", () => {
    const chain = new Chain({ ...chainSettings, strikesMax: 25 }, ["BTC"]);
    for (let i = 0; i < 50; i++) chain.moveTo(start + i, flat(65_000 * 1.05 ** i));
    const [nearest = [], ...others] = [...byExpiry(chain.options).values()];
    // The first expires within hours: what was laid stays alone.
    expect(nearest.length / 2).toBe(21);
    expect(others.map(({ length }) => length / 2)).toEqual([25, 25, 25, 25, 25]);
  });

  it("lists no strikes on an expiry that is hours away", () => {
    const { chain } = laid();
    const { listed } = chain.moveTo(start + HOUR_MS, flat(30_000));
    expect(listed.length).toBeGreaterThan(0);
    expect(listed.filter(({ id }) => id.includes("-17JUN24-"))).toEqual([]);
  });

  it("reports expiries that it slept through, each at its moment", () => {
    const { chain } = laid();
    const { expired, listed } = chain.moveTo(start + 5 * DAY_MS, flat(65_000));
    expect(expired.map(({ expiryMs }) => new Date(expiryMs).toISOString().slice(0, 10))).toEqual([
      "2024-06-17",
      "2024-06-18",
      "2024-06-21",
    ]);
    expect(listed.every(({ expiryMs = 0 }) => expiryMs > start + 5 * DAY_MS)).toBe(true);
  });
});

/** Expiries a day or more away with fewer than four strikes of BTC on a side of `price`. */
function sidesOf(live: Iterable<Instrument>, at: number, price: number): string[] {
  const calls = [...live].filter((i) => i.right === "call" && i.underlying === "BTC");
  return [...byExpiry(calls)].flatMap(([expiryMs, of]) => {
    if (expiryMs - at < DAY_MS) return [];
    const above = of.filter(({ strike = 0 }) => strike >= price).length;
    const thin = Math.min(above, of.length - above) < 4;
    return thin ? [`${new Date(expiryMs).toISOString()}: ${above} of ${of.length} above`] : [];
  });
}

function byExpiry(instruments: readonly Instrument[]): Map<number, Instrument[]> {
  const found = new Map<number, Instrument[]>();
  for (const i of instruments)
    found.set(i.expiryMs ?? 0, [...(found.get(i.expiryMs ?? 0) ?? []), i]);
  return found;
}

describe("nearest", () => {
  const { listing } = laid();
  const from = { at: start, price: 65_000, underlying: "BTC" } as const;
  it.each([
    ["a monthly call", { kind: "option", right: "call", days: 11, moneyness: 1.1 }, "72000-C"],
    ["a put below", { kind: "option", right: "put", days: 11, moneyness: 0.9 }, "59000-P"],
    ["the money", { kind: "option", right: "put", days: 100 }, "BTC-27SEP24-65000-P"],
    ["a future", { kind: "future", days: 80 }, "BTC-27SEP24"],
    ["the inverse perpetual", { kind: "perpetual", settlement: "inverse" }, "BTC-PERPETUAL"],
    ["the linear one", { kind: "perpetual", settlement: "linear" }, "BTC_USDC-PERPETUAL"],
  ] as const)("finds %s", (_, wanted, id) => {
    expect(nearest(listing, { ...from, ...wanted })?.id).toContain(id);
  });

  it("finds nothing of a kind that is not listed", () => {
    expect(nearest(listing, { ...from, kind: "bond" })).toBeUndefined();
  });
});
