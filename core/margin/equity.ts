/**
 * Equity: what an account is worth towards its requirement, collateral after haircuts.
 *
 *      equity = Σ cash + Σ collateral (1 - h) + spot + bonds + options + residual + P&L + funding
 *
 * Initial and maintenance haircuts are apart. A negative balance is a loan: whole, never haircut.
 * Coin collateral that slides in the scenarios is haircut only on its unhedged part (or not at all,
 * or wholly: the terms say), so that one risk is not charged twice. A hedge frees a coin once:
 * several currencies on one underlying share it, in canonical order.
 */
import type { CollateralTerms, LocationTerms, Stage, Staged } from "../terms.ts";
import type { BalanceValue } from "./balance.ts";

/** Delta of the legs by underlying, units: what hedges sliding coin. */
export type DeltaOf = (underlying: string) => number;

/**
 * Collateral value after haircuts in `stage`, USD.
 *
 * @param indexOf index of an underlying, USD
 */
export function collateralUsd(
  balances: readonly BalanceValue[],
  stage: Stage,
  locations: Readonly<Record<string, LocationTerms>>,
  { deltaOf, indexOf }: { readonly deltaOf: DeltaOf; readonly indexOf: (id: string) => number },
): number {
  const hedgeLeft = new Map<string, number>();
  const unhedged = (underlying: string, usd: number): number => {
    const hedge =
      hedgeLeft.get(underlying) ?? Math.max(0, -deltaOf(underlying)) * indexOf(underlying);
    const open = Math.max(0, usd - hedge);
    hedgeLeft.set(underlying, hedge - (usd - open));
    return open;
  };
  let total = 0;
  for (const group of byCurrency(balances)) {
    total += currencyUsd(group, stage, locations, unhedged);
  }
  return total;
}

function byCurrency(balances: readonly BalanceValue[]): BalanceValue[][] {
  const groups: BalanceValue[][] = [];
  for (const balance of balances) {
    const last = groups[groups.length - 1];
    if (last?.[0]?.currency === balance.currency) last.push(balance);
    else groups.push([balance]);
  }
  return groups;
}

function currencyUsd(
  group: readonly BalanceValue[],
  stage: Stage,
  locations: Readonly<Record<string, LocationTerms>>,
  unhedged: (underlying: string, usd: number) => number,
): number {
  const { terms, slidesWith } = group[0]!;
  const placed = group.reduce((sum, balance) => sum + placedUsd(balance, locations), 0);
  if (placed <= 0) return placed;
  const counted = Math.min(placed, terms.cap ?? Number.POSITIVE_INFINITY);
  if (slidesWith === null || terms.haircutInScenarios === "full") {
    return counted - haircutUsd(terms, stage, counted);
  }
  if (terms.haircutInScenarios === "none") return counted;
  return counted - haircutUsd(terms, stage, unhedged(slidesWith, counted));
}

/** A balance held elsewhere counts less its place's haircut, up to the place's cap. */
function placedUsd(
  { usd, location }: BalanceValue,
  locations: Readonly<Record<string, LocationTerms>>,
): number {
  const place = location === undefined ? undefined : locations[location];
  if (place === undefined || usd <= 0) return usd;
  return Math.min(usd * (1 - place.haircut), place.cap ?? Number.POSITIVE_INFINITY);
}

/** Marginal: each bracket's haircut on the value inside it. */
export function haircutUsd(terms: CollateralTerms, stage: Stage, usd: number): number {
  const base = stage === "initial" ? terms.initialHaircut : terms.maintenanceHaircut;
  let haircut = 0;
  let from = 0;
  let rate = base;
  for (const tier of [...terms.tiers, { aboveUsd: Number.POSITIVE_INFINITY, haircut: 0 }]) {
    const to = Math.min(usd, tier.aboveUsd);
    if (to > from) haircut += (to - from) * rate;
    from = Math.max(from, tier.aboveUsd);
    rate = tier.haircut;
  }
  return haircut;
}

/** The parts of equity that do not depend on the stage, in the numeraire. */
export interface Worth {
  readonly spotValue: number;
  readonly bondValue: number;
  readonly optionValue: number;
  readonly unrealisedPnl: number;
  readonly unrealisedFunding: number;
  readonly markResidual: number;
}

export function equityOf(worth: Worth, collateral: Staged, stage: Stage): number {
  return (
    collateral[stage] +
    worth.spotValue +
    worth.bondValue +
    worth.optionValue +
    worth.markResidual +
    worth.unrealisedPnl +
    worth.unrealisedFunding
  );
}
