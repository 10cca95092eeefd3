/**
 * Margin modes side by side: what the same positions need in full, isolated, cross and portfolio
 * mode.
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
import type { Holding } from "./holding.ts";
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

/** What one position, or the options of one expiry together, add to a mode, numeraire. */
export interface ModePart extends Staged {
  readonly kind: "standard" | "maximumLoss" | "maximumLossCap";
  /** An instrument, or an underlying with the seconds to an expiry. */
  readonly ref: string;
}

/** The parts of each mode; null where a position's kind has no formula. */
export interface ModeParts {
  readonly full: readonly ModePart[];
  readonly isolated: readonly ModePart[] | null;
  readonly cross: readonly ModePart[] | null;
}

export function modeParts(terms: StandardTerms, positions: readonly StandardPosition[]): ModeParts {
  const full = maximumLoss(positions);
  const each = positions.map((position) => standardMargin(terms, position));
  if (!each.every((margin) => margin !== undefined)) return { full, isolated: null, cross: null };
  const isolated = each.map((margin, i): ModePart => {
    return { kind: "standard", ref: positions[i]!.leg.market.spec.id, ...margin };
  });
  const caps = terms.shortOption?.maximumLossCap ? lossCaps(positions, each) : [];
  return { full, isolated, cross: [...isolated, ...caps] };
}

/**
 * The figures of a mode. `positions` are those of `parts`, in their order, where it is isolated.
 */
export function modeFigures(
  parts: readonly ModePart[],
  positions: readonly StandardPosition[],
  isolated: boolean,
): ModeFigures {
  const { initial, maintenance } = sumOf(parts);
  const worth = positions.reduce((sum, position) => sum + position.worth, 0);
  const alone = () =>
    parts.reduce((sum, part, i) => sum + Math.max(0, part.initial - positions[i]!.worth), 0);
  return {
    initialMargin: initial,
    maintenanceMargin: maintenance,
    capital: isolated ? alone() : Math.max(0, initial - worth),
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

/** What holding each expiry's options to the most that they can lose together takes off, ≤ 0. */
function lossCaps(positions: readonly StandardPosition[], each: readonly Staged[]): ModePart[] {
  const marginOf = new Map(positions.map((position, i) => [position, each[i]!]));
  return [...byExpiry(positions)].map(([ref, members]): ModePart => {
    const { index, unit } = members[0]!;
    const most = payoffLoss(members.map(holdingOf), index) * unit;
    const { initial, maintenance } = sumOf(members.map((position) => marginOf.get(position)!));
    return {
      kind: "maximumLossCap",
      ref,
      initial: Math.min(0, most - initial),
      maintenance: Math.min(0, most - maintenance),
    };
  });
}

/** Options by underlying and expiry. */
function byExpiry(positions: readonly StandardPosition[]): Map<string, StandardPosition[]> {
  const expiries = new Map<string, StandardPosition[]>();
  for (const position of positions) {
    const { market, seconds } = position.leg;
    if (market.spec.kind !== "option") continue;
    const key = `${market.spec.underlying} ${seconds}`;
    expiries.set(key, [...(expiries.get(key) ?? []), position]);
  }
  return expiries;
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
  const mark = (leg.price + leg.residual / spec.contractSize) * inUsd;
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

/** Cash-secured requirement: expiries apart, no credit between them. */
function maximumLoss(positions: readonly StandardPosition[]): ModePart[] {
  const part = (ref: string, loss: number): ModePart => {
    return { kind: "maximumLoss", ref, initial: loss, maintenance: loss };
  };
  const linear = positions
    .filter(({ leg }) => leg.market.spec.kind !== "option")
    .map((position) => part(position.leg.market.spec.id, notional(position)));
  const options = [...byExpiry(positions)].map(([ref, members]) => {
    const { index, unit } = members[0]!;
    return part(ref, payoffLoss(members.map(holdingOf), index) * unit);
  });
  return [...linear, ...options];
}

/** Notional of a future or perpetual; what is owed on spot or bonds sold short. */
function notional({ leg, quantity, unit }: StandardPosition): number {
  const { kind, settlement, contractSize } = leg.market.spec;
  if (kind !== "future" && kind !== "perpetual")
    return Math.max(0, -quantity) * leg.value * leg.unit;
  const contracts = Math.abs(quantity) * contractSize;
  return settlement === "inverse" ? contracts * unit : contracts * leg.price * leg.unit;
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
