/**
 * What an account holds of one underlying, and what its resting orders could make of it.
 *
 * Orders may fill in any subset and in part, so a quantity is really an interval [low, high] around
 * the position. Scenario rows treat orders exactly (scan.ts); charges that no row shows are bounded
 * by the worst end of these intervals. Without orders both ends are the position.
 */
import type { OpenOrder } from "../book.ts";
import { byId } from "../order.ts";
import type { Leg } from "./leg.ts";

/** A position with its leg and what it is worth, numeraire. */
export interface HeldPosition {
  readonly leg: Leg;
  readonly quantity: number;
  readonly entryPrice: number | undefined;
  readonly unrealisedPnl: number;
  readonly unrealisedFunding: number;
}

export interface Holding {
  readonly leg: Leg;
  /** Signed contracts. */
  readonly quantity: number;
  /** Contracts after every sell order, and after every buy order. */
  readonly low: number;
  readonly high: number;
}

export interface RestingOrder {
  readonly leg: Leg;
  readonly instrument: string;
  /** +1 buy, -1 sell. */
  readonly direction: 1 | -1;
  /** Contracts, > 0. */
  readonly quantity: number;
  /** Loss against the mark when it fills, in the numeraire, ≥ 0. */
  readonly penalty: number;
}

/** The same holdings as if there were no orders. */
export function withoutOrders(holdings: readonly Holding[]): Holding[] {
  return holdings.map((holding) => ({ ...holding, low: holding.quantity, high: holding.quantity }));
}

/**
 * A resting order with its cost against the mark.
 *
 *      linear   size max(0, d (price - mark)) x price of the settle currency
 *      inverse  size max(0, d (1/mark - 1/price)) x index        futures and perpetuals
 */
export function restingOrder(order: OpenOrder, leg: Leg): RestingOrder {
  const direction = order.side === "buy" ? 1 : -1;
  const { spec } = leg.market;
  const inverseFuture = spec.settlement === "inverse" && spec.kind !== "option";
  const scale = spec.kind === "bond" && spec.quote === "percent" ? 0.01 : 1;
  const worse = inverseFuture
    ? direction * (1 / leg.price - 1 / order.price)
    : direction * (order.price - leg.price) * scale;
  return {
    leg,
    instrument: spec.id,
    direction,
    quantity: order.quantity,
    penalty: Math.max(0, worse) * order.quantity * spec.contractSize * leg.unit,
  };
}

/** Canonical order of orders: they are added up in it, however they were listed. */
export function byLeg(a: RestingOrder, b: RestingOrder): number {
  return (
    byId(a.leg.market.spec, b.leg.market.spec) ||
    a.direction - b.direction ||
    a.quantity - b.quantity ||
    a.penalty - b.penalty
  );
}

/** The worst |Σ quantity x perContract| that any subset of the orders can reach. */
export function worstAbsolute(
  holdings: readonly Holding[],
  perContract: (leg: Leg) => number,
): number {
  let low = 0;
  let high = 0;
  for (const holding of holdings) {
    const each = perContract(holding.leg);
    low += Math.min(each * holding.low, each * holding.high);
    high += Math.max(each * holding.low, each * holding.high);
  }
  return Math.max(Math.abs(low), Math.abs(high));
}

/** Σ of the worst |quantity x perContract|, instrument by instrument. */
export function worstGross(
  holdings: readonly Holding[],
  perContract: (leg: Leg) => number,
): number {
  let gross = 0;
  for (const { leg, low, high } of holdings) {
    gross += Math.max(Math.abs(low), Math.abs(high)) * Math.abs(perContract(leg));
  }
  return gross;
}

/** Holdings by a key, in order of first appearance. */
export function grouped(
  holdings: readonly Holding[],
  keyOf: (leg: Leg) => string | number,
): Map<string | number, Holding[]> {
  const groups = new Map<string | number, Holding[]>();
  for (const holding of holdings) {
    const key = keyOf(holding.leg);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [holding]);
    else group.push(holding);
  }
  return groups;
}

export const isOption = ({ leg }: Holding): boolean => leg.market.spec.kind === "option";
export const isPerpetual = ({ leg }: Holding): boolean => leg.market.spec.kind === "perpetual";
export const isDerivative = ({ leg }: Holding): boolean =>
  leg.market.spec.kind === "option" ||
  leg.market.spec.kind === "future" ||
  leg.market.spec.kind === "perpetual";
