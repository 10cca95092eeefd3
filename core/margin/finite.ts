/**
 * The last look at an account's figures before anybody sees them: each must be a finite number.
 *
 * Rows are checked where they are scanned; this is for everything beside them. A NaN compares
 * false, so it would leave a charge out, or call an account healthy. Figures are added up by what
 * they are about: the sum of numbers is a number, and one that is none makes it none.
 */
import { RiskError } from "../errors.ts";
import type { Staged } from "../terms.ts";
import type { AccountMargin } from "./account.ts";
import type { GroupStage } from "./offset.ts";
import type { UnderlyingResult } from "./underlying.ts";

/** @throws RiskError risk_not_finite, naming the kind of figure */
export function refuseNotFinite(margin: AccountMargin): void {
  const { portfolio, requirement, modes } = margin;
  const sums = {
    equity: both(margin.equity) + both(margin.collateral),
    charges: total(Object.values(margin.accountCharges), both),
    offsets: total(margin.groups, (of) => of.credit + group(of.initial) + group(of.maintenance)),
    perUnderlying: total(margin.underlyings, underlying),
    requirement: both(portfolio.unfloored) + both(portfolio.requirement) + both(requirement),
    modes: total([modes.full, modes.isolated, modes.cross, modes.portfolio], (of) =>
      of === null ? 0 : of.initialMargin + of.maintenanceMargin + of.capital,
    ),
    confidence: confidences(margin),
  };
  for (const [name, sum] of Object.entries(sums)) {
    if (Number.isFinite(sum)) continue;
    throw new RiskError("risk_not_finite", {
      path: `account.${margin.account.id}.${name}`,
      expected: "finite figures",
      found: String(sum),
    });
  }
}

const both = ({ initial, maintenance }: Staged): number => initial + maintenance;

const group = ({ requirement, betaExtra }: GroupStage): number => requirement + betaExtra;

function total<T>(all: readonly T[], of: (one: T) => number): number {
  let sum = 0;
  for (const one of all) sum += of(one);
  return sum;
}

function underlying({ view, greeks, charges, initial, maintenance }: UnderlyingResult): number {
  return (
    view.volScale +
    initial.stage.range +
    maintenance.stage.range +
    initial.requirement +
    maintenance.requirement +
    total(Object.values(charges), both) +
    total(Object.values(greeks), (greek) => greek)
  );
}

function confidences({ positions, balances, underlyings }: AccountMargin): number {
  const ofLegs = total(
    positions,
    ({ leg: { market } }) =>
      market.confidence + market.forwardConfidence + market.volConfidence + market.rateConfidence,
  );
  const ofIndices = total(underlyings, ({ view }) => view.confidence);
  return ofLegs + ofIndices + total(balances, ({ confidence }) => confidence);
}
