/**
 * Charges on perpetuals: a share of notional, and the funding still to be paid.
 *
 *      perp    = Σ_instruments |units| x index x rate            gross, not netted
 *      funding = Σ_instruments max(0, units x fundingRate) x index x intervals
 */
import type { ChargeTerms, Staged } from "../../terms.ts";
import { type Holding, isPerpetual, worstGross } from "../holding.ts";
import type { UnderlyingView } from "../view.ts";

/** Gross notional of the perpetuals, USD. */
export function perpetualUsd(view: UnderlyingView, holdings: readonly Holding[]): number {
  return worstGross(holdings.filter(isPerpetual), ({ greeks }) => greeks.delta) * view.index;
}

/** In the numeraire. */
export function perp(
  terms: NonNullable<ChargeTerms["perp"]>,
  view: UnderlyingView,
  holdings: readonly Holding[],
): Staged {
  const notional = perpetualUsd(view, holdings) * view.unit;
  return { initial: notional * terms.initial, maintenance: notional * terms.maintenance };
}

/** In the numeraire; the same for both stages. */
export function funding(
  terms: NonNullable<ChargeTerms["funding"]>,
  view: UnderlyingView,
  holdings: readonly Holding[],
): number {
  let units = 0;
  for (const { leg, low, high } of holdings.filter(isPerpetual)) {
    const rate = leg.market.fundingRate * leg.greeks.delta;
    units += Math.max(0, low * rate, high * rate);
  }
  return units * view.index * view.unit * terms.intervals;
}
