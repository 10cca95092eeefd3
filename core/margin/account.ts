/**
 * The margin of one account: the pure function that everything else serves.
 *
 * Legs are taken in canonical order (underlying, then instrument id), so that the live engine, a
 * replay and the offline door add the same numbers in the same order and get the same bits. Figures
 * are float64 in the numeraire and unrounded; the door out rounds them once (statement.ts).
 */
import type { Account, AccountMode } from "../book.ts";
import { RiskError } from "../errors.ts";
import { byId } from "../order.ts";
import type { Stage, Staged } from "../terms.ts";
import { type AccountCharges, accountCharges, chargesOfAccount } from "./account-charges.ts";
import { type BalanceValue, slidingUsd, valueBalances } from "./balance.ts";
import type { MarginContext } from "./context.ts";
import { collateralUsd, equityOf, type Worth } from "./equity.ts";
import { refuseNotFinite } from "./finite.ts";
import { groupResults } from "./groups.ts";
import {
  byLeg,
  type HeldPosition,
  type Holding,
  type RestingOrder,
  restingOrder,
} from "./holding.ts";
import type { Leg } from "./leg.ts";
import { type ModeFigures, type ModeParts, modeFigures, modeParts } from "./modes.ts";
import type { GroupResult } from "./offset.ts";
import { type Status, statusOf } from "./status.ts";
import { staged, type UnderlyingResult, underlyingRequirement } from "./underlying.ts";

export interface AccountMargin {
  readonly account: Account;
  readonly worth: Worth;
  readonly balances: readonly BalanceValue[];
  readonly positions: readonly HeldPosition[];
  readonly underlyings: readonly UnderlyingResult[];
  readonly groups: readonly GroupResult[];
  /** After haircuts, numeraire. */
  readonly collateral: Staged;
  readonly equity: Staged;
  /** Charges of the account as a whole, numeraire. */
  readonly accountCharges: AccountCharges;
  /** Sum of parts before the floor at maintenance, portfolio mode. */
  readonly portfolio: { readonly unfloored: Staged; readonly requirement: Staged };
  readonly modes: AccountModes;
  /** What the standard modes add up from; null where the terms have no standard formulas. */
  readonly modeParts: ModeParts | null;
  /** The requirement of the account's own mode. */
  readonly requirement: Staged;
  readonly missing: readonly string[];
  readonly status: Status;
}

/** Margin modes side by side; null where the terms have no formula for it. */
export interface AccountModes {
  readonly full: ModeFigures | null;
  readonly isolated: ModeFigures | null;
  readonly cross: ModeFigures | null;
  readonly portfolio: ModeFigures;
}

/** @throws RiskError on references and combinations that have no answer, and on a NaN anywhere */
export function accountMargin(context: MarginContext, account: Account): AccountMargin {
  const { market, terms, numeraire } = context;
  const positions = heldPositions(context, account);
  const orders = account.openOrders
    .map((order) => restingOrder(order, context.leg(order.instrument)))
    .sort(byLeg);
  const balances = valueBalances(account, market, terms, numeraire);
  const missing = missingOf(positions, orders);
  const priced = positions.filter(({ leg }) => leg.missing === undefined);
  const live = orders.filter(({ leg }) => leg.missing === undefined);
  const underlyings = underlyingResults(context, priced, live, balances);
  const groups = groupResults(context, underlyings);
  const held = underlyings.map(({ view }) => view.id);
  const charges = chargesOfAccount(context, account, balances, held);
  const worth = worthOf(priced);
  const collateral = collateralOf(context, balances, underlyings);
  const equity = staged((stage) => equityOf(worth, collateral, stage));
  const portfolio = portfolioRequirement(context, underlyings, groups, charges);
  const { modes, modeParts: parts } = modesOf(context, priced, portfolio.requirement);
  const requirement = ownRequirement(account.mode, modes);
  const status = statusOf(requirement, equity, terms.status.callAt, missing.length > 0);
  const margin = {
    account,
    worth,
    balances,
    positions,
    underlyings,
    groups,
    collateral,
    equity,
    accountCharges: charges,
    portfolio,
    modes,
    modeParts: parts,
    requirement,
    missing,
    status,
  };
  refuseNotFinite(margin);
  return margin;
}

function heldPositions(context: MarginContext, account: Account): HeldPosition[] {
  return account.positions
    .map((position): HeldPosition => {
      const leg = context.leg(position.instrument);
      const quantity = Number(position.quantity);
      return {
        leg,
        quantity,
        entryPrice: position.entryPrice,
        unrealisedPnl:
          (position.unrealisedPnl ?? pnlSince(position.entryPrice, quantity, leg)) * leg.unit,
        unrealisedFunding: position.unrealisedFunding * leg.unit,
      };
    })
    .sort((a, b) => byId(a.leg.market.spec, b.leg.market.spec));
}

/**
 * P&L of a future or perpetual since its entry, settle currency; the others' premium is in cash.
 */
function pnlSince(entryPrice: number | undefined, quantity: number, leg: Leg): number {
  const { kind, settlement, contractSize } = leg.market.spec;
  if (entryPrice === undefined || (kind !== "future" && kind !== "perpetual")) return 0;
  if (leg.missing !== undefined) return 0;
  const each = settlement === "inverse" ? 1 / entryPrice - 1 / leg.price : leg.price - entryPrice;
  return quantity * contractSize * each;
}

function missingOf(
  positions: readonly HeldPosition[],
  orders: readonly RestingOrder[],
): readonly string[] {
  const missing = new Set<string>();
  for (const { leg } of [...positions, ...orders]) {
    if (leg.missing !== undefined) missing.add(`${leg.market.spec.id}: ${leg.missing}`);
  }
  return [...missing].sort();
}

function underlyingResults(
  context: MarginContext,
  positions: readonly HeldPosition[],
  orders: readonly RestingOrder[],
  balances: readonly BalanceValue[],
): UnderlyingResult[] {
  const ids = new Set<string>();
  for (const { leg } of [...positions, ...orders]) ids.add(leg.market.spec.underlying);
  const sliding = slidingUsd(context, positions, balances);
  for (const id of sliding.keys()) ids.add(id);
  return [...ids].sort().map((id) => {
    const own = positions.filter(({ leg }) => leg.market.spec.underlying === id);
    const resting = orders.filter(({ leg }) => leg.market.spec.underlying === id);
    return underlyingRequirement({
      view: context.view(id),
      holdings: holdingsOf(own, resting),
      orders: resting,
      coinUsd: sliding.get(id) ?? 0,
      pegFactor: pegFactor(context, id),
    });
  });
}

/** Positions and orders per instrument, by id: an instrument with orders alone is held at 0. */
function holdingsOf(
  positions: readonly HeldPosition[],
  orders: readonly RestingOrder[],
): Holding[] {
  const byInstrument = new Map<string, { leg: Leg; quantity: number; low: number; high: number }>();
  for (const { leg, quantity } of positions) {
    byInstrument.set(leg.market.spec.id, { leg, quantity, low: quantity, high: quantity });
  }
  for (const { leg, instrument, direction, quantity } of orders) {
    const held = byInstrument.get(instrument) ?? { leg, quantity: 0, low: 0, high: 0 };
    byInstrument.set(instrument, held);
    if (direction > 0) held.high += quantity;
    else held.low -= quantity;
  }
  return [...byInstrument.values()].sort((a, b) => byId(a.leg.market.spec, b.leg.market.spec));
}

function pegFactor({ market, view }: MarginContext, underlying: string): number {
  const charge = view(underlying).terms.charges.peg;
  if (charge === null) return 0;
  const peg = market.currencies.get(charge.currency)?.peg ?? 1;
  return Math.max(0, charge.threshold - peg) * charge.factor;
}

function worthOf(positions: readonly HeldPosition[]): Worth {
  const worth = {
    spotValue: 0,
    bondValue: 0,
    optionValue: 0,
    unrealisedPnl: 0,
    unrealisedFunding: 0,
    markResidual: 0,
  };
  for (const { leg, quantity, unrealisedPnl, unrealisedFunding } of positions) {
    const value = quantity * leg.value * leg.unit;
    const { kind } = leg.market.spec;
    if (kind === "option") worth.optionValue += value;
    else if (kind === "bond") worth.bondValue += value;
    else if (kind === "spot" || kind === "fx") worth.spotValue += value;
    worth.markResidual += quantity * leg.residual * leg.unit;
    worth.unrealisedPnl += unrealisedPnl;
    worth.unrealisedFunding += unrealisedFunding;
  }
  return worth;
}

function collateralOf(
  { terms, numeraire, market }: MarginContext,
  balances: readonly BalanceValue[],
  underlyings: readonly UnderlyingResult[],
): Staged {
  const deltas = new Map(underlyings.map(({ view, greeks }) => [view.id, greeks.delta]));
  const hedge = {
    deltaOf: (underlying: string) => deltas.get(underlying) ?? 0,
    indexOf: (underlying: string) => market.underlyings.get(underlying)?.index ?? 0,
  };
  return staged(
    (stage) => collateralUsd(balances, stage, terms.locations, hedge) / numeraire.price,
  );
}

function portfolioRequirement(
  { terms }: MarginContext,
  underlyings: readonly UnderlyingResult[],
  groups: readonly GroupResult[],
  charges: AccountCharges,
): AccountMargin["portfolio"] {
  const unfloored = staged((stage) => {
    let sum = 0;
    for (const result of underlyings) sum += result[stage].requirement;
    for (const group of groups) sum += group[stage].betaExtra - group[stage].saved;
    for (const name of accountCharges) sum += charges[name][stage];
    return Math.max(0, sum);
  });
  const initial = terms.initialAtLeastMaintenance
    ? Math.max(unfloored.initial, unfloored.maintenance)
    : unfloored.initial;
  return { unfloored, requirement: { initial, maintenance: unfloored.maintenance } };
}

function modesOf(
  context: MarginContext,
  positions: readonly HeldPosition[],
  { initial, maintenance }: Staged,
): Pick<AccountMargin, "modes" | "modeParts"> {
  const standard = positions.map(({ leg, quantity, entryPrice, unrealisedPnl }) => ({
    leg,
    quantity,
    entryPrice,
    index: context.view(leg.market.spec.underlying).index,
    unit: 1 / context.numeraire.price,
    worth: unrealisedPnl + quantity * (leg.value + leg.residual) * leg.unit,
  }));
  const worth = standard.reduce((sum, position) => sum + position.worth, 0);
  const portfolio = {
    initialMargin: initial,
    maintenanceMargin: maintenance,
    capital: Math.max(0, initial - worth),
  };
  const { standard: terms } = context.terms;
  if (terms === null) {
    return { modes: { full: null, isolated: null, cross: null, portfolio }, modeParts: null };
  }
  const parts = modeParts(terms, standard);
  const figures = (mode: "full" | "isolated" | "cross") => {
    const of = parts[mode];
    return of === null ? null : modeFigures(of, standard, mode === "isolated");
  };
  const modes = { full: figures("full"), isolated: figures("isolated"), cross: figures("cross") };
  return { modes: { ...modes, portfolio }, modeParts: parts };
}

function ownRequirement(mode: AccountMode, modes: AccountModes): Staged {
  const own = modes[mode];
  if (own === null) {
    throw new RiskError("terms_invalid", {
      path: "account.mode",
      expected: "portfolio: these terms have no standard formula for every position",
      found: mode,
    });
  }
  return { initial: own.initialMargin, maintenance: own.maintenanceMargin };
}

/** Stage figures of the account's own mode against its equity: positive is free. */
export function headroom({ equity, requirement }: AccountMargin): Staged {
  return staged((stage: Stage) => equity[stage] - requirement[stage]);
}
