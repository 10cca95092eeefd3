/**
 * All charges of one underlying, by name and stage, in the numeraire.
 *
 * With resting orders each charge is bounded apart from the rows by the worst end of every interval
 * (holding.ts); the stage's share of that increase is added to what the positions alone cost.
 */
import { type ChargeName, chargeNames, type Staged, type UnderlyingTerms } from "../../terms.ts";
import type { ChargeAmounts } from "../combine.ts";
import { type Holding, withoutOrders } from "../holding.ts";
import type { UnderlyingView } from "../view.ts";
import { deltaShock, gamma, minimumDelta } from "./delta.ts";
import { oracle } from "./oracle.ts";
import { funding, perp } from "./perpetual.ts";
import { basis, roll } from "./roll.ts";
import { minimumPerContract, nakedShort } from "./short-options.ts";
import { size } from "./size.ts";
import { stableBasis } from "./stable-basis.ts";

export type StagedCharges = Readonly<Partial<Record<ChargeName, Staged>>>;

/** Charges before any factor. `coinUsd`: sliding coin collateral, USD. */
export function stagedCharges(
  view: UnderlyingView,
  holdings: readonly Holding[],
  coinUsd: number,
): StagedCharges {
  const still = amounts(view, withoutOrders(holdings), coinUsd);
  if (holdings.every(({ low, high }) => low === high)) return still;
  const worst = amounts(view, holdings, coinUsd);
  const shares = view.terms.charges.openOrders;
  const mixed: Partial<Record<ChargeName, Staged>> = {};
  for (const name of chargeNames) {
    const [from, to] = [still[name], worst[name]];
    if (from === undefined || to === undefined) continue;
    mixed[name] = {
      initial: from.initial + shares.initial * Math.max(0, to.initial - from.initial),
      maintenance:
        from.maintenance + shares.maintenance * Math.max(0, to.maintenance - from.maintenance),
    };
  }
  return mixed;
}

function amounts(
  view: UnderlyingView,
  holdings: readonly Holding[],
  coinUsd: number,
): StagedCharges {
  const { charges, liquidity } = view.terms;
  const all: Partial<Record<ChargeName, Staged>> = {};
  if (charges.roll) all.roll = both(roll(charges.roll, view, holdings));
  if (charges.basis) all.basis = both(basis(charges.basis, holdings));
  if (charges.nakedShort) {
    all.nakedShort = nakedShort(charges.nakedShort, view, holdings);
    if (charges.nakedShort.minimumPerContract > 0) {
      all.minimumPerContract = both(minimumPerContract(charges.nakedShort, view, holdings));
    }
  }
  if (charges.perp) all.perp = perp(charges.perp, view, holdings);
  if (charges.oracle) {
    all.oracle = { initial: oracle(charges.oracle, view, holdings), maintenance: 0 };
  }
  if (charges.deltaShock) all.deltaShock = both(deltaShock(charges.deltaShock, view, holdings));
  if (charges.minimumDelta) {
    all.minimumDelta = both(minimumDelta(charges.minimumDelta, view, holdings));
  }
  if (charges.gamma) all.gamma = both(gamma(charges.gamma, view, holdings));
  if (charges.funding) all.funding = both(funding(charges.funding, view, holdings));
  if (charges.stableBasis) {
    all.stableBasis = both(stableBasis(charges.stableBasis, view, holdings, coinUsd));
  }
  if (liquidity) {
    all.size = {
      initial: size(liquidity, view, holdings, view.initial.range),
      maintenance: size(liquidity, view, holdings, view.maintenance.range),
    };
  }
  return all;
}

const both = (amount: number): Staged => ({ initial: amount, maintenance: amount });

/** The charges of one stage with the factor on those that stand inside it. */
export function withFactor(
  terms: UnderlyingTerms,
  charges: StagedCharges,
  stage: "initial" | "maintenance",
  factor: number,
): ChargeAmounts {
  const of: Partial<Record<ChargeName, number>> = {};
  for (const name of chargeNames) {
    const staged = charges[name];
    if (staged !== undefined) of[name] = staged[stage] * (isInside(terms, name) ? factor : 1);
  }
  return of;
}

function isInside({ charges, liquidity }: UnderlyingTerms, name: ChargeName): boolean {
  if (name === "size") return liquidity?.inside ?? false;
  const block = charges[name === "minimumPerContract" ? "nakedShort" : name];
  return block?.inside ?? false;
}
