/**
 * Charges on the delta as a whole, and on short gamma near expiry.
 *
 *      minimum delta = (net x |net Δ| + hedged x (gross - |net|) / 2) x index
 *      delta shock   = |Δ cash| x min(max, increment x (|Δ cash| - threshold) / index)
 *
 * With resting orders the worst net and the worst gross are taken apart, which bounds the minimum
 * delta from above (net >= hedged / 2 is a condition of the terms).
 */
import type { ChargeTerms } from "../../terms.ts";
import { type Holding, isOption, worstAbsolute, worstGross } from "../holding.ts";
import type { Leg } from "../leg.ts";
import type { UnderlyingView } from "../view.ts";

const deltaOf = ({ greeks }: Leg) => greeks.delta;

/** Worst |Δ| x index over subsets of the orders, USD. */
export function deltaUsd(view: UnderlyingView, holdings: readonly Holding[]): number {
  return worstAbsolute(holdings, deltaOf) * view.index;
}

/** In the numeraire. */
export function minimumDelta(
  terms: NonNullable<ChargeTerms["minimumDelta"]>,
  view: UnderlyingView,
  holdings: readonly Holding[],
): number {
  const net = worstAbsolute(holdings, deltaOf);
  const gross = worstGross(holdings, deltaOf);
  const units = (terms.net - terms.hedged / 2) * net + (terms.hedged / 2) * gross;
  return units * view.index * view.unit;
}

/** In the numeraire. */
export function deltaShock(
  terms: NonNullable<ChargeTerms["deltaShock"]>,
  view: UnderlyingView,
  holdings: readonly Holding[],
): number {
  const usd = deltaUsd(view, holdings);
  const beyond = Math.max(0, usd - terms.thresholdUsd) / view.index;
  return usd * Math.min(terms.max, terms.increment * beyond) * view.unit;
}

/**
 * Gamma of options that expire soon, in the numeraire:
 * Σ 0.5 x max(0, -gamma cash) x (multiplier vol √dt)², the legs netted before the floor.
 */
export function gamma(
  terms: NonNullable<ChargeTerms["gamma"]>,
  view: UnderlyingView,
  holdings: readonly Holding[],
): number {
  let sum = 0;
  for (const { leg, low } of holdings.filter(isOption)) {
    if (leg.priced?.kind !== "option" || leg.seconds > terms.hours * 3600) continue;
    const move = terms.multiplier * leg.priced.vol;
    sum += low * leg.greeks.gamma * view.index * view.index * move * move;
  }
  return 0.5 * Math.max(0, -sum) * (terms.dtDays / 365) * view.unit;
}
