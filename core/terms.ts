/**
 * The terms of a margin model: every number and switch that makes one venue differ from another.
 *
 * A venue is a terms document (config/terms/*.json), never a branch in the code. What stands here
 * is the shape after merging and checking, one `UnderlyingTerms` per underlying, complete: the
 * arithmetic asks no file and knows no default. `null` means that the block is off.
 */
import type { AssetClass } from "./instrument.ts";

/** What a requirement is for: to open (initial) or to keep (maintenance). */
export const stages = ["initial", "maintenance"] as const;
export type Stage = (typeof stages)[number];

/** A figure for each stage. */
export interface Staged {
  readonly initial: number;
  readonly maintenance: number;
}

export const volDirections = ["up", "flat", "down"] as const;
export type VolDirection = (typeof volDirections)[number];

/** One explicit scenario row. Fractions; `dtDays` in days, `dr` per year. */
export interface RowTerms {
  readonly slide: number;
  /** A direction of the vol rule, or a relative move of the vol (0.45 is +45 %). */
  readonly vol: VolDirection | number;
  /** Added to the vol after everything else (0.05 is five points). */
  readonly volPoints: number;
  readonly skew: "linear" | "absolute" | null;
  readonly weight: number;
  readonly dtDays: number;
  readonly dr: number;
}

export interface TailTerms {
  readonly moves: readonly number[];
  readonly vol: VolDirection;
  /** weight = min(1, factor x range / |move|) unless `weights` names them. */
  readonly factor: number;
  readonly weights: readonly number[] | null;
  /** USD of tail loss that is forgiven. */
  readonly dampener: number;
  readonly dampenerMode: "subtract" | "threshold";
  /** Futures and perpetuals: follow the move, or stop at the range's edge, unweighted. */
  readonly linear: "slide" | "clampAtRange";
}

export const recipes = ["ladder", "points", "none"] as const;

export interface ScenarioTerms {
  readonly recipe: (typeof recipes)[number];
  /** Half-width of the price axis where no grid is published. */
  readonly slideRange: number;
  /** Points recipe: nodes from -range to +range; node 0 is added to an even count. */
  readonly slidePoints: number;
  /** Vol directions of the core rows, in row order. */
  readonly core: readonly VolDirection[];
  /** Vol-flat copies of the core slides: time passed (days), rate moves (per year). */
  readonly cross: { readonly dtDays: readonly number[]; readonly dr: readonly number[] };
  readonly tails: TailTerms | null;
  readonly ladder: { readonly step: number; readonly max: number };
  /** Explicit rows replace the recipe and are never rescaled. */
  readonly rows: readonly RowTerms[] | null;
}

export const volKinds = ["relative", "absolute", "stdev"] as const;

export interface VolTerms {
  /** relative: vol (1 ± x); absolute: vol ± x points; stdev: vol (1 ± x volOfVol √horizon). */
  readonly kind: (typeof volKinds)[number];
  readonly up: number;
  readonly down: number;
  readonly shortPower: number;
  readonly longPower: number;
  readonly referenceDays: number;
  readonly floorDays: number;
  /** Lowest vol after an up shock. */
  readonly minShockedVol: number;
  /** Shocks by tenor, in place of up, down and the powers; linear between, flat outside. */
  readonly tenorTable:
    | readonly { readonly days: number; readonly up: number; readonly down: number }[]
    | null;
  /** stdev only: annual vol of vol, and the horizon in days. */
  readonly volOfVol: number;
  readonly horizonDays: number;
}

/** Wing tilts: the linear and the absolute row, slide 0, weight 1 (see margin.md, skew rows). */
export interface SkewTerms {
  readonly linearBase: number;
  readonly linearCap: number;
  readonly absoluteBase: number;
  readonly absoluteCap: number;
  readonly kStarMin: number;
  readonly widthScale: number;
  readonly volStatic: number;
  readonly volScale: number;
}

export interface StaticDiscountTerms {
  readonly long: number;
  readonly longMult: number;
  readonly longAdd: number;
  readonly short: number;
  readonly shortMult: number;
  readonly shortAdd: number;
}

/** A charge's place: inside the factor of its stage or beside it. */
interface Placed {
  readonly inside: boolean;
}

export interface ChargeTerms {
  /** Σ_expiries |Δ_e| x index x max(minMove, annualisedMove x T). */
  readonly roll: (Placed & { readonly minMove: number; readonly annualisedMove: number }) | null;
  /** Per expiry worst of two forward moves, x (add + mult T); counts where `combine` names it. */
  readonly basis:
    | (Placed & {
        readonly up: number;
        readonly down: number;
        readonly add: number;
        readonly mult: number;
      })
    | null;
  /** Net short options per strike or across strikes, share of index; floor per contract. */
  readonly nakedShort:
    | (Placed & Staged & { readonly perStrike: boolean; readonly minimumPerContract: number })
    | null;
  /** Share of perpetual notional, gross over instruments. */
  readonly perp: (Placed & Staged) | null;
  /** rate x (1 - confidence) x notional where confidence < threshold; initial only. */
  readonly oracle: (Placed & { readonly threshold: number; readonly rate: number }) | null;
  /** Adds max(0, threshold - peg) x factor to the initial factor. */
  readonly peg: {
    readonly currency: string;
    readonly threshold: number;
    readonly factor: number;
  } | null;
  /** |Δ cash| x min(max, increment x (|Δ cash| - thresholdUsd) / index) above the threshold. */
  readonly deltaShock:
    | (Placed & {
        readonly thresholdUsd: number;
        readonly increment: number;
        readonly max: number;
      })
    | null;
  /** net x |net Δ| + hedged x (gross - |net|) / 2, x index. */
  readonly minimumDelta: (Placed & { readonly net: number; readonly hedged: number }) | null;
  /** 0.5 x max(0, -gammaCash) x (g vol √dt)² on legs that expire within `hours`. */
  readonly gamma:
    | (Placed & {
        readonly hours: number;
        readonly multiplier: number;
        readonly dtDays: number;
      })
    | null;
  /** Perpetual funding still to be paid, none received: rate x notional x intervals. */
  readonly funding: (Placed & { readonly intervals: number }) | null;
  /** Marginal tiers on the hedged size between spot and derivatives, USD. */
  readonly stableBasis:
    | (Placed & {
        readonly tiers: readonly { readonly sizeUsd: number; readonly rate: number }[];
      })
    | null;
  /** Shares of the open-order term in each stage. */
  readonly openOrders: Staged & { readonly method: "subsets" | "worstSide" };
}

export const chargeNames = [
  "roll",
  "basis",
  "nakedShort",
  "minimumPerContract",
  "perp",
  "oracle",
  "deltaShock",
  "minimumDelta",
  "gamma",
  "funding",
  "stableBasis",
  "size",
] as const;
export type ChargeName = (typeof chargeNames)[number];

/** Charges that set a floor and not an amount: the node `minimum` is the largest of them. */
export const minimumCharges: readonly ChargeName[] = ["minimumPerContract", "minimumDelta"];

export const rowFamilies = ["slides", "tails", "theta", "rates", "skew"] as const;
export type RowFamily = (typeof rowFamilies)[number];

/** How row families and charges make one requirement; every node is floored at 0. */
export type CombineNode =
  | RowFamily
  | "basis"
  | "charges"
  | "minimum"
  | "zero"
  | `charges.${ChargeName}`
  | { readonly max: readonly CombineNode[] }
  | { readonly sum: readonly CombineNode[] };

/** Whether the tree counts the leaf anywhere. */
export function names(node: CombineNode, leaf: string): boolean {
  if (typeof node === "string") return node === leaf;
  return ("max" in node ? node.max : node.sum).some((branch) => names(branch, leaf));
}

export const conversions = ["shocked", "rangeEdge", "base"] as const;
export const gainRules = ["count", "floorUnderlying", "floorPortfolio"] as const;
export const regimeModes = ["off", "scale", "floor", "replace"] as const;

export interface LiquidityTerms {
  readonly depthUsd: number;
  readonly inside: boolean;
  /** Brackets in multiples of depth, ascending; the multiplier holds above. */
  readonly tiers: readonly {
    readonly above: number;
    readonly multiplier: number;
    /** Also charge this bracket's share of the loss between the range and `gammaNodes` beyond. */
    readonly gammaNodes: number;
  }[];
}

export interface UnderlyingTerms {
  readonly scenarios: ScenarioTerms;
  /** One rule, or several of which the worse counts in each direction. */
  readonly vol: readonly VolTerms[];
  readonly skew: SkewTerms | null;
  readonly staticDiscount: StaticDiscountTerms | null;
  /** Last seconds in which an option's forward is averaged away. */
  readonly settlementAveragingSeconds: number;
  readonly discountOptions: boolean;
  readonly rateFloor: number | null;
  /** Index at which coin P&L of an inverse contract is converted. */
  readonly conversion: (typeof conversions)[number];
  readonly gains: (typeof gainRules)[number];
  /** Decimals of the numeraire that a worst loss keeps before factors, half up; null: all. */
  readonly lossDecimals: number | null;
  readonly charges: ChargeTerms;
  readonly combine: CombineNode;
  readonly factors: Staged;
  readonly liquidity: LiquidityTerms | null;
  readonly regime: {
    readonly assetClass: AssetClass;
    readonly mode: (typeof regimeModes)[number];
  };
}

export interface OffsetGroup {
  /** Underlyings, or ["*"] for all. */
  readonly members: readonly string[];
  readonly credit: number;
  readonly beta: Readonly<Record<string, number>>;
}

export interface CollateralTerms {
  readonly initialHaircut: number;
  readonly maintenanceHaircut: number;
  /** Marginal brackets of the value, USD; the haircut serves both stages. */
  readonly tiers: readonly { readonly aboveUsd: number; readonly haircut: number }[];
  /** Value counted at most, USD. */
  readonly cap: number | null;
  /** A negative balance of this currency is refused as collateral netting: only > 0 counts. */
  readonly onlyPositive: boolean;
  /** The whole coin equity slides with its underlying. */
  readonly inScenarios: boolean;
  readonly haircutInScenarios: "none" | "unhedged" | "full";
}

export interface LocationTerms {
  readonly haircut: number;
  readonly cap: number | null;
  readonly finalitySeconds: number;
}

/** Formulas per position; a kind without one has no isolated and no cross figures. */
export interface StandardTerms {
  readonly linear: {
    readonly initial: number;
    readonly maintenance: number;
    readonly step: number;
  } | null;
  readonly shortOption: {
    readonly initialMax: number;
    readonly initialMin: number;
    readonly maintenance: number;
    readonly liquidationFee: number;
    /** The premium counts max(entry, mark) where an entry is known, rather than the mark. */
    readonly entryPremium: boolean;
    /** In cross mode an expiry never needs more than it can lose. */
    readonly maximumLossCap: boolean;
  } | null;
  readonly spot: Staged;
  readonly bond: Staged;
}

/** Effective terms, merged and checked. */
export interface Terms {
  readonly name: string;
  readonly version: string;
  readonly source: string;
  /** A currency, or "coin": the coin of the account's one underlying. */
  readonly numeraire: string;
  /** Smallest unit of a published amount, in the numeraire. */
  readonly step: number;
  /** Lists every underlying's terms; "*" serves those it does not name. */
  readonly perUnderlying: Readonly<Record<string, UnderlyingTerms>>;
  /** The same by asset class, for classes that have terms of their own; see `termsOf`. */
  readonly perAssetClass: Readonly<
    Partial<Record<AssetClass, Readonly<Record<string, UnderlyingTerms>>>>
  >;
  readonly offsets: { readonly groups: readonly OffsetGroup[] };
  readonly collateral: Readonly<Record<string, CollateralTerms>>;
  readonly locations: Readonly<Record<string, LocationTerms>>;
  readonly initialAtLeastMaintenance: boolean;
  readonly status: { readonly callAt: number };
  readonly standard: StandardTerms | null;
  readonly liquidation: {
    readonly target: { readonly restore: Stage; readonly ratio: number };
    readonly feeRate: number;
    readonly rounds: number;
    readonly mayHedge: boolean;
  } | null;
}

/** The terms of one underlying: its own in its class, its own, those of its class, else "*". */
export function termsOf(terms: Terms, underlying: string, assetClass: AssetClass): UnderlyingTerms {
  const ofClass = terms.perAssetClass[assetClass];
  return (
    ofClass?.[underlying] ??
    terms.perUnderlying[underlying] ??
    ofClass?.["*"] ??
    terms.perUnderlying["*"]!
  );
}
