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
  const spot = { low: coinUsd, high: coinUsd };
  const derivatives = { low: 0, high: 0 };
  for (const holding of holdings) {
    const each = holding.leg.greeks.delta * view.index;
    const side = isDerivative(holding) ? derivatives : spot;
    if (side === spot && holding.leg.market.spec.kind !== "spot") continue;
    side.low += Math.min(each * holding.low, each * holding.high);
    side.high += Math.max(each * holding.low, each * holding.high);
  }
  const longSpot = Math.min(spot.high, -derivatives.low);
  const shortSpot = Math.min(-spot.low, derivatives.high);
  return tiered(tiers, Math.max(0, longSpot, shortSpot)) * view.unit;
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
