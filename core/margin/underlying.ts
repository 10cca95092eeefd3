/**
 * The requirement of one underlying: rows scanned, charges added, both combined, for each stage.
 */
import type { Mask } from "../scenario/mask.ts";
import { names, type Stage, type Staged, stages } from "../terms.ts";
import { sizeBeyond } from "./charges/size.ts";
import { type StagedCharges, stagedCharges, withFactor } from "./charges/stage-charges.ts";
import { type ChargeAmounts, combine } from "./combine.ts";
import type { Holding, RestingOrder } from "./holding.ts";
import type { Greeks, Leg } from "./leg.ts";
import { portfolioRows } from "./portfolio-rows.ts";
import { refuseOrdersBeside, type Scan, scan, standalone } from "./scan.ts";
import type { StageView, UnderlyingView } from "./view.ts";

export interface UnderlyingInput {
  readonly view: UnderlyingView;
  /** In canonical order: by instrument id. */
  readonly holdings: readonly Holding[];
  readonly orders: readonly RestingOrder[];
  /** Coin equity that slides with the underlying, USD. */
  readonly coinUsd: number;
  /** Added to the initial factor (peg). */
  readonly pegFactor: number;
}

export interface StageResult {
  readonly stage: StageView;
  /** One per mask of the stage, inner first. */
  readonly scans: readonly Scan[];
  readonly factor: number;
  readonly charges: ChargeAmounts;
  /** Requirement of the rows alone, before factor, ≥ 0. */
  readonly scanningRisk: number;
  /** The combined requirement, ≥ 0. */
  readonly requirement: number;
}

export interface UnderlyingResult {
  readonly view: UnderlyingView;
  readonly input: UnderlyingInput;
  readonly charges: StagedCharges;
  readonly initial: StageResult;
  readonly maintenance: StageResult;
  /** P&L by row of the initial plane, without weights. */
  readonly pnl: Float64Array;
  /** Of the legs together; coin collateral is not among them. */
  readonly greeks: Greeks;
}

/** @throws RiskError unsupported (orders beside skew rows), risk_not_finite */
export function underlyingRequirement(input: UnderlyingInput): UnderlyingResult {
  const { view, holdings, coinUsd } = input;
  const { initial, maintenance } = view.terms.charges.openOrders;
  const ordersCount = input.orders.length > 0 && initial + maintenance > 0;
  if (ordersCount) refuseOrdersBeside(view.terms, view.id);
  const rows = new Map<number, Float64Array>();
  const rowsOf = (plane: number): Float64Array => {
    const known = rows.get(plane) ?? portfolioRows(view, plane, holdings, coinUsd);
    rows.set(plane, known);
    return known;
  };
  const charges = withGammaSize(input, stagedCharges(view, holdings, coinUsd), rowsOf);
  return {
    view,
    input,
    charges,
    initial: stageResult(input, "initial", charges, rowsOf),
    maintenance: stageResult(input, "maintenance", charges, rowsOf),
    pnl: rowsOf(view.initial.plane),
    greeks: sumGreeks(holdings),
  };
}

type RowsOf = (plane: number) => Float64Array;

/** Adds the gamma part to the size charge, where a liquidity tier asks for it. */
function withGammaSize(
  input: UnderlyingInput,
  charges: StagedCharges,
  rowsOf: RowsOf,
): StagedCharges {
  const { view } = input;
  if (view.initial.beyond.every((reach) => reach === null)) return charges;
  const size = staged((name) => {
    const stage = view[name];
    const riskTo = (masks: readonly Mask[]) => {
      const scans = scanMasks(input, { name, plane: stage.plane }, rowsOf(stage.plane), masks);
      return standalone(masks, scans);
    };
    // A loss of rows like any other: it takes their factor, or a wider range could ask for less.
    const factor = view.terms.liquidity?.inside ? 1 : stageFactor(input, name);
    const beyond = sizeBeyond(view, stage, riskTo(stage.masks), riskTo);
    return (charges.size?.[name] ?? 0) + factor * beyond;
  });
  return { ...charges, size };
}

function stageResult(
  input: UnderlyingInput,
  name: Stage,
  charges: StagedCharges,
  rowsOf: RowsOf,
): StageResult {
  const { view } = input;
  const stage = view[name];
  const factor = stageFactor(input, name);
  const amounts = withFactor(view.terms, charges, name, factor);
  const scans = scanStage(input, name, stage.plane, rowsOf(stage.plane));
  let requirement = 0;
  stage.masks.forEach(({ share }, i) => {
    const { lossDecimals: decimals } = view.terms;
    const leaves = { scan: scans[i]!, factor, charges: amounts, decimals };
    requirement += share * combine(view.terms.combine, leaves);
  });
  const scanningRisk = standalone(stage.masks, scans);
  return { stage, scans, factor, charges: amounts, scanningRisk, requirement };
}

/** The factor on rows of a stage. */
export function stageFactor({ view, pegFactor }: UnderlyingInput, stage: Stage): number {
  return view.terms.factors[stage] + (stage === "initial" ? pegFactor : 0);
}

/** One scan per mask of the stage, over rows of `plane`. */
export function scanStage(
  input: UnderlyingInput,
  name: Stage,
  plane: number,
  pnl: Float64Array,
): Scan[] {
  return scanMasks(input, { name, plane }, pnl, input.view[name].masks);
}

function scanMasks(
  { view, orders }: UnderlyingInput,
  { name, plane }: { readonly name: Stage; readonly plane: number },
  pnl: Float64Array,
  masks: readonly Mask[],
): Scan[] {
  const terms = view.terms.charges.openOrders;
  const term = { orders, share: terms[name], worstSide: terms.method === "worstSide" };
  return masks.map((mask) => scan(view, plane, mask, pnl, term));
}

/**
 * Whether the basis charge, where the tree counts it, is at least every row's loss: it wins ties.
 */
export function basisIsWorst({ view }: UnderlyingResult, { charges, scans, factor }: StageResult) {
  if (!names(view.terms.combine, "basis") || charges.basis === undefined) return false;
  const outer = scans[scans.length - 1]!;
  return charges.basis >= factor * Math.max(0, outer.loss);
}

function sumGreeks(holdings: readonly Holding[]): Greeks {
  const sum = { delta: 0, gamma: 0, vega: 0, theta: 0, rho: 0 };
  for (const { leg, quantity } of holdings) addGreeks(sum, leg, quantity);
  return sum;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

function addGreeks(sum: Mutable<Greeks>, { greeks }: Leg, quantity: number): void {
  sum.delta += quantity * greeks.delta;
  sum.gamma += quantity * greeks.gamma;
  sum.vega += quantity * greeks.vega;
  sum.theta += quantity * greeks.theta;
  sum.rho += quantity * greeks.rho;
}

/** An amount for each stage. */
export function staged(of: (stage: Stage) => number): Staged {
  const [initial, maintenance] = stages.map(of);
  return { initial: initial!, maintenance: maintenance! };
}
