/**
 * Basis between spot (in one currency) and derivatives (in another) that hedge each other.
 *
 * The hedged size is charged by marginal tiers, each `sizeUsd` wide; beyond the last tier its rate
 * goes on. Published example: tiers of 1 M at 0.75 %, 4 M at 1.75 %, 5 M at 2.5 % on 10 M: 202,500.
 */
import type { ChargeTerms } from "../../terms.ts";
import { type Holding, isDerivative } from "../holding.ts";
import type { UnderlyingView } from "../view.ts";

/** In the numeraire; the same for both stages. `coinUsd`: coin collateral of the underlying. */
export function stableBasis(
  { tiers }: NonNullable<ChargeTerms["stableBasis"]>,
  view: UnderlyingView,
  holdings: readonly Holding[],
  coinUsd: number,
): number {
  let spot = coinUsd;
  let derivatives = 0;
  for (const holding of holdings) {
    const usd = holding.quantity * holding.leg.greeks.delta * view.index;
    if (isDerivative(holding)) derivatives += usd;
    else if (holding.leg.market.spec.kind === "spot") spot += usd;
  }
  if (spot * derivatives >= 0) return 0;
  return tiered(tiers, Math.min(Math.abs(spot), Math.abs(derivatives))) * view.unit;
}

function tiered(tiers: readonly { sizeUsd: number; rate: number }[], usd: number): number {
  let left = usd;
  let amount = 0;
  tiers.forEach(({ sizeUsd, rate }, i) => {
    const inside = i === tiers.length - 1 ? left : Math.min(left, sizeUsd);
    amount += inside * rate;
    left -= inside;
  });
  return amount;
}
