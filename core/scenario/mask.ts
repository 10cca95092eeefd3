/**
 * A mask: the rows of a grid that one requirement looks at, with the weight of each.
 *
 * On a ladder the published range P lies between two node sets, k = floor(P / step):
 *
 *      req(P) = (1 - θ) req(N_k) + θ req(N_k+1)          θ = P / step - k
 *
 * so a stage looks through two masks with shares that add up to one. The sets nest, hence the
 * requirement is continuous and never falls as P widens. A tail's weight in a set is measured by
 * that set's own edge, min(1, factor x k step / |move|): then the requirement of a linear book is
 * exactly proportional to P. Everywhere else a stage has one mask. Row families that the terms'
 * combine tree does not name are not looked at.
 */
import { RiskError } from "../errors.ts";
import { names, rowFamilies, type UnderlyingTerms } from "../terms.ts";
import type { Grid } from "./grid.ts";

export interface Mask {
  /** Rows of the grid, ascending, shape [seen]. */
  readonly rows: Int32Array;
  /** Share of a row's P&L that counts, shape [seen]. */
  readonly weights: Float64Array;
  /** Half-width of the price axis that this mask stands for. */
  readonly range: number;
  /** Share of this mask in the stage's requirement. */
  readonly share: number;
}

const TAILS = rowFamilies.indexOf("tails");
const SKEW = rowFamilies.indexOf("skew");

/**
 * Ranges this close to a node, in steps, count as on it: 0.16 / 0.02 is 8 whatever the bits say.
 */
export const NODE_TOLERANCE = 1e-9;

/** Position of a range on a ladder: whole nodes and the share θ of the next one. */
export function onLadder(range: number, step: number): { nodes: number; share: number } {
  const steps = range / step;
  const nearest = Math.floor(steps + 0.5);
  if (Math.abs(steps - nearest) <= NODE_TOLERANCE) return { nodes: nearest, share: 0 };
  const nodes = Math.floor(steps);
  return { nodes, share: steps - nodes };
}

/** Nodes that a ladder needs on each side for `range`. */
export function nodesFor(range: number, step: number): number {
  const { nodes, share } = onLadder(range, step);
  return share > 0 ? nodes + 1 : nodes;
}

/** The masks of one stage, inner first; their shares add up to 1. */
export function masksOf(terms: UnderlyingTerms, grid: Grid, range: number): readonly Mask[] {
  if (terms.scenarios.rows !== null || terms.scenarios.recipe !== "ladder") {
    return [maskOf(terms, grid, range, { nodes: grid.nodes, share: 1 })];
  }
  const { step } = terms.scenarios.ladder;
  const { nodes, share } = onLadder(range, step);
  if (nodesFor(range, step) > grid.nodes) {
    throw new RiskError("invariant_broken", {
      path: "scenarios.ladder",
      expected: `${nodesFor(range, step)} priced nodes for the range ${range}`,
      found: String(grid.nodes),
    });
  }
  const inner = maskOf(terms, grid, nodes * step, { nodes, share: 1 - share });
  if (share === 0) return [inner];
  return [inner, maskOf(terms, grid, (nodes + 1) * step, { nodes: nodes + 1, share })];
}

function maskOf(
  terms: UnderlyingTerms,
  grid: Grid,
  range: number,
  { nodes, share }: { nodes: number; share: number },
): Mask {
  const counted = rowFamilies.map((family) => names(terms.combine, family));
  const rows: number[] = [];
  for (let row = 0; row < grid.count; row++) {
    if (Math.abs(grid.node[row]!) <= nodes && counted[grid.family[row]!]) rows.push(row);
  }
  return {
    rows: Int32Array.from(rows),
    weights: Float64Array.from(rows, (row) => rowWeight(terms, grid, row, range)),
    range,
    share,
  };
}

/** Share of a row's P&L that counts where the price axis reaches `range`, ≥ 0. */
export function rowWeight(terms: UnderlyingTerms, grid: Grid, row: number, range: number): number {
  const { tails } = terms.scenarios;
  const family = grid.family[row]!;
  if (family === SKEW) return 1;
  if (family !== TAILS || tails === null || tails.weights !== null) return grid.weight[row]!;
  const move = Math.abs(tails.moves[grid.copy[row]!]!);
  return Math.min(1, (tails.factor * range) / move);
}
