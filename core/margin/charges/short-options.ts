/**
 * Floors under short options, and under options as such.
 *
 *      naked short = Σ_strikes max(0, -(net calls + puts)) x contractSize x index x rate
 *      per contract = Σ |contracts| x contractSize x amount             long and short alike
 *
 * A strike belongs to its expiry: a put of next year does not cover one of next week.
 */
import type { ChargeTerms, Staged } from "../../terms.ts";
import { grouped, type Holding, isOption, worstGross } from "../holding.ts";
import type { UnderlyingView } from "../view.ts";

type NakedShortTerms = NonNullable<ChargeTerms["nakedShort"]>;

/** In the numeraire. */
export function nakedShort(
  terms: NakedShortTerms,
  view: UnderlyingView,
  holdings: readonly Holding[],
): Staged {
  const options = holdings.filter(isOption);
  const strikes = terms.perStrike
    ? grouped(options, ({ market, seconds }) => `${seconds} ${market.spec.strike}`)
    : new Map([["all", options]]);
  let naked = 0;
  for (const strike of strikes.values()) {
    let net = 0;
    for (const { leg, low } of strike) net += low * leg.market.spec.contractSize;
    naked += Math.max(0, -net);
  }
  const notional = naked * view.index * view.unit;
  return { initial: notional * terms.initial, maintenance: notional * terms.maintenance };
}

/** In the numeraire; the same for both stages. 37.50 USD a contract of 100 is stated as 0.375. */
export function minimumPerContract(
  terms: NakedShortTerms,
  view: UnderlyingView,
  holdings: readonly Holding[],
): number {
  const units = worstGross(holdings.filter(isOption), ({ market }) => market.spec.contractSize);
  return units * terms.minimumPerContract * view.unit;
}
