/**
 * Margin modes side by side: what the same positions need in full, isolated, cross and portfolio mode.
 *
 *      linear        |q| c P (base + step x size)
 *      short option  IM  c (max(imMax S - OTM, imMin S) + max(entry?, mark))
 *                    MM  c (max(mm S, mm mark) + mark + liqFee S),    IM >= MM
 *      long option   0
 *      full          cash-secured: the most that each expiry can lose, notional of linear legs
 *
 *      capital_isolated = Σ_i max(0, IM_i - uPnL_i - value_i)
 *      capital_cross, _full, _portfolio = max(0, IM - Σ_i (uPnL_i + value_i))
 */
import type { Staged, StandardTerms } from "../terms.ts";
import { grouped, type Holding, isOption } from "./holding.ts";
import type { Leg } from "./leg.ts";

/** A position as the standard formulas read it. */
export interface StandardPosition {
  readonly leg: Leg;
  readonly quantity: number;
  readonly entryPrice: number | undefined;
  /** Index of its underlying, USD. */
  readonly index: number;
  /** Numeraire per USD. */
  readonly unit: number;
  /** P&L and value of the position, numeraire. */
  readonly worth: number;
}

export interface ModeFigures {
  readonly initialMargin: number;
  readonly maintenanceMargin: number;
  readonly capital: number;
}

export interface StandardModes {
  readonly full: ModeFigures;
  readonly isolated: ModeFigures;
  readonly cross: ModeFigures;
}

export function standardModes(
  terms: StandardTerms,
  positions: readonly StandardPosition[],
): StandardModes {
  const each = positions.map((position) => standardMargin(terms, position));
  const worth = positions.reduce((sum, position) => sum + position.worth, 0);
  const initialMargin = each.reduce((sum, { initial }) => sum + initial, 0);
  const maintenanceMargin = each.reduce((sum, { maintenance }) => sum + maintenance, 0);
  const isolated = each.reduce(
    (sum, { initial }, i) => sum + Math.max(0, initial - positions[i]!.worth),
    0,
  );
  const full = maximumLoss(positions);
  const margins = { initialMargin, maintenanceMargin };
  return {
    full: { initialMargin: full, maintenanceMargin: full, capital: Math.max(0, full - worth) },
    isolated: { ...margins, capital: isolated },
    cross: { ...margins, capital: Math.max(0, initialMargin - worth) },
  };
}

/** One position by itself, numeraire. */
export function standardMargin(terms: StandardTerms, position: StandardPosition): Staged {
  const { leg, quantity } = position;
  const { spec } = leg.market;
  if (spec.kind === "option") {
    return quantity < 0 ? shortOption(terms, position) : { initial: 0, maintenance: 0 };
  }
  if (spec.kind === "future" || spec.kind === "perpetual") return linear(terms, position);
  const value = Math.abs(quantity * leg.value) * leg.unit;
  const rates = spec.kind === "bond" ? terms.bond : terms.spot;
  return { initial: value * rates.initial, maintenance: value * rates.maintenance };
}

function linear(terms: StandardTerms, { leg, quantity, unit }: StandardPosition): Staged {
  const { spec } = leg.market;
  const contracts = Math.abs(quantity) * spec.contractSize;
  const inverse = spec.settlement === "inverse";
  const size = inverse ? contracts / leg.price : contracts;
  const notional = inverse ? contracts * unit : contracts * leg.price * leg.unit;
  const { initial, maintenance, step } = terms.linear;
  return {
    initial: notional * (initial + step * size),
    maintenance: notional * (maintenance + step * size),
  };
}

function shortOption(terms: StandardTerms, position: StandardPosition): Staged {
  const { leg, quantity, entryPrice, index, unit } = position;
  const { spec } = leg.market;
  const rule = terms.shortOption;
  const call = spec.right === "call";
  const inverse = spec.settlement === "inverse";
  // An inverse option's prices are in coin: measured in USD at the index.
  const inUsd = inverse ? index : leg.unit / unit;
  const mark = leg.price * inUsd;
  const entry = rule.entryPremium && entryPrice !== undefined ? entryPrice * inUsd : mark;
  const strike = spec.strike!;
  const otm = Math.max(0, call ? strike - index : index - strike);
  const risk = Math.max(rule.initialMax * index - otm, rule.initialMin * index);
  const keep =
    Math.max(rule.maintenance * index, rule.maintenance * mark) +
    mark +
    rule.liquidationFee * index;
  const contracts = Math.abs(quantity) * spec.contractSize * unit;
  const maintenance = contracts * keep;
  return {
    initial: Math.max(contracts * (risk + Math.max(entry, mark)), maintenance),
    maintenance,
  };
}

/** Cash-secured requirement, numeraire: expiries apart, no credit between them. */
function maximumLoss(positions: readonly StandardPosition[]): number {
  const holdings = positions.map(({ leg, quantity }) => ({
    leg,
    quantity,
    low: quantity,
    high: quantity,
  }));
  const at = new Map(positions.map((position) => [position.leg, position]));
  let total = 0;
  for (const { leg, quantity } of holdings) {
    const { spec } = leg.market;
    if (spec.kind === "option") continue;
    if (spec.kind === "future" || spec.kind === "perpetual") {
      const contracts = Math.abs(quantity) * spec.contractSize;
      const inverse = spec.settlement === "inverse";
      total += inverse ? contracts * at.get(leg)!.unit : contracts * leg.price * leg.unit;
    } else if (quantity < 0) {
      total += -quantity * leg.value * leg.unit;
    }
  }
  const key = ({ market, seconds }: Leg) => `${market.spec.underlying} ${seconds}`;
  for (const expiry of grouped(holdings.filter(isOption), key).values()) {
    const { index, unit } = at.get(expiry[0]!.leg)!;
    total += payoffLoss(expiry, index) * unit;
  }
  return total;
}

/** Most that the options of one expiry can owe at settlement, USD; uncovered calls are notional. */
export function payoffLoss(expiry: readonly Holding[], index: number): number {
  const strikes = expiry.map(({ leg }) => leg.market.spec.strike!);
  const top = Math.max(index, ...strikes);
  let loss = 0;
  for (const price of [0, ...strikes]) loss = Math.max(loss, -payoff(expiry, price));
  const calls = expiry.reduce((net, { leg, quantity }) => {
    const { right, contractSize } = leg.market.spec;
    return right === "call" ? net + quantity * contractSize : net;
  }, 0);
  return calls < 0 ? Math.max(loss, -payoff(expiry, top) - calls * top) : loss;
}

function payoff(expiry: readonly Holding[], price: number): number {
  return expiry.reduce((sum, { leg, quantity }) => {
    const { right, strike, contractSize } = leg.market.spec;
    const each = right === "call" ? price - strike! : strike! - price;
    return sum + quantity * contractSize * Math.max(0, each);
  }, 0);
}
