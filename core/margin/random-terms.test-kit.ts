/**
 * Random terms: every recipe, rule and charge that a document may name, within its contradictions.
 */
import type {
  ChargeTerms,
  CombineNode,
  OffsetGroup,
  RowTerms,
  ScenarioTerms,
  TailTerms,
  Terms,
  UnderlyingTerms,
  VolDirection,
  VolTerms,
} from "../terms.ts";
import type { Chance } from "./chance.test-kit.ts";
import {
  bareUnderlying,
  cash,
  coin,
  noCharges,
  row,
  termsOfAll,
  usualStandard,
  usualTails,
  usualVol,
} from "./terms.test-kit.ts";

export type Recipe = "ladder" | "points" | "rows";
export const everyRecipe: readonly Recipe[] = ["ladder", "points", "rows"];

export interface TermsChoices {
  readonly recipe?: Recipe;
  /** Skew rows and static discounts: they refuse open orders. */
  readonly signed?: boolean;
  readonly numeraire?: string;
  /** Only what scales with positions: no dampener, no brackets, no shock. */
  readonly linear?: boolean;
  /** No charge at all, so that rows are seen alone. */
  readonly bare?: boolean;
  readonly groups?: boolean;
}

const STEPS = [0.01, 0.02, 0.025, 0.05];

/** Terms of two underlyings whose rows can meet: equal but for their ranges. */
export function randomTerms(chance: Chance, choices: TermsChoices = {}): Terms {
  const of = randomUnderlying(chance, choices);
  const other = { ...of, scenarios: { ...of.scenarios, slideRange: chance.between(0.05, 0.45) } };
  return termsOfAll(of, {
    perUnderlying: { "*": of, ETH: other },
    numeraire: choices.numeraire ?? chance.pick(["USD", "USD", "USDC", "BTC"]),
    step: chance.pick([0.01, 1, 1e-6]),
    offsets: { groups: choices.groups === false ? [] : randomGroups(chance) },
    collateral: {
      "*": { ...cash, initialHaircut: 0.2, maintenanceHaircut: 0.15 },
      USD: cash,
      USDC: { ...cash, initialHaircut: chance.pick([0, 0.01]) },
      BTC: {
        ...coin,
        inScenarios: chance.yes(0.7),
        haircutInScenarios: chance.pick(["none", "unhedged", "full"] as const),
        cap: chance.yes(0.2) ? 100_000 : null,
      },
      ETH: coin,
      wBTC: { ...coin, initialHaircut: 0.2, tiers: [] },
    },
    locations: { vault: { haircut: 0.05, cap: 400_000, finalitySeconds: 0 } },
    initialAtLeastMaintenance: chance.yes(0.7),
    standard: chance.yes(0.7) ? usualStandard : null,
  });
}

function randomUnderlying(chance: Chance, choices: TermsChoices): UnderlyingTerms {
  const recipe = choices.recipe ?? chance.pick(everyRecipe);
  const ladder = recipe === "ladder";
  const signed = choices.signed === true;
  return {
    ...bareUnderlying,
    scenarios: randomScenarios(chance, recipe, choices),
    vol: Array.from({ length: chance.whole(1, 2) }, () => randomVol(chance)),
    skew: signed ? skewTerms : null,
    staticDiscount: signed && chance.yes(0.7) ? discountTerms : null,
    settlementAveragingSeconds: chance.pick([0, 1800]),
    discountOptions: chance.yes(0.8),
    rateFloor: chance.pick([null, 0]),
    conversion: chance.pick(ladder ? ["shocked", "base"] : ["shocked", "base", "rangeEdge"]),
    gains: choices.linear ? "count" : chance.pick(["count", "floorUnderlying", "floorPortfolio"]),
    charges: choices.bare ? noCharges : randomCharges(chance, choices),
    combine: choices.bare ? rowsOnly : chance.pick(trees),
    factors: { initial: chance.pick([1, 1.3]), maintenance: chance.pick([0.5, 0.8, 1]) },
    liquidity:
      choices.linear || choices.bare || chance.yes(0.5)
        ? null
        : {
            depthUsd: 200_000,
            inside: chance.yes(0.5),
            tiers: [
              { above: 1, multiplier: 1.25, gammaNodes: 0 },
              { above: 5, multiplier: 1.5, gammaNodes: 0 },
            ],
          },
    regime: {
      assetClass: "crypto",
      mode: recipe === "rows" ? chance.pick(["off", "scale"]) : chance.pick(modes),
    },
  };
}

const modes = ["off", "scale", "floor", "replace"] as const;
const rowsOnly: CombineNode = { max: ["slides", "tails", "theta", "rates", "skew"] };
const trees: readonly CombineNode[] = [
  bareUnderlying.combine,
  { sum: [{ max: ["slides", "tails"] }, "theta", "rates", "skew", "charges"] },
  { sum: [{ max: ["slides", "tails", "theta", "rates", "skew", "basis"] }, "charges"] },
  { sum: [{ max: [{ sum: ["slides", "charges.roll"] }, "tails", "minimum", "zero"] }, "charges"] },
];

function randomScenarios(chance: Chance, recipe: Recipe, choices: TermsChoices): ScenarioTerms {
  const core = chance.pick<readonly VolDirection[]>([
    ["up", "flat", "down"],
    ["flat", "up"],
    ["up", "flat", "down"],
  ]);
  return {
    recipe: recipe === "rows" ? "none" : recipe,
    slideRange: chance.between(0.02, 0.45),
    slidePoints: chance.whole(3, 21),
    core,
    cross: {
      dtDays: chance.pick([[], [1], [1, 7]]),
      dr: chance.pick([[], [-0.01, 0.01]]),
    },
    tails: chance.yes(0.2) ? null : randomTails(chance, recipe === "ladder", choices),
    ladder: { step: chance.pick(STEPS), max: 0.6 },
    rows: recipe === "rows" ? randomRows(chance, choices) : null,
  };
}

function randomTails(chance: Chance, ladder: boolean, { linear }: TermsChoices): TailTerms {
  const named = chance.yes(0.2);
  return {
    ...usualTails,
    vol: chance.pick(["up", "flat", "down"] as const),
    factor: chance.pick(ladder ? [1, 1.5] : [1, 0.5, 0]),
    weights: named ? usualTails.moves.map(() => chance.between(0, 0.4)) : null,
    dampener: linear || chance.yes(0.6) ? 0 : chance.between(0, 100_000),
    dampenerMode: chance.pick(["subtract", "threshold"] as const),
    linear: !ladder && chance.yes(0.3) ? "clampAtRange" : "slide",
  };
}

function randomRows(chance: Chance, { signed }: TermsChoices): RowTerms[] {
  return Array.from({ length: chance.whole(2, 24) }, () =>
    row({
      slide: chance.between(-0.7, 1.5),
      vol: chance.pick(["up", "flat", "down", 0.45, -0.2] as const),
      volPoints: chance.pick([0, 0, 0.05, -0.1]),
      skew: signed ? chance.pick([null, "linear", "absolute"] as const) : null,
      weight: chance.pick([1, 1, 0, 0.35, 2]),
      dtDays: chance.pick([0, 0, 1]),
      dr: chance.pick([0, 0, 0.01]),
    }),
  );
}

function randomVol(chance: Chance): VolTerms {
  return {
    ...usualVol,
    kind: chance.pick(["relative", "relative", "absolute", "stdev"] as const),
    up: chance.between(0, 1),
    down: chance.between(0, 1.2),
    volOfVol: 1.5,
    shortPower: chance.pick([0, 0.3]),
    minShockedVol: chance.pick([0, 0.5]),
    tenorTable: chance.yes(0.2)
      ? [
          { days: 1, up: 0.8, down: 0.4 },
          { days: 30, up: 0.4, down: 0.2 },
        ]
      : null,
  };
}

/** Those of a published venue: caps ±0.15, base -0.05. */
export const skewTerms = {
  linearBase: -0.05,
  linearCap: 0.15,
  absoluteBase: -0.05,
  absoluteCap: 0.15,
  kStarMin: 0.01,
  widthScale: 4,
  volStatic: 0.6,
  volScale: -0.1,
};

export const discountTerms = {
  long: 0.95,
  longMult: 1,
  longAdd: 0.08,
  short: 1.04,
  shortMult: 0.5,
  shortAdd: 0.08,
};

function randomCharges(chance: Chance, { linear }: TermsChoices): ChargeTerms {
  const maybe = <T extends object>(block: T) =>
    chance.yes(0.5) ? { ...block, inside: chance.yes(0.5) } : null;
  return {
    roll: maybe({ minMove: 0.01, annualisedMove: 0.075 }),
    basis: maybe({ up: 0.045, down: -0.045, add: 0.5, mult: 2 }),
    nakedShort: maybe({
      perStrike: chance.yes(0.5),
      initial: 0.005,
      maintenance: 0.003,
      minimumPerContract: chance.pick([0, 37.5]),
    }),
    perp: maybe({ initial: 0.02, maintenance: 0.015 }),
    oracle: maybe({ threshold: 0.55, rate: 1 }),
    peg: chance.yes(0.3) ? { currency: "USDC", threshold: 0.98, factor: 2 } : null,
    deltaShock: linear ? null : maybe({ thresholdUsd: 1e5, increment: 5e-5, max: 0.1 }),
    minimumDelta: maybe({ net: 0.02, hedged: 0.01 }),
    gamma: maybe({ hours: 24, multiplier: 3, dtDays: 1 }),
    funding: maybe({ intervals: 3 }),
    stableBasis: linear
      ? null
      : maybe({
          tiers: [
            { sizeUsd: 1e5, rate: 0.0075 },
            { sizeUsd: 4e5, rate: 0.0175 },
          ],
        }),
    openOrders: { initial: 1, maintenance: chance.pick([0, 0.5]), method: "subsets" },
  };
}

function randomGroups(chance: Chance): OffsetGroup[] {
  if (chance.yes(0.3)) return [];
  return [
    {
      members: chance.pick([["BTC", "ETH"], ["*"]]),
      credit: chance.pick([0, 0.5, 0.8, 1]),
      beta: chance.yes(0.3) ? { ETH: chance.pick([0.8, 1.2, -0.15]) } : {},
    },
  ];
}
