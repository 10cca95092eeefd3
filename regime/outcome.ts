/**
 * What a fold tells the rest of the house, and what a regime shows of itself.
 *
 * A grid change goes out only when a published value has moved; it carries the figures behind it,
 * so that an account's margin can be explained, and recomputed, without the regime.
 */

import { actingOf } from "./challenger.ts";
import type { Label } from "./label.ts";
import { levelOf } from "./level.ts";
import { type NoticeStep, noticePath } from "./notice.ts";
import type { Limiter } from "./publisher.ts";
import type { Published, RegimeState } from "./state.ts";

/** The figures behind a published range. Sigmas and scale per market day, fractions. */
export interface Evidence {
  /** End of the newest bar, ms since the epoch. */
  readonly at: number;
  /** R*: k S T within its bounds. */
  readonly target: number;
  /** P, unrounded. */
  readonly range: number;
  readonly limiter: Limiter;
  readonly k: number;
  readonly scale: number;
  readonly sigmaFast: number;
  readonly sigmaSlow: number;
  readonly tau: number;
  readonly kurtFactor: number;
  /** Whether the emergency lane holds the initial range up. */
  readonly emergency: boolean;
  readonly stale: boolean;
}

/** What margins are computed with from here on. Ranges are fractions. */
export interface GridChange {
  readonly underlying: string;
  readonly initial: { readonly slideRange: number };
  readonly maintenance: { readonly slideRange: number };
  readonly volScale: number;
  /** For people; nothing computes with it. */
  readonly label: Label;
  readonly evidence: Evidence;
}

/** The maintenance range will widen to `target`, unless the market calms meanwhile. */
export interface GridNotice {
  readonly underlying: string;
  readonly target: number;
  /** Market time from which the target holds, ms since the epoch. */
  readonly effectiveAt: number;
  readonly path: readonly NoticeStep[];
}

export interface RegimeOutcome {
  readonly change?: GridChange;
  readonly notice?: GridNotice;
}

/** The outcome of most folds; one object, so that a mark allocates nothing. */
export const nothing: RegimeOutcome = Object.freeze({});

/** Compares what is published now with what was, and marks it as told. */
export function outcome(s: RegimeState, before: Published): RegimeOutcome {
  const { told, initial, maintenance, volScale } = s.published;
  const moved =
    !told ||
    initial !== before.initial ||
    maintenance !== before.maintenance ||
    volScale !== before.volScale;
  if (!moved) return nothing;
  s.published.told = true;
  const path = initial > before.initial ? noticePath(s.rangeNotice, s.openMs, s.pace.barMs) : [];
  const last = path.at(-1);
  if (last === undefined) return { change: gridChange(s) };
  const { underlying } = s;
  const notice = { underlying, target: last.value, effectiveAt: last.at, path };
  return { change: gridChange(s), notice };
}

/** What is published, whatever was told before. */
export function announced(s: RegimeState): RegimeOutcome {
  s.published.told = true;
  return { change: gridChange(s) };
}

/** How the maintenance side will move on from market time `at`, where it will. */
export function noticeFrom(s: RegimeState): RegimeOutcome {
  const last = noticePath(s.rangeNotice, s.openMs, s.pace.barMs).at(-1);
  if (last === undefined) return nothing;
  return noticeOf(s, last.value, last.at);
}

/** A notice that a widening will not come: what holds goes on holding. */
export function noticeWithdrawn(s: RegimeState, at: number): RegimeOutcome {
  if (noticePath(s.rangeNotice, s.openMs, s.pace.barMs).length === 0) return nothing;
  return noticeOf(s, s.published.maintenance, at);
}

function noticeOf({ underlying }: RegimeState, target: number, effectiveAt: number): RegimeOutcome {
  return {
    notice: { underlying, target, effectiveAt, path: [{ at: effectiveAt, value: target }] },
  };
}

function gridChange(s: RegimeState): GridChange {
  const { initial, maintenance, volScale } = s.published;
  return {
    underlying: s.underlying,
    initial: { slideRange: initial },
    maintenance: { slideRange: maintenance },
    volScale,
    label: s.label,
    evidence: evidence(s),
  };
}

export function evidence(s: RegimeState): Evidence {
  const { variance, tails, range, pace, terms } = s;
  const { scale, level } = actingOf(s);
  return {
    at: s.openMs,
    target: s.target,
    range: range.value,
    limiter: range.limiter,
    k: known(levelOf(level, terms.level.mode)),
    scale: known(scale),
    sigmaFast: known(Math.sqrt(pace.dayBlocks * variance.fastNow)),
    sigmaSlow: known(Math.sqrt(pace.dayBlocks * variance.slowNow)),
    tau: known(tails.tau),
    kurtFactor: known(tails.factor),
    emergency: s.lane.value > 0,
    stale: s.staleBars >= pace.longStaleBars,
  };
}

/** A figure that is none is told as 0, with `stale`: what is told must be numbers. */
const known = (x: number): number => (Number.isFinite(x) ? x : 0);
