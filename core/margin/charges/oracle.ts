/**
 * Oracle add-on: prices in doubt cost initial margin.
 *
 *      amount = rate x (1 - confidence) x notional        where confidence < threshold
 *
 * A perpetual's confidence is the lower of its own and the index's; an expiry's the lowest of the
 * index, the perpetuals held, and its own forward, vol and rate; collateral the lower of its own
 * and its underlying's. Notionals are gross; what is held at 0 doubts nothing.
 */
import type { ChargeTerms } from "../../terms.ts";
import { grouped, type Holding, isOption, isPerpetual, worstGross } from "../holding.ts";
import type { UnderlyingView } from "../view.ts";
import { perpetualUsd } from "./perpetual.ts";

type OracleTerms = NonNullable<ChargeTerms["oracle"]>;

/** Share of a notional that is charged at `confidence`. */
export function doubt(terms: OracleTerms, confidence: number): number {
  // Asked this way round, a confidence that is no number is not taken for full confidence.
  return confidence >= terms.threshold ? 0 : (1 - confidence) * terms.rate;
}

/** In the numeraire, initial only: perpetuals and options of one underlying. */
export function oracle(
  terms: OracleTerms,
  view: UnderlyingView,
  holdings: readonly Holding[],
): number {
  const held = holdings.filter(({ low, high }) => low !== 0 || high !== 0);
  const perpetual = lowest(view.confidence, held.filter(isPerpetual), ({ market }) => [
    market.confidence,
  ]);
  let amount = perpetualUsd(view, holdings) * doubt(terms, perpetual);
  for (const expiry of grouped(held.filter(isOption), ({ seconds }) => seconds).values()) {
    const units = worstGross(expiry, ({ market }) => market.spec.contractSize);
    const confidence = lowest(perpetual, expiry, ({ market }) => [
      market.forwardConfidence,
      market.volConfidence,
      market.rateConfidence,
    ]);
    amount += units * view.index * doubt(terms, confidence);
  }
  return amount * view.unit;
}

function lowest(
  start: number,
  holdings: readonly Holding[],
  of: (leg: Holding["leg"]) => readonly number[],
): number {
  return holdings.reduce((least, { leg }) => Math.min(least, ...of(leg)), start);
}
