import { describe, expect, it } from "vitest";
import type { ChargeName, ChargeTerms, UnderlyingTerms } from "../../terms.ts";
import { bookOf, contextOf, future, holding, option, perpetual } from "../book.test-kit.ts";
import { bareUnderlying, changed, termsOfAll } from "../terms.test-kit.ts";
import { stagedCharges, withFactor } from "./stage-charges.ts";

const book = bookOf({
  underlyings: [{ id: "BTC", confidence: 0.5 }],
  instruments: [
    perpetual("P", {}, { fundingRate: 0.001 }),
    future("F"),
    option("O", { secondsToExpiry: 3600 }),
  ],
});

const blocks = {
  roll: { minMove: 0.01, annualisedMove: 0.1, inside: true },
  basis: { up: 0.05, down: -0.05, add: 0.5, mult: 2, inside: false },
  nakedShort: {
    perStrike: true,
    initial: 0.01,
    maintenance: 0.005,
    minimumPerContract: 2,
    inside: true,
  },
  perp: { initial: 0.02, maintenance: 0.01, inside: false },
  oracle: { threshold: 0.9, rate: 1, inside: false },
  deltaShock: { thresholdUsd: 10, increment: 0.01, max: 0.1, inside: true },
  minimumDelta: { net: 0.02, hedged: 0.01, inside: false },
  gamma: { hours: 24, multiplier: 3, dtDays: 1, inside: true },
  funding: { intervals: 2, inside: false },
  stableBasis: { tiers: [{ sizeUsd: 1000, rate: 0.01 }], inside: false },
} satisfies Partial<ChargeTerms>;

const all = changed(bareUnderlying, {
  charges: blocks,
  liquidity: {
    depthUsd: 100,
    inside: true,
    tiers: [{ above: 1, multiplier: 1.25, gammaNodes: 0 }],
  },
});

function charges(
  terms: UnderlyingTerms,
  held: Readonly<Record<string, readonly [number, number, number]>>,
  coinUsd = 0,
) {
  const context = contextOf(termsOfAll(terms), book);
  const holdings = Object.entries(held).map(([id, [quantity, low, high]]) =>
    holding(context, id, quantity, [low, high]),
  );
  return stagedCharges(context.view("BTC"), holdings, coinUsd);
}

const still = { P: [3, 3, 3], F: [2, 2, 2], O: [-4, -4, -4] } as const;

describe("the charges of an underlying", () => {
  it("are none where none is on", () => {
    expect(charges(bareUnderlying, still)).toEqual({});
  });

  it.each(Object.keys(blocks) as (keyof typeof blocks)[])(
    "hold %s alone where it is on",
    (name) => {
      const one = changed(bareUnderlying, { charges: { [name]: blocks[name] } });
      const names = name === "nakedShort" ? ["minimumPerContract", "nakedShort"] : [name];
      const found = charges(one, still, -500);
      expect(Object.keys(found).sort()).toEqual(names);
      const whole = charges(all, still, -500);
      expect(found[name]).toEqual(whole[name]);
      expect(found[name]!.initial).toBeGreaterThan(0);
    },
  );

  it("hold the size charge for a liquidity block", () => {
    const one = changed(bareUnderlying, { liquidity: all.liquidity });
    expect(Object.keys(charges(one, still))).toEqual(["size"]);
  });

  it("hold no floor per contract of nothing", () => {
    const none = { ...blocks.nakedShort, minimumPerContract: 0 };
    const one = changed(bareUnderlying, { charges: { nakedShort: none } });
    expect(Object.keys(charges(one, still))).toEqual(["nakedShort"]);
  });

  it.each([
    "roll",
    "basis",
    "minimumPerContract",
    "deltaShock",
    "minimumDelta",
    "gamma",
    "funding",
    "stableBasis",
  ] as const)("ask the same of both stages for %s", (name) => {
    const { initial, maintenance } = charges(all, still, -500)[name]!;
    expect(maintenance).toBe(initial);
  });

  it("ask what their terms say of each stage for the others", () => {
    const of = charges(all, still);
    expect(of.nakedShort!.maintenance).toBe(of.nakedShort!.initial / 2);
    expect(of.perp!.maintenance).toBe(of.perp!.initial / 2);
    expect(of.oracle!.maintenance).toBe(0);
  });

  it("have each stage's own range in the size charge", () => {
    const of = changed(all, { regime: { assetClass: "crypto", mode: "replace" } });
    const slideRange = { initial: 0.2, maintenance: 0.1 };
    const published = { ...book.market, ranges: new Map([["BTC", { slideRange, volScale: 1 }]]) };
    const context = contextOf(termsOfAll(of), { ...book, market: published });
    const { size } = stagedCharges(context.view("BTC"), [holding(context, "P", 30)], 0);
    expect(size!.initial).toBeCloseTo(0.25 * 2900 * 0.2, 10);
    expect(size!.maintenance).toBeCloseTo(0.25 * 2900 * 0.1, 10);
  });
});

describe("charges beside resting orders", () => {
  const perpetualAlone = (initial: number, maintenance: number) =>
    changed(bareUnderlying, {
      charges: {
        perp: { initial: 0.1, maintenance: 0.1, inside: false },
        openOrders: { initial, maintenance, method: "subsets" },
      },
    });

  it.each([
    ["all of the increase", 1, 0, 50, 20],
    ["half of it", 0.5, 0.25, 35, 27.5],
    ["nothing of it", 0, 0, 20, 20],
  ])("take %s by the stage's share", (_, first, second, initial, maintenance) => {
    const { perp } = charges(perpetualAlone(first, second), { P: [2, -1, 5] });
    expect(perp!.initial).toBeCloseTo(initial, 12);
    expect(perp!.maintenance).toBeCloseTo(maintenance, 12);
  });

  it("never fall by an order: a hedge may not fill", () => {
    const { roll } = charges(changed(all, { charges: { roll: blocks.roll } }), {
      P: [3, -10, 3],
    });
    expect(roll!.initial).toBeCloseTo(10 * 100 * 0.01, 12);
    const near = charges(all, { P: [3, 1, 3] });
    expect(near).toEqual(charges(all, { P: [3, 3, 3] }));
  });

  it("count an instrument that only rests", () => {
    expect(charges(perpetualAlone(1, 1), { P: [0, 0, 2] }).perp!.initial).toBeCloseTo(20, 12);
  });
});

describe("the factor of a stage", () => {
  const of = charges(all, still, -500);

  it.each<[ChargeName, boolean]>([
    ["roll", true],
    ["basis", false],
    ["nakedShort", true],
    ["minimumPerContract", true],
    ["perp", false],
    ["oracle", false],
    ["deltaShock", true],
    ["minimumDelta", false],
    ["gamma", true],
    ["funding", false],
    ["stableBasis", false],
    ["size", true],
  ])("multiplies %s, where it stands inside: %s", (name, inside) => {
    for (const stage of ["initial", "maintenance"] as const) {
      const amounts = withFactor(all, of, stage, 1.5);
      expect(amounts[name]).toBe(of[name]![stage] * (inside ? 1.5 : 1));
    }
  });

  it("leaves out what is not charged", () => {
    expect(withFactor(all, { roll: { initial: 1, maintenance: 2 } }, "maintenance", 2)).toEqual({
      roll: 4,
    });
  });

  it("stands outside for a size whose block says so, and for no block at all", () => {
    const size = { size: { initial: 8, maintenance: 8 } };
    const outside = changed(all, { liquidity: { ...all.liquidity!, inside: false } });
    expect(withFactor(outside, size, "initial", 2)).toEqual({ size: 8 });
    expect(withFactor(bareUnderlying, size, "initial", 2)).toEqual({ size: 8 });
    expect(withFactor(bareUnderlying, { roll: size.size }, "initial", 2)).toEqual({ roll: 8 });
  });
});
