/**
 * The challenger: another scale in the same pipeline, scored beside the one that acts.
 *
 *      champion     S damped ─► k ─► T ─► publisher ─► what is published
 *      challenger   S HAR    ─► k ─► T ─► publisher ─► what would have been
 *
 * Each scale has its own level, so either covers what it promises. Both are judged on the same
 * windows, one a day, by tick loss over the newest 180. The terms say which of the two acts
 * (scale.estimator); changing that is a decision of people, and P goes on from where it stands,
 * through its limits. Without coefficients there is no challenger, and the damped scale acts
 * whatever the terms say.
 */
import { type Day, isSpoilt, ratioOf } from "./day.ts";
import { foldHar, type Har, type HarCoefficients, harFeatures, harScale, startHar } from "./har.ts";
import { foldLevel, type Level, startLevel } from "./level.ts";
import type { Pace } from "./pace.ts";
import { type Publisher, publish, roundedUp, startPublisher } from "./publisher.ts";
import type { RegimeState } from "./state.ts";
import type { RegimeTerms } from "./terms.ts";

/** Windows of the score, one a day. */
export const SCORE_DAYS = 180;

export interface Challenger {
  /** Whether there are coefficients. */
  known: boolean;
  readonly coefficients: { -readonly [K in keyof HarCoefficients]: number };
  readonly har: Har;
  /** S by HAR as of the newest block; 0 until there are coefficients and a month of blocks. */
  scale: number;
  /** Level of the HAR scale. */
  readonly level: Level;
  /** What the scale that does not act would have published. */
  readonly range: Publisher;
  /** S T by HAR, and the shadow's range, that stood at each close of the day; shape [dayBars]. */
  readonly scaleThen: Float64Array;
  readonly rangeThen: Float64Array;
  readonly score: ShadowScore;
}

/** Rings of shape [180]: tick losses and exceedances (0 or 1) of the newest windows. */
export interface ShadowScore {
  bars: number;
  windows: number;
  readonly acting: Float64Array;
  readonly shadow: Float64Array;
  readonly actingExceeded: Float64Array;
  readonly shadowExceeded: Float64Array;
}

export function startChallenger(pace: Pace, { prior }: RegimeTerms): Challenger {
  return {
    known: false,
    coefficients: { intercept: 0, day: 0, week: 0, month: 0, level: prior.level },
    har: startHar(pace),
    scale: 0,
    level: startLevel(pace, prior.level),
    range: startPublisher(pace, prior.range),
    scaleThen: new Float64Array(pace.dayBars),
    rangeThen: new Float64Array(pace.dayBars),
    score: startShadowScore(),
  };
}

export function startShadowScore(): ShadowScore {
  const column = () => new Float64Array(SCORE_DAYS);
  return {
    bars: 0,
    windows: 0,
    acting: column(),
    shadow: column(),
    actingExceeded: column(),
    shadowExceeded: column(),
  };
}

/**
 * A regime whose challenger is fitted anew; what is published stays where it stands.
 *
 * The shadow starts from the published range, with the level of its fit, and with an empty score.
 *
 * @param s is used up: its columns are the new one's
 */
export function withCoefficients(s: RegimeState, coefficients: HarCoefficients): RegimeState {
  const started = startChallenger(s.pace, s.terms);
  const challenger = {
    ...started,
    known: true,
    coefficients: { ...coefficients },
    har: s.challenger.har,
    level: startLevel(s.pace, coefficients.level),
    range: startPublisher(s.pace, s.range.value),
  };
  challenger.scale = scaleOf(challenger, s.pace);
  return { ...s, challenger };
}

function scaleOf({ coefficients, har }: Challenger, pace: Pace): number {
  const features = harFeatures(har, pace);
  return features === undefined ? 0 : harScale(coefficients, features);
}

/** The scale and level that act. */
export function actingOf(s: RegimeState): { readonly scale: number; readonly level: Level } {
  return harActs(s) ? s.challenger : s;
}

/** The scale and level that do not. */
export function shadowOf(s: RegimeState): { readonly scale: number; readonly level: Level } {
  return harActs(s) ? s : s.challenger;
}

export const harActs = ({ terms, challenger }: RegimeState): boolean =>
  terms.scale.estimator === "har" && isReady(challenger);

const isReady = ({ scale }: Challenger): boolean => scale > 0;

/** A block with marks is over; its variance is known. */
export function endChallengerBlock(c: Challenger, pace: Pace, variance: number): void {
  foldHar(c.har, variance);
  if (c.known) c.scale = scaleOf(c, pace);
}

/** The day has moved on by a bar, and with it the windows that both are judged by. */
export function learnChallenger(s: RegimeState): void {
  const { challenger: c, day, pace, terms } = s;
  if (!isReady(c)) return;
  foldLevel(c.level, pace, terms, ratioOf(day, c.scaleThen[day.next]!));
  foldShadowScore(c, pace, day, 1 - terms.coverage);
}

function foldShadowScore({ score, rangeThen }: Challenger, pace: Pace, day: Day, a: number): void {
  score.bars += 1;
  if (score.bars < pace.dayBars) return;
  if (isSpoilt(day)) return;
  score.bars = 0;
  const shadowThen = rangeThen[day.next]!;
  if (!day.known || !(shadowThen > 0)) return;
  const at = score.windows % SCORE_DAYS;
  score.acting[at] = tickLoss(day.move, day.rangeThen, a);
  score.shadow[at] = tickLoss(day.move, shadowThen, a);
  score.actingExceeded[at] = day.move > day.rangeThen ? 1 : 0;
  score.shadowExceeded[at] = day.move > shadowThen ? 1 : 0;
  score.windows += 1;
}

/** Koenker and Bassett's loss (1978): no range has a lower expectation than the true quantile. */
export function tickLoss(move: number, range: number, a: number): number {
  return move > range ? (1 - a) * (move - range) : a * (range - move);
}

/** What the shadow would publish toward `target`, and what stands from this close on. */
export function publishShadow(s: RegimeState, target: number, mayFall: boolean): void {
  const { challenger: c, pace, terms, day } = s;
  if (!isReady(c)) return;
  publish(c.range, pace, terms.publisher, { target, mayFall });
  c.scaleThen[day.next] = c.scale * s.tails.factor;
  c.rangeThen[day.next] = roundedUp(c.range.value, terms.range);
}

/** How the scale that does not act has done beside the one that does. */
export interface ChallengerScore {
  /** The scale that does not act. */
  readonly shadow: RegimeTerms["scale"]["estimator"];
  readonly windows: number;
  readonly expected: number;
  /** Mean tick loss over the newest windows, in 1e-4; lower is better. */
  readonly actingTickLoss: number;
  readonly shadowTickLoss: number;
  readonly actingExceedances: number;
  readonly shadowExceedances: number;
  /** What the shadow would have published now, fraction. */
  readonly shadowRange: number;
}

/** Undefined without coefficients, and before a first window is over. */
export function challengerScore(s: RegimeState): ChallengerScore | undefined {
  const { known, score, range } = s.challenger;
  const windows = Math.min(score.windows, SCORE_DAYS);
  if (!known || windows === 0) return undefined;
  return {
    shadow: harActs(s) ? "damped" : "har",
    windows,
    expected: windows * (1 - s.terms.coverage),
    actingTickLoss: (1e4 * total(score.acting)) / windows,
    shadowTickLoss: (1e4 * total(score.shadow)) / windows,
    actingExceedances: total(score.actingExceeded),
    shadowExceedances: total(score.shadowExceeded),
    shadowRange: roundedUp(range.value, s.terms.range),
  };
}

/** Unused places of a ring are 0, so a sum over all of it is the sum of what is in it. */
const total = (column: Float64Array): number => column.reduce((sum, x) => sum + x, 0);
