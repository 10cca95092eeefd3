import { describe, expect, it } from "vitest";
import type { MarketInstrument } from "../book.ts";
import type { StandardTerms } from "../terms.ts";
import {
  bond,
  bookOf,
  contextOf,
  future,
  holding,
  inverse,
  marginOf,
  option,
  perpetual,
  position,
  spot,
} from "./book.test-kit.ts";
import { payoffLoss, type StandardPosition, standardMargin } from "./modes.ts";
import { bareTerms, bareUnderlying, termsOfAll, usualStandard } from "./terms.test-kit.ts";

const rule = usualStandard.shortOption!;
const cap = { ...usualStandard, shortOption: { ...rule, maximumLossCap: true } };

/** A position as the formulas read it: index 100, in dollars. */
function standard(of: MarketInstrument, quantity: number, entryPrice?: number): StandardPosition {
  const book = bookOf({
    underlyings: [{ id: "BTC" }],
    currencies: [{ id: "USDC", price: 0.9 }],
    instruments: [of],
  });
  const leg = contextOf(bareTerms, book).leg(of.spec.id);
  return { leg, quantity, entryPrice, index: 100, unit: 1, worth: 0 };
}

const margin = (of: MarketInstrument, quantity: number, terms: StandardTerms = usualStandard) =>
  standardMargin(terms, standard(of, quantity));

describe("the standard margin of a linear leg", () => {
  it.each([
    ["by notional, base and step", perpetual("X", {}, { mark: 98 }), 10, 10 * 98, 10],
    ["shorts alike", perpetual("X", {}, { mark: 98 }), -10, 980, 10],
    [
      "by contract size and currency",
      future("X", { contractSize: 5, settleCurrency: "USDC" }),
      2,
      10 * 100 * 0.9,
      10,
    ],
    [
      "inverse by what it is worth in dollars and units",
      perpetual("X", { ...inverse(), contractSize: 10 }, { mark: 125 }),
      50,
      500,
      4,
    ],
  ])("is %s", (_, of, quantity, notional, size) => {
    const { initial, maintenance } = margin(of, quantity)!;
    expect(initial).toBeCloseTo(notional * (0.02 + 0.00005 * size), 10);
    expect(maintenance).toBeCloseTo(notional * (0.01 + 0.00005 * size), 10);
  });

  it("has no formula where terms have none", () => {
    expect(margin(perpetual("X"), 1, { ...usualStandard, linear: null })).toBeUndefined();
  });
});

describe("the standard margin of a short option", () => {
  const priced = (spec: object) => option("X", { secondsToExpiry: 0, ...spec });

  it.each([
    ["at the money", priced({ strike: 100 }), 15, 0],
    ["a call out of the money by less", priced({ strike: 103 }), 12, 0],
    ["a call at the least share", priced({ strike: 105 }), 10, 0],
    ["a call far out of the money", priced({ strike: 150 }), 10, 0],
    ["a put out of the money by less", priced({ strike: 97, right: "put" }), 12, 0],
    ["a put in the money", priced({ strike: 120, right: "put" }), 15, 20],
    ["a call in the money", priced({ strike: 70 }), 15, 30],
  ])(
    "is a share of the index, less what is out of the money, and the premium: %s",
    (_, of, risk, mark) => {
      const { initial, maintenance } = margin(of, -2)!;
      expect(initial).toBeCloseTo(2 * (risk + mark), 9);
      expect(maintenance).toBeCloseTo(2 * (Math.max(3, 0.03 * mark) + mark + 0.2), 9);
    },
  );

  it("is nothing for a long one", () => {
    expect(margin(option("X"), 3)).toEqual({ initial: 0, maintenance: 0 });
    expect(margin(option("X"), 0)).toEqual({ initial: 0, maintenance: 0 });
  });

  it.each([
    ["the entry where it is dearer", true, 9, 15 + 9],
    ["the mark where it is dearer", true, 1, 15 + 2],
    ["the mark alone where terms say so", false, 9, 15 + 2],
    ["the mark where no entry is known", true, undefined, 15 + 2],
  ])("counts %s as premium", (_, entryPremium, entry, expected) => {
    const of = priced({ strike: 98 });
    const terms = { ...usualStandard, shortOption: { ...rule, entryPremium } };
    expect(standardMargin(terms, standard(of, -1, entry))!.initial).toBeCloseTo(expected, 9);
  });

  it("asks as much to open as to keep", () => {
    const low = { ...rule, initialMax: 0.01, initialMin: 0.01 };
    const { initial, maintenance } = margin(priced({}), -1, {
      ...usualStandard,
      shortOption: low,
    })!;
    expect(maintenance).toBeCloseTo(3.2, 10);
    expect(initial).toBe(maintenance);
  });

  it("grows its share with a mark that is dearer than the index", () => {
    const { maintenance } = margin(priced({ strike: 300, right: "put" }), -1)!;
    expect(maintenance).toBeCloseTo(0.03 * 200 + 200 + 0.2, 9);
  });

  it("inverse: its prices are coin, held at the index", () => {
    const of = priced({ ...inverse(), strike: 80 });
    expect(margin(of, -1)!.initial).toBeCloseTo(15 + 20, 9);
    expect(standardMargin(usualStandard, standard(of, -1, 0.25))!.initial).toBeCloseTo(15 + 25, 9);
  });

  it("in another currency is dollars all the same", () => {
    const of = priced({ strike: 80, settleCurrency: "USDC" });
    expect(margin(of, -1)!.initial).toBeCloseTo(15 + 20 * 0.9, 9);
  });

  it("has no formula where terms have none", () => {
    expect(margin(option("X"), -1, { ...usualStandard, shortOption: null })).toBeUndefined();
  });
});

describe("the standard margin of what is held", () => {
  it.each([
    ["spot", spot("X", {}, { mark: 98 }), usualStandard, 3 * 98],
    ["spot sold", spot("X", {}, { mark: 98 }), usualStandard, 3 * 98],
    [
      "a bond by its own rates",
      bond("X", { underlying: "BTC" }),
      { ...usualStandard, bond: { initial: 0.1, maintenance: 0.05 } },
      3 * 98.5,
    ],
  ])("is a share of its value: %s", (_, of, terms, expected) => {
    expect(margin(of, 3, terms)!.initial).toBeCloseTo(expected, 10);
    expect(margin(of, -3, terms)!.initial).toBeCloseTo(expected, 10);
  });
});

describe("the most that an expiry can lose", () => {
  const legs = [90, 100, 110].flatMap((strike) =>
    (["call", "put"] as const).map((right) => option(`${right}${strike}`, { strike, right })),
  );
  const context = contextOf(bareTerms, bookOf({ instruments: legs }));
  const loss = (held: Record<string, number>, index = 100) =>
    payoffLoss(
      Object.entries(held).map(([id, quantity]) => holding(context, id, quantity)),
      index,
    );

  it.each([
    ["a long: nothing", { call100: 3 }, 0],
    ["a short put: its strike", { put100: -2 }, 200],
    ["a short call: its notional at the index", { call90: -2 }, 2 * 10 + 2 * 100],
    ["a short call out of the money: its strike", { call110: -1 }, 110],
    ["a call spread: its width", { call90: -1, call100: 1 }, 10],
    ["a put spread: its width", { put90: 1, put110: -1 }, 20],
    ["an iron condor: its wider wing", { put90: 1, put100: -1, call100: -1, call110: 1 }, 10],
    ["a ratio: what is left uncovered", { call90: 1, call100: -2 }, 100 - 10],
    ["a box: nothing", { call90: 1, call110: -1, put110: 1, put90: -1 }, 0],
  ])("is of %s", (_, held, expected) => {
    expect(loss(held as unknown as Record<string, number>)).toBeCloseTo(expected, 10);
  });

  it("takes an uncovered call at the index where that is above the strikes", () => {
    expect(loss({ call90: -1 }, 150)).toBeCloseTo(60 + 150, 10);
  });
});

describe("margin modes side by side", () => {
  const book = (positions: Record<string, number>, more: Partial<MarketInstrument>[] = []) =>
    bookOf({
      instruments: [
        perpetual("P"),
        option("C", { secondsToExpiry: 0, strike: 90 }),
        option("D", { secondsToExpiry: 0, strike: 110 }),
        option("L", { secondsToExpiry: 60, strike: 110 }),
        spot("S"),
        ...(more as MarketInstrument[]),
      ],
      positions,
    });
  const terms = (of: StandardTerms | null = usualStandard) =>
    termsOfAll(bareUnderlying, { standard: of });
  const modes = (positions: Record<string, number>, of: StandardTerms | null = usualStandard) =>
    marginOf(terms(of), book(positions)).modes;

  it("are portfolio alone where terms have no standard formulas", () => {
    const { full, isolated, cross, portfolio } = modes({ P: 1 }, null);
    expect([full, isolated, cross]).toEqual([null, null, null]);
    expect(portfolio.initialMargin).toBeCloseTo(16, 10);
  });

  it("lack isolated and cross where a held kind has no formula", () => {
    const { full, isolated, cross } = modes({ P: 1 }, { ...usualStandard, linear: null });
    expect(full!.initialMargin).toBeCloseTo(100, 10);
    expect([isolated, cross]).toEqual([null, null]);
  });

  it.each<[string, Record<string, number>, number]>([
    ["linear legs at their notional", { P: -3 }, 300],
    ["spot sold at its value", { S: -3 }, 300],
    ["spot held at nothing", { S: 3 }, 0],
    ["the options of an expiry together", { C: -1, D: 1 }, 20],
    ["expiries apart", { C: -1, L: 1 }, 10 + 100],
  ])("full: %s", (_, positions, expected) => {
    expect(modes(positions).full!.initialMargin).toBeCloseTo(expected, 9);
    expect(modes(positions).full!.maintenanceMargin).toBeCloseTo(expected, 9);
  });

  it("cross and isolated ask the same, position by position", () => {
    const { isolated, cross } = modes({ P: 3, C: -1 });
    expect(isolated!.initialMargin).toBeCloseTo(300 * (0.02 + 0.00015) + 15 + 10, 9);
    expect(cross!.initialMargin).toBe(isolated!.initialMargin);
    expect(cross!.maintenanceMargin).toBe(isolated!.maintenanceMargin);
  });

  it("cross holds an expiry to what it can lose, where terms say so", () => {
    const { isolated, cross } = modes({ P: 3, C: -1, D: 1 }, cap);
    expect(isolated!.initialMargin).toBeCloseTo(6.045 + 25, 9);
    expect(cross!.initialMargin).toBeCloseTo(6.045 + 20, 9);
    expect(modes({ P: 3, C: -1 }, cap).cross!.initialMargin).toBeCloseTo(6.045 + 25, 9);
  });

  it("count what positions are worth towards their capital: together, or each for itself", () => {
    const held = [position("P", 3, { unrealisedPnl: 50 }), position("C", -1), position("S", 1)];
    const of = { ...book({}), account: { ...book({}).account, positions: held } };
    const { isolated, cross, full, portfolio } = marginOf(terms(), of).modes;
    // Perpetual: 6.045 against 50; call: 25 against -10; spot: 100 against 100.
    expect(isolated!.capital).toBeCloseTo(0 + 35 + 0, 9);
    expect(cross!.capital).toBeCloseTo(0, 9);
    expect(full!.capital).toBeCloseTo(300 + 110 - 140, 9);
    expect(portfolio.capital).toBeCloseTo(0, 9);
  });

  it.each(["full", "isolated", "cross", "portfolio"] as const)(
    "set the requirement of the account (%s)",
    (mode) => {
      const of = { ...book({ P: 3, C: -1 }) };
      const margin = marginOf(terms(), { ...of, account: { ...of.account, mode } });
      expect(margin.requirement.initial).toBe(margin.modes[mode]!.initialMargin);
      expect(margin.requirement.maintenance).toBe(margin.modes[mode]!.maintenanceMargin);
    },
  );

  it.each(["full", "isolated", "cross"] as const)(
    "are refused where they have no formula (%s)",
    (mode) => {
      const of = book({ P: 1 });
      expect(() => marginOf(terms(null), { ...of, account: { ...of.account, mode } })).toThrow(
        expect.objectContaining({
          code: "terms_invalid",
          detail: {
            path: "account.mode",
            expected: "portfolio: these terms have no standard formula for every position",
            found: mode,
          },
        }),
      );
    },
  );
});
