/**
 * The fold of one bar: estimators, target, publisher, in this order, live and in a study alike.
 *
 *      bar ─► variance ─► S ─┐
 *          ─► day M/S  ─► k ─┼─► R* = clamp(k S T) ─► publisher ─► initial ─► notice ─► maintenance
 *          ─► tails    ─► T ─┘                         vol scale ─────────────► notice
 *
 * T takes a block in with the bar after it: a larger move can then never lower the range at once,
 * by making the month look less heavy-tailed.
 */
import { exp } from "../core/math/exp.ts";
import { log } from "../core/math/log.ts";
import { pow } from "../core/math/pow.ts";
import { type Bar, usable } from "./bar.ts";
import { blockEnds, foldBlock } from "./block.ts";
import {
  actingOf,
  endChallengerBlock,
  learnChallenger,
  publishShadow,
  shadowOf,
} from "./challenger.ts";
import { foldDay, ratioOf, standFrom } from "./day.ts";
import { foldLane } from "./emergency.ts";
import { foldMedians, medianOr, nextLabel } from "./label.ts";
import { foldLevel, levelOf } from "./level.ts";
import { foldNotice, noticed } from "./notice.ts";
import { hold, publish, roundedUp } from "./publisher.ts";
import { foldScore } from "./score.ts";
import { foldSilence } from "./silence.ts";
import type { RegimeState } from "./state.ts";
import { expire } from "./steer.ts";
import { foldTails } from "./tails.ts";
import { foldVariance } from "./variance.ts";

/** Folds a bar that follows the one before without a gap. */
export function step(s: RegimeState, bar: Bar): void {
  const fresh = bar.stale !== true && usable(bar);
  if (blockEnds(s.block, s.pace)) foldTails(s.tails, s.pace, s.terms.kurtosis, s.block);
  foldBlock(s.block, s.pace, bar, fresh);
  foldVariance(s.variance, s.pace, s.terms.scale.winsor, s.block);
  if (blockEnds(s.block, s.pace) && s.block.fresh > 0)
    endChallengerBlock(s.challenger, s.pace, s.variance.newest);
  countBar(s, bar, fresh);
  s.scale = dampedScale(s);
  learnLevel(s, bar);
  const sound = setTarget(s);
  s.staleBars = fresh && sound ? 0 : s.staleBars + 1;
  expire(s.steer, bar.openMs + s.pace.barMs);
  publishRange(s, fresh && sound);
  publishVol(s, fresh && sound);
  publishShadow(s, targetOf(s, shadowOf(s)), fresh);
  standFrom(s.day, s.scale * s.tails.factor, s.published.initial);
  if (sound) foldMedians(s.medians, s.pace, s.scale, s.range.value);
}

function countBar(s: RegimeState, bar: Bar, fresh: boolean): void {
  if (!fresh) return;
  s.lastClose = bar.close;
  s.history += 1;
  s.priorShare *= s.pace.slowKeep[1]!;
}

/** S = sigmaFast^b sigmaSlow^(1-b), daily. */
export function dampedScale({ variance, terms, pace }: RegimeState): number {
  const b = terms.scale.damping;
  const mean = b * log(variance.fastNow) + (1 - b) * log(variance.slowNow);
  return Math.sqrt(pace.dayBlocks * exp(mean));
}

/** A day without a move is no evidence, so a silence teaches nothing; a price of 0 or less does. */
function learnLevel(s: RegimeState, bar: Bar): void {
  const { day, pace } = s;
  foldDay(day, bar);
  foldLevel(s.level, pace, s.terms, ratioOf(day, day.scaleThen));
  foldScore(s.score, pace, day);
  learnChallenger(s);
}

/** A figure that is none moves nothing: the last target stands, as in a silence. */
function setTarget(s: RegimeState): boolean {
  const target = targetOf(s, actingOf(s));
  const sound = Number.isFinite(target);
  if (sound) s.target = target;
  return sound;
}

/** R* = k S T within its bounds; NaN where that is no number. */
function targetOf(
  { terms, tails, history, pace }: RegimeState,
  { scale, level }: Pick<RegimeState, "scale" | "level">,
): number {
  const plain = levelOf(level, terms.level.mode) * scale * tails.factor;
  if (!Number.isFinite(plain)) return Number.NaN;
  const held = history < pace.holdBars ? Math.max(plain, terms.prior.range) : plain;
  return Math.max(terms.range.min, Math.min(terms.range.max, held));
}

function publishRange(s: RegimeState, fresh: boolean): void {
  const { range, pace, terms, steer, published } = s;
  if (!steer.frozen || steer.allowEmergency) widen(s);
  if (steer.frozen) hold(range);
  else if (steer.range > 0) publish(range, pace, exact, { target: steer.range, mayFall: fresh });
  else publish(range, pace, terms.publisher, { target: s.target, mayFall: fresh });
  nameBound(s);
  const initial = roundedUp(Math.max(range.value, s.lane.value, s.silence.value), terms.range);
  published.initial = steer.frozen ? Math.max(steer.initial, initial) : initial;
  if (!steer.frozen) {
    foldNotice(s.rangeNotice, roundedUp(range.value, terms.range));
    published.maintenance = noticed(s.rangeNotice);
  }
  const median = medianOr(s.medians.range, terms.prior.range);
  s.label = nextLabel(s.label, range.value / median, terms.label);
}

/** An operator's range is meant as it is. */
const exact = { deadBandUp: 0, deadBandDown: 0 };

/** What safety adds to the initial side alone: width in a long silence, and the lane. */
function widen(s: RegimeState): void {
  const { range, pace, terms, staleBars } = s;
  foldSilence(s.silence, pace, { staleBars, range: range.value, prior: terms.prior.range });
  foldLane(s.lane, pace, terms.emergency, s);
}

/**
 * A range that rests where its target was cut off is held there by the cut, not by the publisher.
 */
function nameBound({ range, target, terms, steer }: RegimeState): void {
  if (range.limiter !== "none" && range.limiter !== "deadBand") return;
  if (steer.range > 0) range.limiter = "override";
  else if (target === terms.range.max) range.limiter = "cap";
  else if (target === terms.range.min) range.limiter = "floor";
}

/** The vol shock moves with the square root of S over its median, and with T. */
function publishVol(s: RegimeState, fresh: boolean): void {
  const { vol, pace, terms } = s;
  if (s.steer.frozen) {
    hold(vol);
    return;
  }
  const { min, max, power } = terms.volScale;
  const prior = Math.sqrt(pace.priorVariance * pace.dayBlocks);
  const share = s.scale / medianOr(s.medians.scale, prior);
  const target = pow(Math.max(min, Math.min(max, share)), power) * s.tails.factor;
  publish(vol, pace, terms.publisher, { target, mayFall: fresh });
  foldNotice(s.volNotice, roundedUp(vol.value, terms.volScale));
  s.published.volScale = noticed(s.volNotice);
}
