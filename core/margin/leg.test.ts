import { describe, expect, it } from "vitest";
import type { MarketInstrument } from "../book.ts";
import type { UnderlyingTerms } from "../terms.ts";
import {
  type BookParts,
  bond,
  bookOf,
  contextOf,
  future,
  instrument,
  inverse,
  NOW_MS,
  option,
  perpetual,
  spot,
} from "./book.test-kit.ts";
import { type Leg, secondsLeft } from "./leg.ts";
import { bareUnderlying, changed, row, termsOfAll } from "./terms.test-kit.ts";

const DAY = 86_400;

function legOf(
  of: MarketInstrument,
  change: Partial<UnderlyingTerms> = {},
  parts: BookParts = {},
): Leg {
  const terms = termsOfAll(changed(bareUnderlying, change));
  const book = bookOf({
    underlyings: [{ id: "BTC" }, { id: "T10Y" }],
    currencies: [{ id: "USDC", price: 0.9 }],
    instruments: [of],
    ...parts,
  });
  return contextOf(terms, book).leg(of.spec.id);
}

const without = <K extends keyof MarketInstrument>(of: MarketInstrument, field: K) => {
  const { [field]: _, ...rest } = of;
  return rest as MarketInstrument;
};

describe("seconds to expiry", () => {
  const dated = (spec: object) => future("F", spec);
  const { secondsToExpiry: _, ...bare } = future("F").spec;

  it.each([
    ["as given", dated({ secondsToExpiry: 77.5 }), 77.5],
    ["never below nothing", dated({ secondsToExpiry: -1 }), 0],
    ["from now to the expiry", { ...future(), spec: { ...bare, expiryMs: NOW_MS + 1500 } }, 1.5],
    ["none after it", { ...future(), spec: { ...bare, expiryMs: NOW_MS - 1500 } }, 0],
    ["none without one", perpetual(), 0],
    ["as given, though an expiry is known", dated({ secondsToExpiry: 5, expiryMs: NOW_MS }), 5],
  ])("are %s", (_, of, seconds) => {
    expect(secondsLeft(of, NOW_MS)).toBe(seconds);
    expect(legOf(of).seconds).toBe(seconds);
  });
});

describe("a leg that cannot be priced says why", () => {
  it.each([
    ["a perpetual", without(perpetual("X"), "mark"), "a mark"],
    ["a bond", without(bond("X", { underlying: "BTC" }), "mark"), "a mark"],
    ["an option", without(option("X"), "vol"), "a vol or a mark"],
    [
      "an option without a strike",
      instrument({ id: "X", kind: "option", underlying: "BTC", right: "put" }, { vol: 1 }),
      "a strike and a right",
    ],
    [
      "an option without a right",
      instrument({ id: "X", kind: "option", underlying: "BTC", strike: 100 }, { vol: 1 }),
      "a strike and a right",
    ],
    [
      "a bond without a duration",
      instrument({ id: "X", kind: "bond", underlying: "BTC" }, { mark: 98 }),
      "a modified duration",
    ],
    [
      "an option whose mark no vol gives",
      without(option("X", {}, { mark: 101 }), "vol"),
      "a mark that some vol gives",
    ],
    [
      "a risk array with a row missing",
      future("X", { riskArray: { "0": 1, "2": 3 } }),
      "row 1 of its risk array",
    ],
    [
      "a currency without a price",
      perpetual("X", { settleCurrency: "USDX" }),
      "a price of its currency",
    ],
  ])("%s", (_, of, missing) => {
    const parts = { currencies: [{ id: "USDX", price: 0 }] };
    const leg = legOf(of, {}, parts);
    expect(leg.missing).toBe(missing);
    expect(leg).toMatchObject({ priced: undefined, value: 0, price: 0, residual: 0, arrays: [] });
    expect(leg.greeks).toEqual({ delta: 0, gamma: 0, vega: 0, theta: 0, rho: 0 });
  });

  it.each([
    ["an option marked by vol", option("X")],
    ["an option marked by price", without(option("X", {}, { mark: 7 }), "vol")],
    ["an expired option without either", without(option("X", { secondsToExpiry: 0 }), "vol")],
    ["a future", future("X")],
  ])("and one that can says nothing: %s", (_, of) => {
    expect(legOf(of).missing).toBeUndefined();
  });
});

describe("the value of a leg", () => {
  it.each([
    ["nothing for a future", future("X"), 0],
    ["nothing for a perpetual", perpetual("X"), 0],
    ["size x mark for spot", spot("X", { contractSize: 2 }, { mark: 98 }), 196],
    [
      "size x mark for fx",
      instrument({ id: "X", kind: "fx", underlying: "BTC", contractSize: 3 }, { mark: 1.1 }),
      3.3,
    ],
    ["face x mark / 100 for a bond in percent", bond("X", { underlying: "BTC" }), 985],
    [
      "face x mark for a bond in units",
      instrument(
        { id: "X", kind: "bond", underlying: "BTC", contractSize: 2, modifiedDuration: 1 },
        { mark: 98 },
      ),
      196,
    ],
    [
      "payoff x size for an expired call",
      option("X", { strike: 90, secondsToExpiry: 0, contractSize: 2 }),
      20,
    ],
    [
      "payoff x size for an expired put",
      option("X", { strike: 107, secondsToExpiry: 0, right: "put" }),
      7,
    ],
  ])("is %s", (_, of, value) => {
    expect(legOf(of).value).toBeCloseTo(value, 10);
  });

  it("of an option marked by price is that price, and its vol is the one that gives it", () => {
    const leg = legOf(without(option("X", {}, { mark: 7 }), "vol"));
    expect(leg.value).toBeCloseTo(7, 12);
    // 100 (2 Φ(vol √T / 2) - 1) = 7 at the money.
    expect(leg.priced).toMatchObject({ kind: "option", vol: expect.closeTo(0.6128, 4) });
    expect(leg.residual).toBe(0);
  });

  it.each([
    ["linear", {}, 1],
    ["inverse", inverse(), 100],
  ])("of an option: what the mark says beyond stands as residual (%s)", (_, spec, scale) => {
    const plain = legOf(option("X", spec)).value;
    const leg = legOf(option("X", { ...spec, contractSize: 2 }, { mark: plain + 0.01 }));
    expect(leg.value).toBeCloseTo(2 * plain, 12);
    expect(leg.residual).toBeCloseTo(0.02, 12);
    expect(leg.unit).toBe(scale);
  });

  it("takes the index for the forward of an option that has none", () => {
    const own = legOf(without(option("X"), "forward"));
    expect(own.value).toBe(legOf(option("X", {}, { forward: 100 })).value);
  });

  it("has the unit of its currency", () => {
    expect(legOf(perpetual("X", { settleCurrency: "USDC" })).unit).toBe(0.9);
  });
});

describe("the price that orders are held against", () => {
  it("is the mark, and of an option its model value per unit", () => {
    expect(legOf(perpetual("X", { contractSize: 10 }, { mark: 98 })).price).toBe(98);
    const leg = legOf(option("X", { contractSize: 10 }, { mark: 3 }));
    expect(leg.price).toBeCloseTo(leg.value / 10, 12);
  });
});

describe("settlement averaging", () => {
  const averaged = { settlementAveragingSeconds: 1800 };

  it.each([
    ["none of the forward before the window", 1801, 100, 0],
    ["none at its start", 1800, 100, 0],
    ["half of it half way", 900, 50, 50],
    ["nearly all at the end", 18, 1, 99],
  ])("fixes %s", (_, secondsToExpiry, moving, fixed) => {
    const { priced } = legOf(option("X", { secondsToExpiry }), averaged);
    expect(priced).toMatchObject({
      forwardMoving: expect.closeTo(moving, 12),
      forwardFixed: expect.closeTo(fixed, 12),
    });
  });

  it("gives way to the fixed part that the market knows", () => {
    const { priced } = legOf(option("X", { secondsToExpiry: 900 }, { forwardFixed: 30 }), averaged);
    expect(priced).toMatchObject({ forwardMoving: 70, forwardFixed: 30 });
  });
});

describe("greeks per contract", () => {
  it.each([
    ["a future", future("X", { contractSize: 10 }), 10, 0],
    [
      "an inverse perpetual, in units of the underlying",
      perpetual("X", { ...inverse(), contractSize: 10 }, { mark: 125 }),
      10 / 125,
      0,
    ],
    ["spot", spot("X", { contractSize: 2 }), 2, 0],
    ["a bond: by its rate alone", bond("X", { underlying: "BTC" }), 0, -8.1 * 985],
    ["a given array: none", future("X", { riskArray: { "0": 1 } }), 0, 0],
  ])("of %s", (_, of, delta, rho) => {
    const { greeks } = legOf(of, { scenarios: { ...bareUnderlying.scenarios, rows: [row({})] } });
    expect(greeks).toMatchObject({ gamma: 0, vega: 0, theta: 0 });
    expect(greeks.delta).toBeCloseTo(delta, 12);
    expect(greeks.rho).toBeCloseTo(rho, 9);
  });

  /** Central differences of the value under a changed market. */
  const slope = (at: (x: number) => MarketInstrument, step: number, change = {}) =>
    (legOf(at(step), change).value - legOf(at(-step), change).value) / (2 * step);

  it.each([
    ["a call", {}],
    ["a put", { right: "put" as const }],
    ["ten contracts", { contractSize: 10 }],
  ])("of an option are the slopes of its value (%s)", (_, spec) => {
    const rate = 0.03;
    const { greeks } = legOf(option("X", { strike: 104, ...spec }, { rate }));
    const at = (change: Partial<MarketInstrument>) =>
      option("X", { strike: 104, ...spec }, { rate, ...change });
    const size = "contractSize" in spec ? 10 : 1;
    expect(greeks.delta).toBeCloseTo(
      slope((x) => at({ forward: 100 + x }), 1e-3),
      5,
    );
    expect(greeks.vega).toBeCloseTo(
      slope((x) => at({ vol: 0.6 + x }), 1e-4),
      4,
    );
    expect(greeks.rho).toBeCloseTo(
      slope((x) => at({ rate: rate + x }), 1e-4),
      4,
    );
    const years = 365 * DAY;
    const older = (x: number) =>
      option("X", { strike: 104, ...spec, secondsToExpiry: 30 * DAY - x * years }, { rate });
    expect(greeks.theta).toBeCloseTo(slope(older, 1e-5), 2);
    const bent =
      legOf(at({ forward: 100.1 })).value +
      legOf(at({ forward: 99.9 })).value -
      2 * legOf(at({})).value;
    expect(greeks.gamma).toBeCloseTo(bent / 0.01, 4 - Math.log10(size));
  });

  it("of an inverse option: the delta of its coin value, held at the index", () => {
    const { greeks } = legOf(option("X", inverse(), { rate: 0.5 }));
    const coins = (forward: number) => legOf(option("X", inverse(), { forward })).value;
    const perForward = (coins(100.01) - coins(99.99)) / 0.02;
    expect(greeks.delta).toBeCloseTo(perForward * 100, 6);
    expect(greeks.rho).toBe(0);
  });

  it("have no rho where nothing is discounted", () => {
    expect(legOf(option("X", {}, { rate: 0.1 }), { discountOptions: false }).greeks.rho).toBe(0);
  });

  it("in dollars of another currency are turned into USD, units are not", () => {
    const [usd, usdc] = ["USD", "USDC"].map(
      (settleCurrency) => legOf(option("X", { settleCurrency })).greeks,
    );
    expect(usdc!.vega).toBeCloseTo(0.9 * usd!.vega, 12);
    expect(usdc!.theta).toBeCloseTo(0.9 * usd!.theta, 12);
    expect(usdc!.delta).toBe(usd!.delta);
  });

  it("are finite where an option has neither time nor vol, at its strike", () => {
    for (const of of [option("X", { secondsToExpiry: 0 }), option("X", {}, { vol: 0 })]) {
      expect(Object.values(legOf(of).greeks).every(Number.isFinite)).toBe(true);
    }
  });
});
