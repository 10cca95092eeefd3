/**
 * Size: what closing a book beyond the market's depth costs more.
 *
 *      delta part  = R x Σ_b (m_b - 1) x |Δ| x index in bracket b
 *      gamma part  = Σ_b g_b step x N(g_b) in bracket b           tiers with gammaNodes g_b,
 * ladders
 *      N(g)        = max(0, S(R + g step) - S(R)) / (g step)      S = scanning risk
 *
 * N is the delta cash of the losing side past the edge of the range: of a linear book its delta, of
 * a short straddle what it grows into. What of it lies beyond the depth also pays the loss from the
 * edge to g nodes further out. Brackets are multiples of a declared depth and marginal, so no lot
 * is cheaper in parts, and a book of twice the size never pays less. The gamma part is a loss of
 * rows and takes their factor, so that a wider range never asks for less.
 */
import type { LiquidityTerms } from "../../terms.ts";
import type { Holding } from "../holding.ts";
import type { StageView, UnderlyingView } from "../view.ts";
import { deltaUsd } from "./delta.ts";

/** The delta part, numeraire, for a stage whose price axis reaches `range`. */
export function size(
  terms: LiquidityTerms,
  view: UnderlyingView,
  holdings: readonly Holding[],
  range: number,
): number {
  const usd = deltaUsd(view, holdings);
  let amount = 0;
  terms.tiers.forEach(({ multiplier }, i) => {
    amount += inBracket(terms, i, usd) * (multiplier - 1);
  });
  return amount * range * view.unit;
}

/**
 * The gamma part, numeraire.
 *
 * @param edge scanning risk at the stage's range
 * @param riskTo the same through other masks, numeraire
 */
export function sizeBeyond(
  { terms, unit }: UnderlyingView,
  { beyond }: StageView,
  edge: number,
  riskTo: (masks: StageView["masks"]) => number,
): number {
  let amount = 0;
  beyond.forEach((reach, i) => {
    if (reach === null || terms.liquidity === null) return;
    const usd = Math.max(0, riskTo(reach.masks) - edge) / (unit * reach.width);
    amount += inBracket(terms.liquidity, i, usd) * reach.width * unit;
  });
  return amount;
}

/** USD of `notional` inside the bracket of tier `i`. */
function inBracket({ depthUsd, tiers }: LiquidityTerms, i: number, notional: number): number {
  const from = tiers[i]!.above * depthUsd;
  const to = (tiers[i + 1]?.above ?? Number.POSITIVE_INFINITY) * depthUsd;
  return Math.max(0, Math.min(notional, to) - from);
}
