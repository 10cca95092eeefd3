import { describe, expect, it } from "vitest";
import type { CollateralTerms, LocationTerms, Stage } from "../terms.ts";
import type { BalanceValue } from "./balance.ts";
import { bookOf, marginOf, perpetual } from "./book.test-kit.ts";
import { type Chance, seededChance, seeds } from "./chance.test-kit.ts";
import { collateralUsd, equityOf, haircutUsd } from "./equity.ts";
import { bareUnderlying, cash, coin, termsOfAll } from "./terms.test-kit.ts";

const tiered: CollateralTerms = {
  ...cash,
  initialHaircut: 0.1,
  maintenanceHaircut: 0.05,
  tiers: [
    { aboveUsd: 1000, haircut: 0.2 },
    { aboveUsd: 5000, haircut: 0.5 },
  ],
};

describe("a haircut", () => {
  it.each([
    ["nothing of nothing", 0, 0],
    ["the base rate in the first bracket", 600, 60],
    ["the base rate up to its edge", 1000, 100],
    ["each bracket's rate on the value inside it", 1001, 100.2],
    ["both up to the second edge", 5000, 100 + 800],
    ["the last rate on all beyond", 7000, 100 + 800 + 1000],
  ])("is %s", (_, usd, expected) => {
    expect(haircutUsd(tiered, "initial", usd)).toBeCloseTo(expected, 12);
  });

  it("has its own base for each stage; a bracket serves both", () => {
    expect(haircutUsd(tiered, "maintenance", 1000)).toBe(50);
    expect(haircutUsd(tiered, "maintenance", 2000)).toBe(50 + 200);
  });

  it("takes a bracket that starts at nothing for the base", () => {
    const from0 = { ...tiered, tiers: [{ aboveUsd: 0, haircut: 0.3 }] };
    expect(haircutUsd(from0, "initial", 100)).toBe(30);
  });
});

interface Held {
  readonly usd: number;
  readonly currency?: string;
  readonly location?: string;
  readonly terms?: CollateralTerms;
  readonly slidesWith?: string | null;
}

const held = (of: Held): BalanceValue => ({
  currency: of.currency ?? "X",
  location: of.location,
  amount: of.usd,
  usd: of.usd,
  slidesWith: of.slidesWith ?? null,
  confidence: 1,
  terms: of.terms ?? tiered,
});

const places: Readonly<Record<string, LocationTerms>> = {
  vault: { haircut: 0.05, cap: 500, finalitySeconds: 0 },
  chain: { haircut: 0.5, cap: null, finalitySeconds: 60 },
};

function collateral(all: readonly Held[], delta = 0, stage: Stage = "initial"): number {
  const hedge = { deltaOf: () => delta, indexOf: () => 100 };
  return collateralUsd(all.map(held), stage, places, hedge);
}

describe("collateral", () => {
  it.each<[string, readonly Held[], number]>([
    ["nothing without balances", [], 0],
    ["a balance less its haircut", [{ usd: 600 }], 540],
    ["a loan whole", [{ usd: -600 }], -600],
    ["nothing of nothing", [{ usd: 0 }], 0],
    ["two balances of a currency in one run of brackets", [{ usd: 600 }, { usd: 600 }], 1200 - 140],
    ["a loan against a balance of the same currency", [{ usd: 600 }, { usd: -500 }], 90],
    ["a loan that outweighs it, whole", [{ usd: 600 }, { usd: -700 }], -100],
    [
      "currencies apart",
      [
        { usd: 1000, currency: "A" },
        { usd: 1000, currency: "B" },
      ],
      1800,
    ],
    ["no more than the cap, and that haircut", [{ usd: 900, terms: { ...tiered, cap: 500 } }], 450],
    ["what equals the cap", [{ usd: 500, terms: { ...tiered, cap: 500 } }], 450],
    ["a place's haircut first", [{ usd: 400, location: "vault" }], 0.9 * 380],
    ["no more than a place's cap", [{ usd: 900, location: "vault" }], 0.9 * 500],
    ["a place without a cap", [{ usd: 1000, location: "chain" }], 0.9 * 500],
    ["a place that terms do not know as none", [{ usd: 400, location: "moon" }], 360],
    ["a loan at a place whole", [{ usd: -400, location: "vault" }], -400],
  ])("counts %s", (_, balances, expected) => {
    expect(collateral(balances)).toBeCloseTo(expected, 10);
  });

  it("has the maintenance haircut in that stage", () => {
    expect(collateral([{ usd: 600 }], 0, "maintenance")).toBeCloseTo(570, 12);
  });
});

describe("coin that slides in the scenarios", () => {
  const sliding = (haircutInScenarios: CollateralTerms["haircutInScenarios"]): CollateralTerms => ({
    ...tiered,
    inScenarios: true,
    haircutInScenarios,
  });
  const of = (how: CollateralTerms["haircutInScenarios"], usd: number, delta: number) =>
    collateral([{ usd, slidesWith: "BTC", terms: sliding(how) }], delta);

  it.each([
    ["full", 600, -3, 540],
    ["none", 600, -3, 600],
    ["none", -600, -3, -600],
    ["unhedged", 600, 0, 540],
    ["unhedged", 600, 5, 540],
    ["unhedged", 600, -3, 600 - 30],
    ["unhedged", 600, -6, 600],
    ["unhedged", 600, -9, 600],
    ["unhedged", 600, -5.9, 600 - 1],
    ["unhedged", -600, -9, -600],
  ] as const)("'%s': %d USD beside a delta of %d count %d", (how, usd, delta, expected) => {
    expect(of(how, usd, delta)).toBeCloseTo(expected, 10);
  });

  it("looks at the delta of its own underlying, at that index", () => {
    const hedge = {
      deltaOf: (id: string) => (id === "ETH" ? -2 : -100),
      indexOf: (id: string) => (id === "ETH" ? 50 : 1000),
    };
    const eth = held({ usd: 600, slidesWith: "ETH", terms: sliding("unhedged") });
    expect(collateralUsd([eth], "initial", {}, hedge)).toBeCloseTo(600 - 50, 10);
  });

  it("is hedged once: a second currency on the same underlying has what the first left", () => {
    const terms = sliding("unhedged");
    const both = [
      { usd: 300, currency: "BTC", slidesWith: "BTC", terms },
      { usd: 300, currency: "wBTC", slidesWith: "BTC", terms },
    ];
    expect(collateral(both, -3)).toBeCloseTo(300 + 270, 10);
    expect(collateral(both, -4)).toBeCloseTo(300 + 300 - 20, 10);
    expect(collateral(both, -6)).toBeCloseTo(600, 10);
  });

  it("is hedged by the legs of a whole account", () => {
    const book = bookOf({
      instruments: [perpetual()],
      balances: { BTC: 10 },
      positions: { "BTC-PERP": -4 },
    });
    const terms = termsOfAll(bareUnderlying, { collateral: { BTC: coin } });
    expect(marginOf(terms, book).collateral).toEqual({ initial: 940, maintenance: 940 });
  });
});

/** The definition, brackets as a list of pieces and every balance an object. */
function slowCollateral(all: readonly BalanceValue[], stage: Stage, delta: number): number {
  const left = new Map<string, number>();
  const currencies = [...new Set(all.map(({ currency }) => currency))];
  return currencies.reduce((total, currency) => {
    const own = all.filter((of) => of.currency === currency);
    const { terms, slidesWith } = own[0]!;
    const placed = own
      .map(({ usd, location }) => {
        const place = places[location ?? ""];
        if (usd <= 0 || place === undefined) return usd;
        return Math.min(usd - usd * place.haircut, place.cap ?? Number.POSITIVE_INFINITY);
      })
      .reduce((sum, usd) => sum + usd, 0);
    if (placed <= 0) return total + placed;
    const counted = terms.cap === null ? placed : Math.min(placed, terms.cap);
    let exposed = counted;
    if (slidesWith !== null && terms.haircutInScenarios === "none") exposed = 0;
    if (slidesWith !== null && terms.haircutInScenarios === "unhedged") {
      const hedge = left.get(slidesWith) ?? Math.max(0, -delta) * 100;
      exposed = Math.max(0, counted - hedge);
      left.set(slidesWith, hedge - (counted - exposed));
    }
    const base = stage === "initial" ? terms.initialHaircut : terms.maintenanceHaircut;
    const edges = [{ aboveUsd: 0, haircut: base }, ...terms.tiers];
    const cut = edges.map(({ aboveUsd, haircut }, i) => {
      const to = Math.min(exposed, edges[i + 1]?.aboveUsd ?? Number.POSITIVE_INFINITY);
      return Math.max(0, to - aboveUsd) * haircut;
    });
    return total + counted - cut.reduce((sum, x) => sum + x, 0);
  }, 0);
}

function randomBalances(chance: Chance): BalanceValue[] {
  return ["A", "B", "C"].flatMap((currency) => {
    const terms: CollateralTerms = {
      ...tiered,
      initialHaircut: chance.between(0, 0.5),
      maintenanceHaircut: chance.between(0, 0.5),
      tiers: chance.pick([[], tiered.tiers, [{ aboveUsd: 0, haircut: 0.4 }]]),
      cap: chance.pick([null, 2000]),
      haircutInScenarios: chance.pick(["none", "unhedged", "full"] as const),
    };
    const slidesWith = chance.pick([null, "BTC", "BTC"]);
    return Array.from({ length: chance.whole(0, 3) }, () => {
      const location = chance.pick(["vault", "chain", "moon", ""]);
      const usd = chance.between(-1000, 8000);
      return held({ usd, currency, terms, slidesWith, ...(location === "" ? {} : { location }) });
    });
  });
}

describe("any collateral", () => {
  it.each(seeds(200))("equals its definition (seed %d)", (seed) => {
    const chance = seededChance(seed);
    const balances = randomBalances(chance);
    const delta = chance.between(-40, 10);
    const hedge = { deltaOf: () => delta, indexOf: () => 100 };
    for (const stage of ["initial", "maintenance"] as const) {
      const got = collateralUsd(balances, stage, places, hedge);
      expect(got).toBeCloseTo(slowCollateral(balances, stage, delta), 8);
    }
  });

  it.each(seeds(100))("never counts more than it is worth, nor less for more (seed %d)", (seed) => {
    const chance = seededChance(500 + seed);
    const balances = randomBalances(chance);
    const hedge = { deltaOf: () => -7, indexOf: () => 100 };
    const of = (all: readonly BalanceValue[]) => collateralUsd(all, "initial", places, hedge);
    const worth = balances.reduce((sum, { usd }) => sum + usd, 0);
    expect(of(balances)).toBeLessThanOrEqual(worth + 1e-9);
    const more = balances.map((balance) => ({ ...balance, usd: balance.usd + 10 }));
    expect(of(more)).toBeGreaterThanOrEqual(of(balances) - 1e-9);
  });
});

describe("equity", () => {
  const worth = {
    spotValue: 1,
    bondValue: 10,
    optionValue: 100,
    unrealisedPnl: 1000,
    unrealisedFunding: 10_000,
    markResidual: 100_000,
  };

  it("adds up every part once, and the stage's collateral", () => {
    const collateralOf = { initial: 1_000_000, maintenance: 2_000_000 };
    expect(equityOf(worth, collateralOf, "initial")).toBe(1_111_111);
    expect(equityOf(worth, collateralOf, "maintenance")).toBe(2_111_111);
  });

  it.each(Object.keys(worth))("falls with %s", (name) => {
    const less = { ...worth, [name]: -5 };
    const change = worth[name as keyof typeof worth] + 5;
    const none = { initial: 0, maintenance: 0 };
    expect(equityOf(worth, none, "initial") - equityOf(less, none, "initial")).toBe(change);
  });
});
