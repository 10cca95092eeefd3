/**
 * Terms for tests: everything off, the house's own, and either with a few blocks changed.
 *
 * Core cannot read a terms document (config is above it), so the defaults are written out here.
 */
import type {
  ChargeTerms,
  CollateralTerms,
  RowTerms,
  ScenarioTerms,
  StandardTerms,
  TailTerms,
  Terms,
  UnderlyingTerms,
  VolTerms,
} from "../terms.ts";

/** Resting orders count; nothing else is charged. */
export const noCharges: ChargeTerms = {
  roll: null,
  basis: null,
  nakedShort: null,
  perp: null,
  oracle: null,
  peg: null,
  deltaShock: null,
  minimumDelta: null,
  gamma: null,
  funding: null,
  stableBasis: null,
  openOrders: { initial: 1, maintenance: 0, method: "subsets" },
};

export const usualVol: VolTerms = {
  kind: "relative",
  up: 0.5,
  down: 0.25,
  shortPower: 0.3,
  longPower: 0.13,
  referenceDays: 30,
  floorDays: 1,
  minShockedVol: 0.5,
  tenorTable: null,
  volOfVol: 0,
  horizonDays: 1,
};

export const usualTails: TailTerms = {
  moves: [-0.66, -0.33, 0.5, 1, 2, 3, 4, 5],
  vol: "up",
  factor: 1,
  weights: null,
  dampener: 0,
  dampenerMode: "subtract",
  linear: "slide",
};

const points: ScenarioTerms = {
  recipe: "points",
  slideRange: 0.16,
  slidePoints: 9,
  core: ["up", "flat", "down"],
  cross: { dtDays: [], dr: [] },
  tails: null,
  ladder: { step: 0.02, max: 0.5 },
  rows: null,
};

/** Nine slides to ±16 % in three vol directions, and nothing else: no charge, no factor. */
export const bareUnderlying: UnderlyingTerms = {
  scenarios: points,
  vol: [usualVol],
  skew: null,
  staticDiscount: null,
  settlementAveragingSeconds: 0,
  discountOptions: true,
  rateFloor: null,
  conversion: "shocked",
  gains: "count",
  lossDecimals: null,
  charges: noCharges,
  combine: { sum: [{ max: ["slides", "tails", "theta", "rates", "skew"] }, "charges"] },
  factors: { initial: 1, maintenance: 1 },
  liquidity: null,
  regime: { assetClass: "crypto", mode: "off" },
};

/** The house's terms of a coin: a ladder with tails, a theta copy, roll, naked short and size. */
export const houseUnderlying: UnderlyingTerms = {
  ...bareUnderlying,
  scenarios: {
    ...points,
    recipe: "ladder",
    slideRange: 0.2,
    cross: { dtDays: [1], dr: [] },
    tails: usualTails,
  },
  charges: {
    ...noCharges,
    roll: { minMove: 0.01, annualisedMove: 0.075, inside: true },
    nakedShort: {
      perStrike: true,
      initial: 0.005,
      maintenance: 0.003,
      minimumPerContract: 0,
      inside: false,
    },
    openOrders: { initial: 1, maintenance: 0, method: "subsets" },
  },
  factors: { initial: 1, maintenance: 0.8 },
  liquidity: {
    depthUsd: 20_000_000,
    inside: false,
    tiers: [
      { above: 1, multiplier: 1.25, gammaNodes: 0 },
      { above: 5, multiplier: 1.5, gammaNodes: 0 },
    ],
  },
  regime: { assetClass: "crypto", mode: "replace" },
};

export const cash: CollateralTerms = {
  initialHaircut: 0,
  maintenanceHaircut: 0,
  tiers: [],
  cap: null,
  onlyPositive: false,
  inScenarios: false,
  haircutInScenarios: "full",
};

export const coin: CollateralTerms = {
  ...cash,
  initialHaircut: 0.1,
  maintenanceHaircut: 0.1,
  tiers: [{ aboveUsd: 5_000_000, haircut: 0.15 }],
  inScenarios: true,
  haircutInScenarios: "unhedged",
};

export const usualStandard: StandardTerms = {
  linear: { initial: 0.02, maintenance: 0.01, step: 0.00005 },
  shortOption: {
    initialMax: 0.15,
    initialMin: 0.1,
    maintenance: 0.03,
    liquidationFee: 0.002,
    entryPremium: true,
    maximumLossCap: false,
  },
  spot: { initial: 1, maintenance: 1 },
  bond: { initial: 1, maintenance: 1 },
};

/** Terms in which every underlying has `of`; no groups, no haircuts, no standard formulas. */
export function termsOfAll(of: UnderlyingTerms, rest: Partial<Terms> = {}): Terms {
  return {
    name: "test",
    version: "1",
    source: "a test",
    numeraire: "USD",
    step: 0.01,
    perUnderlying: { "*": of },
    perAssetClass: {},
    offsets: { groups: [] },
    collateral: { "*": cash },
    locations: {},
    initialAtLeastMaintenance: true,
    status: { callAt: 0.9 },
    standard: null,
    liquidation: null,
    ...rest,
  };
}

export const bareTerms: Terms = termsOfAll(bareUnderlying);

export const houseTerms: Terms = termsOfAll(houseUnderlying, {
  perUnderlying: {
    "*": houseUnderlying,
    ETH: { ...houseUnderlying, scenarios: { ...houseUnderlying.scenarios, slideRange: 0.24 } },
  },
  offsets: { groups: [{ members: ["BTC", "ETH"], credit: 0.5, beta: {} }] },
  collateral: {
    "*": { ...cash, initialHaircut: 0.2, maintenanceHaircut: 0.2 },
    USD: cash,
    USDC: cash,
    BTC: coin,
    ETH: coin,
  },
  standard: usualStandard,
});

/** `base` with blocks changed; scenarios and charges are merged one level down. */
export function changed(
  base: UnderlyingTerms,
  change: Partial<Omit<UnderlyingTerms, "scenarios" | "charges">> & {
    readonly scenarios?: Partial<ScenarioTerms>;
    readonly charges?: Partial<ChargeTerms>;
  },
): UnderlyingTerms {
  return {
    ...base,
    ...change,
    scenarios: { ...base.scenarios, ...change.scenarios },
    charges: { ...base.charges, ...change.charges },
  };
}

/** An explicit row that moves nothing but what `of` says. */
export function row(of: Partial<RowTerms>): RowTerms {
  return {
    slide: 0,
    vol: "flat",
    volPoints: 0,
    skew: null,
    weight: 1,
    dtDays: 0,
    dr: 0,
    ...of,
  };
}
