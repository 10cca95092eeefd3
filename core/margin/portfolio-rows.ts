/**
 * The P&L of everything an account holds of one underlying, in every row of a plane.
 *
 *      pnl[s] = Σ_legs quantity x riskArray[leg][s] + coin x slide[s]
 *
 * Coin collateral that is `inScenarios` slides as a whole. Two blocks of the terms depend on the
 * sign of what an expiry is worth, and so are summed per expiry and not per leg: the static
 * discount (a shocked value V counts V x d_long or V x d_short, against the plain V0) and the skew
 * rows (an expiry's P&L counts as -|P&L|, whichever way the wing tilts).
 */
import { exp } from "../math/exp.ts";
import { skewCodes } from "../scenario/grid.ts";
import { type Plane, SECONDS_PER_YEAR } from "../scenario/risk-array.ts";
import type { StaticDiscountTerms } from "../terms.ts";
import { grouped, type Holding, isOption } from "./holding.ts";
import type { UnderlyingView } from "./view.ts";

/** In the numeraire, shape [plane.grid.count], unweighted. `coinUsd`: sliding collateral, USD. */
export function portfolioRows(
  view: UnderlyingView,
  planeIndex: number,
  holdings: readonly Holding[],
  coinUsd: number,
): Float64Array {
  const plane = view.planes[planeIndex]!;
  const pnl = new Float64Array(plane.grid.count);
  const apart = view.terms.staticDiscount !== null || view.terms.skew !== null;
  for (const holding of holdings) {
    if (!(apart && isOption(holding))) addLeg(pnl, holding, planeIndex);
  }
  if (apart) {
    for (const expiry of grouped(holdings.filter(isOption), ({ seconds }) => seconds).values()) {
      addExpiry(pnl, view, planeIndex, expiry);
    }
  }
  if (coinUsd !== 0) addCoin(pnl, plane, coinUsd);
  return pnl;
}

/** The hot loop: one multiply-add per leg and row. */
function addLeg(pnl: Float64Array, { leg, quantity }: Holding, plane: number): void {
  const array = leg.arrays[plane]!;
  for (let row = 0; row < pnl.length; row++) pnl[row]! += quantity * array[row]!;
}

function addCoin(pnl: Float64Array, { grid, linearFactor }: Plane, coinUsd: number): void {
  for (let row = 0; row < pnl.length; row++) {
    pnl[row]! += coinUsd * grid.slide[row]! * linearFactor[row]!;
  }
}

function addExpiry(
  pnl: Float64Array,
  view: UnderlyingView,
  planeIndex: number,
  expiry: readonly Holding[],
): void {
  const moved = new Float64Array(pnl.length);
  let value = 0;
  for (const holding of expiry) {
    addLeg(moved, holding, planeIndex);
    value += holding.quantity * holding.leg.value * holding.leg.unit;
  }
  const discount = factorsOf(view.terms.staticDiscount, expiry[0]!);
  const { grid } = view.planes[planeIndex]!;
  for (let row = 0; row < pnl.length; row++) {
    const shocked = value + moved[row]!;
    const counted = shocked * (shocked >= 0 ? discount.long : discount.short);
    const change = view.terms.staticDiscount === null ? moved[row]! : counted - value;
    pnl[row]! += grid.skewCode[row] === skewCodes.none ? change : -Math.abs(change);
  }
}

/** d_long and d_short of an expiry, from its time and its (first leg's) rate. */
function factorsOf(
  terms: StaticDiscountTerms | null,
  { leg }: Holding,
): { long: number; short: number } {
  if (terms === null) return { long: 1, short: 1 };
  const years = leg.seconds / SECONDS_PER_YEAR;
  const rate = Math.max(leg.market.rate, 0);
  return {
    long: terms.long * exp(-years * (rate * terms.longMult + terms.longAdd)),
    short: Math.min(
      exp(rate * years),
      terms.short * exp(years * (rate * terms.shortMult + terms.shortAdd)),
    ),
  };
}
