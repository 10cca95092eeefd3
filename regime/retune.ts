/**
 * A regime that goes on under other terms.
 *
 * Everything that it knows is carried over and nothing that is published moves: a new number acts
 * from the next bar on, through the same limits as a change of the market.
 *
 *      variance, tails, day, medians, publishers, notices    as they are
 *      windows of M / S           the newest that the new lookback holds
 *      score                      as it is; begun anew with the coverage
 *
 * When the lookback grows, the window keeps what it has and fills up; the level acts on fewer years
 * than its terms name until then. Exceedances of another coverage cannot be counted together.
 */
import { RiskError } from "../core/errors.ts";
import { type Challenger, startShadowScore } from "./challenger.ts";
import { type OrderWindow, orderWindow, push } from "./order-window.ts";
import { type Pace, paceOf } from "./pace.ts";
import { startScore } from "./score.ts";
import type { RegimeState } from "./state.ts";
import type { RegimeTerms } from "./terms.ts";

/**
 * @param s is used up: its columns are the new one's
 * @throws RiskError unsupported for terms that another shape of state would be needed for
 */
export function withTerms(s: RegimeState, terms: RegimeTerms): RegimeState {
  const pace = paceOf(terms, s.pace.barMs);
  for (const member of shapes) refuseOther(member, s.pace[member], pace[member]);
  refuseOther("range.step", s.terms.range.step, terms.range.step);
  refuseOther("volScale.step", s.terms.volScale.step, terms.volScale.step);
  const level = { ...s.level, ratios: resized(s.level.ratios, pace.sampleCount) };
  const score = terms.coverage === s.terms.coverage ? s.score : startScore();
  const challenger = retuned(s.challenger, s.terms, terms, pace);
  return { ...s, terms, pace, level, score, challenger };
}

/** Beside another rival or another coverage its losses are begun anew. */
function retuned(c: Challenger, before: RegimeTerms, terms: RegimeTerms, pace: Pace): Challenger {
  const level = { ...c.level, ratios: resized(c.level.ratios, pace.sampleCount) };
  const same =
    terms.coverage === before.coverage && terms.scale.estimator === before.scale.estimator;
  return { ...c, level, score: same ? c.score : startShadowScore() };
}

/** Counts that columns of the state are as long as. */
const shapes = [
  "dayBars",
  "blockBars",
  "noticeBars",
  "windowReturns",
  "medianDays",
] as const satisfies readonly (keyof Pace)[];

function refuseOther(path: string, before: number, after: number): void {
  if (before === after) return;
  throw new RiskError("unsupported", {
    path,
    expected: `${before}, as it began`,
    found: String(after),
  });
}

/** The newest values of a window in one of another capacity. */
function resized(window: OrderWindow, capacity: number): OrderWindow {
  const { ring, next, count } = window;
  if (ring.length === capacity) return window;
  const kept = orderWindow(capacity);
  for (let back = Math.min(count, capacity); back > 0; back--)
    push(kept, ring[(next - back + ring.length) % ring.length]!);
  return kept;
}
