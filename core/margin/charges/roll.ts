/**
 * Roll and basis: the curve moves apart between expiries, which no common slide shows.
 *
 *      roll  = Σ_expiries |Δ_e| x index x max(minMove, annualisedMove x T)
 *      basis = Σ_expiries -min(V(up) - V0, V(down) - V0, 0) x (add + mult T)
 *
 * Δ_e is in units of the underlying; undated legs are the expiry at T = 0. Spot and bonds have no
 * curve. `basis` revalues options and dated futures of an expiry at two forwards, vol unmoved.
 */
import { optionValueAt, SECONDS_PER_YEAR } from "../../scenario/risk-array.ts";
import type { ChargeTerms } from "../../terms.ts";
import { grouped, type Holding, isDerivative, worstAbsolute } from "../holding.ts";
import type { Leg } from "../leg.ts";
import type { UnderlyingView } from "../view.ts";

/** In the numeraire; the same for both stages. */
export function roll(
  terms: NonNullable<ChargeTerms["roll"]>,
  view: UnderlyingView,
  holdings: readonly Holding[],
): number {
  let amount = 0;
  for (const expiry of grouped(holdings.filter(isDerivative), ({ seconds }) => seconds).values()) {
    const years = expiry[0]!.leg.seconds / SECONDS_PER_YEAR;
    const delta = worstAbsolute(expiry, ({ greeks }) => greeks.delta);
    amount +=
      delta * view.index * view.unit * Math.max(terms.minMove, terms.annualisedMove * years);
  }
  return amount;
}

/** In the numeraire; the same for both stages. */
export function basis(
  terms: NonNullable<ChargeTerms["basis"]>,
  holdings: readonly Holding[],
): number {
  let amount = 0;
  for (const expiry of grouped(holdings.filter(isDated), ({ seconds }) => seconds).values()) {
    const years = expiry[0]!.leg.seconds / SECONDS_PER_YEAR;
    const up = pnlAt(expiry, terms.up);
    const down = pnlAt(expiry, terms.down);
    amount -= Math.min(up, down, 0) * (terms.add + terms.mult * years);
  }
  return amount;
}

/** A future without an expiry has no basis of its own, and perpetuals never. */
function isDated({ leg: { market } }: Holding): boolean {
  const { kind, expiryMs, secondsToExpiry } = market.spec;
  return kind === "option" || (kind === "future" && (expiryMs ?? secondsToExpiry) !== undefined);
}

/** P&L of the expiry, with those orders filled that lose by the slide. */
function pnlAt(expiry: readonly Holding[], slide: number): number {
  let pnl = 0;
  for (const { leg, low, high } of expiry) {
    const each = legPnl(leg, slide);
    pnl += Math.min(low * each, high * each);
  }
  return pnl;
}

function legPnl({ priced, unit }: Leg, slide: number): number {
  if (priced?.kind === "option") {
    const moved = optionValueAt(priced, slide, priced.vol, 0, 0);
    return (moved - priced.value0) * priced.size * unit;
  }
  if (priced?.kind !== "linear") return 0;
  if (!priced.inverse) return priced.size * priced.mark * slide * unit;
  return priced.size * (1 / priced.mark - 1 / (priced.mark * (1 + slide))) * unit;
}
