/**
 * Scanning: the worst weighted loss of a portfolio over the rows that a mask shows.
 *
 *      L[s] = -weight[s] x pnl[s] + share x orders[s]
 *      orders[s] = Σ max(0, -d q weight[s] riskArray[s] + penalty)
 *
 * The order term is exact over all subsets and partial fills: in each row exactly those orders
 * count that would hurt. Then the terms' say on gains and on small tail losses. The worst row is
 * the one of largest loss even where none loses (the amount is floored later, not the index); ties
 * go to the lowest, and losses within 1e-14 of each other tie: the weighted tails of a future are
 * one loss, in the last bit apart. A NaN would compare false with everything and cost nothing, so
 * losses are summed and checked.
 */
import { RiskError } from "../errors.ts";
import type { Mask } from "../scenario/mask.ts";
import { rowFamilies, type UnderlyingTerms } from "../terms.ts";
import type { RestingOrder } from "./holding.ts";
import type { UnderlyingView } from "./view.ts";

export interface Scan {
  /** Losses by position in the mask, orders included, shape [mask.rows.length]. */
  readonly losses: Float64Array;
  /** The same of the positions alone. */
  readonly positions: Float64Array;
  /** Largest loss of each row family; -Infinity where the mask shows none of it. */
  readonly families: Float64Array;
  /** Position in the mask of the largest loss; -1 when it has no rows. */
  readonly worst: number;
  /** Largest loss; 0 when the mask has no rows. May be negative: then every row gains. */
  readonly loss: number;
}

export interface OrderTerm {
  readonly orders: readonly RestingOrder[];
  /** Share of the order term that this stage counts. */
  readonly share: number;
  readonly worstSide: boolean;
}

/** Scans `pnl` (by row of the plane) through `mask`. @throws RiskError risk_not_finite */
export function scan(
  view: UnderlyingView,
  planeIndex: number,
  mask: Mask,
  pnl: Float64Array,
  orderTerm: OrderTerm,
): Scan {
  const { family } = view.planes[planeIndex]!.grid;
  const positions = new Float64Array(mask.rows.length);
  for (let i = 0; i < positions.length; i++) {
    positions[i] = -mask.weights[i]! * pnl[mask.rows[i]!]!;
  }
  let losses = positions;
  if (orderTerm.orders.length > 0 && orderTerm.share > 0) {
    losses = Float64Array.from(positions);
    addOrders(losses, mask, planeIndex, orderTerm);
    applyGainRule(losses, view, mask, family);
  }
  applyGainRule(positions, view, mask, family);
  return { ...worstOf(losses, mask, family), losses, positions };
}

function addOrders(losses: Float64Array, mask: Mask, plane: number, term: OrderTerm): void {
  for (let i = 0; i < losses.length; i++) {
    const row = mask.rows[i]!;
    const weight = mask.weights[i]!;
    losses[i]! += term.share * (term.worstSide ? sides : subsets)(term.orders, plane, row, weight);
  }
}

function subsets(
  orders: readonly RestingOrder[],
  plane: number,
  row: number,
  weight: number,
): number {
  let loss = 0;
  for (const order of orders) loss += Math.max(0, fillLoss(order, plane, row, weight));
  return loss;
}

/** Of each instrument only the worse side counts, for venues that say so. */
function sides(
  orders: readonly RestingOrder[],
  plane: number,
  row: number,
  weight: number,
): number {
  const sums = new Map<string, { buys: number; sells: number }>();
  for (const order of orders) {
    const sum = sums.get(order.instrument) ?? { buys: 0, sells: 0 };
    sums.set(order.instrument, sum);
    const loss = Math.max(0, fillLoss(order, plane, row, weight));
    if (order.direction > 0) sum.buys += loss;
    else sum.sells += loss;
  }
  let loss = 0;
  for (const { buys, sells } of sums.values()) loss += Math.max(buys, sells);
  return loss;
}

function fillLoss(order: RestingOrder, plane: number, row: number, weight: number): number {
  const pnl = order.direction * order.quantity * order.leg.arrays[plane]![row]!;
  return order.penalty - weight * pnl;
}

const TAILS = rowFamilies.indexOf("tails");

function applyGainRule(
  losses: Float64Array,
  { terms, unit }: UnderlyingView,
  mask: Mask,
  family: Uint8Array,
): void {
  const dampener = (terms.scenarios.tails?.dampener ?? 0) * unit;
  const subtract = terms.scenarios.tails?.dampenerMode === "subtract";
  for (let i = 0; i < losses.length; i++) {
    if (dampener > 0 && family[mask.rows[i]!] === TAILS && losses[i]! > 0) {
      losses[i] = dampened(losses[i]!, dampener, subtract);
    }
    if (terms.gains === "floorUnderlying") losses[i] = Math.max(0, losses[i]!);
  }
}

function dampened(loss: number, dampener: number, subtract: boolean): number {
  if (subtract) return Math.max(0, loss - dampener);
  return loss > dampener ? loss : 0;
}

type Worst = Pick<Scan, "families" | "worst" | "loss">;

function worstOf(losses: Float64Array, mask: Mask, family: Uint8Array): Worst {
  const families = new Float64Array(rowFamilies.length).fill(Number.NEGATIVE_INFINITY);
  let sum = 0;
  for (let i = 0; i < losses.length; i++) {
    const loss = losses[i]!;
    const of = family[mask.rows[i]!]!;
    sum += loss;
    if (loss > families[of]!) families[of] = loss;
  }
  if (!Number.isFinite(sum)) {
    throw new RiskError("risk_not_finite", {
      path: "scenarios",
      expected: "a finite loss in every row",
      found: `row ${losses.findIndex((loss) => !Number.isFinite(loss))} of ${losses.length}`,
    });
  }
  if (losses.length === 0) return { families, worst: -1, loss: 0 };
  const loss = Math.max(...families);
  return { families, worst: losses.findIndex((of) => tied(of, loss)), loss };
}

/** Relative distance within which two losses are one. */
const TIE = 1e-14;

/** Whether `loss` counts as the largest. */
export function tied(loss: number, largest: number): boolean {
  return loss >= largest - TIE * Math.abs(largest);
}

/** Requirement of the rows alone: max(0, worst loss), interpolated between a stage's masks. */
export function standalone(masks: readonly Mask[], scans: readonly Scan[]): number {
  let risk = 0;
  for (let i = 0; i < masks.length; i++) risk += masks[i]!.share * Math.max(0, scans[i]!.loss);
  return risk;
}

/** Whether `terms` allow resting orders: sign-dependent rows leave no exact subset formula. */
export function refuseOrdersBeside(terms: UnderlyingTerms, underlying: string): void {
  if (terms.skew === null && terms.staticDiscount === null) return;
  throw new RiskError("unsupported", {
    path: "account.openOrders",
    expected: `no open orders on ${underlying}: its terms have skew rows or a static discount`,
    found: "open orders",
  });
}
