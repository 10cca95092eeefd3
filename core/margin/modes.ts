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
  /** null where a position's kind has no formula. */
  readonly isolated: ModeFigures | null;
  readonly cross: ModeFigures | null;
}

export function standardModes(
  terms: StandardTerms,
  positions: readonly StandardPosition[],
): StandardModes {
  const worth = positions.reduce((sum, position) => sum + position.worth, 0);
  const loss = maximumLoss(positions);
  const full = { initialMargin: loss, maintenanceMargin: loss, capital: Math.max(0, loss - worth) };
  const each = positions.map((position) => standardMargin(terms, position));
  if (!each.every((margin) => margin !== undefined)) return { full, isolated: null, cross: null };
  const capital = each.reduce(
    (sum, { initial }, i) => sum + Math.max(0, initial - positions[i]!.worth),
    0,
  );
  const alone = sumOf(each);
  const together = terms.shortOption?.maximumLossCap ? capped(positions, each) : alone;
  return {
    full,
    isolated: { initialMargin: alone.initial, maintenanceMargin: alone.maintenance, capital },
    cross: {
      initialMargin: together.initial,
      maintenanceMargin: together.maintenance,
      capital: Math.max(0, together.initial - worth),
    },
  };
}

function sumOf(margins: readonly Staged[]): Staged {
  return margins.reduce<Staged>(
    (sum, { initial, maintenance }) => ({
      initial: sum.initial + initial,
      maintenance: sum.maintenance + maintenance,
    }),
    { initial: 0, maintenance: 0 },
  );
}

/** The same with the options of each expiry held to the most that they can lose together. */
function capped(positions: readonly StandardPosition[], each: readonly Staged[]): Staged {
  const expiries = new Map<string, number[]>();
  const parts: Staged[] = [];
  positions.forEach(({ leg }, i) => {
    if (leg.market.spec.kind !== "option") parts.push(each[i]!);
    else {
      const key = `${leg.market.spec.underlying} ${leg.seconds}`;
      expiries.set(key, [...(expiries.get(key) ?? []), i]);
    }
  });
  for (const members of expiries.values()) {
    const { index, unit } = positions[members[0]!]!;
    const legs = members.map((i) => holdingOf(positions[i]!));
    const most = payoffLoss(legs, index) * unit;
    const { initial, maintenance } = sumOf(members.map((i) => each[i]!));
    parts.push({ initial: Math.min(initial, most), maintenance: Math.min(maintenance, most) });
  }
  return sumOf(parts);
}

const holdingOf = ({ leg, quantity }: StandardPosition): Holding => ({
  leg,
  quantity,
  low: quantity,
  high: quantity,
});

/** One position by itself, numeraire; undefined where its kind has no formula. */
export function standardMargin(
  terms: StandardTerms,
  position: StandardPosition,
): Staged | undefined {
  const { leg, quantity } = position;
  const { spec } = leg.market;
  if (spec.kind === "option") {
    if (quantity >= 0) return { initial: 0, maintenance: 0 };
    return terms.shortOption === null ? undefined : shortOption(terms.shortOption, position);
  }
  if (spec.kind === "future" || spec.kind === "perpetual") {
    return terms.linear === null ? undefined : linear(terms.linear, position);
  }
  const value = Math.abs(quantity * leg.value) * leg.unit;
  const rates = spec.kind === "bond" ? terms.bond : terms.spot;
  return { initial: value * rates.initial, maintenance: value * rates.maintenance };
}

type LinearTerms = NonNullable<StandardTerms["linear"]>;
type ShortOptionTerms = NonNullable<StandardTerms["shortOption"]>;

function linear(terms: LinearTerms, { leg, quantity, unit }: StandardPosition): Staged {
  const { spec } = leg.market;
  const contracts = Math.abs(quantity) * spec.contractSize;
  const inverse = spec.settlement === "inverse";
  const size = inverse ? contracts / leg.price : contracts;
  const notional = inverse ? contracts * unit : contracts * leg.price * leg.unit;
  const { initial, maintenance, step } = terms;
  return {
    initial: notional * (initial + step * size),
    maintenance: notional * (maintenance + step * size),
  };
}

function shortOption(rule: ShortOptionTerms, position: StandardPosition): Staged {
  const { leg, quantity, entryPrice, index, unit } = position;
  const { spec } = leg.market;
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
  const holdings = positions.map(holdingOf);
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
