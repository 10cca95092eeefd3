/**
 * A pair of underlyings: how far one moves with the other over a day, and what that may save.
 *
 *      z    = 24 h return over the sigma that stood before it, clipped, of either member
 *      ρ    = Σ z_a z_b / √(Σ z_a² Σ z_b²)                    the newest 180 days
 *      low  = tanh(atanh ρ - 1.645 / √(days - 3))             Fisher (1921): the 5 % bound
 *      ρlow = min(low, least ρ of any 30 days in two years)
 *      λ    = (1 - √((1 - ρlow) / 2)) shrink                  0 where ρlow < 0
 *
 * 1 - √((1 - ρ) / 2) is what a long and a short of equal risk save, in standard deviations; ρ
 * itself would hold less than half of the need at 0.9. Shrink takes some of it back while a
 * member's range stands above its own median.
 *
 * What moves under the publisher's limits is the share that is not saved, 1 - λ: a hedged book's
 * margin is proportional to it, so it may rise and fall as fast as a range may.
 */
import { exp } from "../core/math/exp.ts";
import { log } from "../core/math/log.ts";
import { pow } from "../core/math/pow.ts";
import { foldNotice, type Notice, noticed, startNotice } from "./notice.ts";
import { type Pace, paceOf } from "./pace.ts";
import { hold, type Publisher, publish, startPublisher } from "./publisher.ts";
import type { PublisherTerms, RegimeTerms } from "./terms.ts";

/** The terms of all pairs. */
export interface ComovementTerms {
  readonly lookbackDays: number;
  /** Days of common history before it counts; until then the prior does. */
  readonly minimumDays: number;
  /** Standard errors that the lower bound lies below the estimate. */
  readonly deviations: number;
  /** Standardised returns count up to this. */
  readonly clip: number;
  readonly sigmaDays: number;
  readonly stressDays: number;
  readonly stressLookbackDays: number;
  /** Power of median over range, at most 1, and its least value. */
  readonly shrink: { readonly power: number; readonly min: number };
  readonly creditMax: number;
  /** A credit is rounded down to it; the inverse of a whole number. */
  readonly step: number;
  /** Correlation that is assumed without history; below 0: no credit. */
  readonly prior: { readonly sameClass: number; readonly otherClass: number };
}

/** What the terms of both members come to in common bars, worked out once. */
export interface PairPace {
  /** Of the member with the shorter day, whose limits hold. */
  readonly pace: Pace;
  readonly publisher: PublisherTerms;
  /** Whether a bar that is not common is a silence; sessions close. */
  readonly continuous: boolean;
  readonly samplesADay: number;
  readonly samples: number;
  readonly stressSamples: number;
  readonly stressDays: number;
  readonly keep: number;
  /** Prior variance of a day, shape [2]. */
  readonly variances: readonly [number, number];
  readonly prior: number;
}

export interface Pair {
  /** Closes of the newest common bars, rings of shape [dayBars]. */
  readonly closes: { readonly a: Float64Array; readonly b: Float64Array };
  closeNext: number;
  closeCount: number;
  /** Common bars since a return was kept, and bars on end that were not common. */
  bars: number;
  missed: number;
  /** Variance of a day of each member. */
  varianceA: number;
  varianceB: number;
  /** Standardised 24 h returns, rings of shape [samples]. */
  readonly returns: { readonly a: Float64Array; readonly b: Float64Array };
  returnNext: number;
  returnCount: number;
  /** Correlation of the stress window, once a day, ring of shape [stressDays]. */
  readonly lows: Float64Array;
  lowNext: number;
  lowCount: number;
  samplesToday: number;
  /** Correlation, its lower bound and the least of any stress window. */
  rho: number;
  rhoBound: number;
  rhoStressed: number;
  shrink: number;
  /** 1 - λ, unrounded. */
  readonly share: Publisher;
  readonly notice: Notice;
  /** λ as published. */
  credit: number;
}

/** The pace of a pair whose members fold bars of `barMs` under these terms. */
export function pairPace(
  terms: ComovementTerms,
  barMs: number,
  a: RegimeTerms,
  b: RegimeTerms,
): PairPace {
  const [paceA, paceB] = [paceOf(a, barMs), paceOf(b, barMs)];
  const [pace, member] = paceB.dayBars < paceA.dayBars ? [paceB, b] : [paceA, a];
  const samplesADay = pace.dayBars / pace.blockBars;
  const samples = (days: number): number => Math.floor(days * samplesADay + 0.5);
  return {
    pace,
    publisher: member.publisher,
    continuous: a.calendar.kind === "continuous" && b.calendar.kind === "continuous",
    samplesADay,
    samples: samples(terms.lookbackDays),
    stressSamples: samples(terms.stressDays),
    stressDays: terms.stressLookbackDays,
    keep: pow(0.5, 1 / (terms.sigmaDays * samplesADay)),
    variances: [dayVariance(paceA), dayVariance(paceB)],
    prior: a.assetClass === b.assetClass ? terms.prior.sameClass : terms.prior.otherClass,
  };
}

const dayVariance = ({ priorVariance, dayBlocks }: Pace): number => priorVariance * dayBlocks;

export function startPair(of: PairPace, terms: ComovementTerms): Pair {
  const column = (length: number) => new Float64Array(length);
  const share = 1 - creditOf(of.prior, terms.creditMax);
  const credit = roundedDown(share, terms);
  return {
    closes: { a: column(of.pace.dayBars), b: column(of.pace.dayBars) },
    closeNext: 0,
    closeCount: 0,
    bars: 0,
    missed: 0,
    varianceA: of.variances[0],
    varianceB: of.variances[1],
    returns: { a: column(of.samples), b: column(of.samples) },
    returnNext: 0,
    returnCount: 0,
    lows: column(of.stressDays),
    lowNext: 0,
    lowCount: 0,
    samplesToday: 0,
    rho: of.prior,
    rhoBound: of.prior,
    rhoStressed: of.prior,
    shrink: 1,
    share: startPublisher(of.pace, share),
    notice: startNotice(of.pace, 1 - credit),
    credit,
  };
}

/** One bar of both members, and how far the worse one's range stands above its median. */
export interface PairBar {
  readonly closeA: number;
  readonly closeB: number;
  /** Whether both had marks in it. */
  readonly common: boolean;
  /** Range over its median, the larger of the two. */
  readonly stress: number;
  /** Whether what is published of a member is held by somebody's decision. */
  readonly frozen: boolean;
}

/** A bar has closed; one that is not common moves nothing between sessions. */
export function foldPair(p: Pair, of: PairPace, terms: ComovementTerms, bar: PairBar): void {
  if (bar.common) foldCommon(p, of, terms, bar);
  else if (of.continuous) foldMissed(p, of.pace);
  else return;
  p.shrink = shrinkOf(bar.stress, terms);
  if (bar.frozen) {
    hold(p.share);
    return;
  }
  const target = 1 - creditOf(Math.min(p.rhoBound, p.rhoStressed), terms.creditMax) * p.shrink;
  if (p.missed >= of.pace.longStaleBars)
    p.share.value = Math.min(1, p.share.value * of.pace.staleWiden);
  publish(p.share, of.pace, of.publisher, { target, mayFall: bar.common });
  foldNotice(p.notice, 1 - roundedDown(p.share.value, terms));
  p.credit = roundedDown(noticed(p.notice), terms);
}

/** A silence forgets the day's closes, so no return spans it. */
function foldMissed(p: Pair, { blockBars }: Pace): void {
  p.missed += 1;
  if (p.missed >= blockBars) p.closeCount = 0;
}

function foldCommon(p: Pair, of: PairPace, terms: ComovementTerms, bar: PairBar): void {
  const at = p.closeNext;
  const { a, b } = p.closes;
  p.missed = 0;
  p.bars = p.bars >= of.pace.blockBars ? 1 : p.bars + 1;
  if (p.bars === of.pace.blockBars && p.closeCount === a.length) {
    keepReturns(p, of, terms.clip, log(bar.closeA / a[at]!), log(bar.closeB / b[at]!));
    estimate(p, of, terms);
  }
  a[at] = bar.closeA;
  b[at] = bar.closeB;
  p.closeNext = at + 1 === a.length ? 0 : at + 1;
  p.closeCount = Math.min(p.closeCount + 1, a.length);
}

function keepReturns(p: Pair, { keep, pace }: PairPace, clip: number, a: number, b: number): void {
  const za = clamp(a / Math.sqrt(p.varianceA), -clip, clip);
  const zb = clamp(b / Math.sqrt(p.varianceB), -clip, clip);
  const floor = pace.floorVariance * pace.dayBlocks;
  p.varianceA = Math.max(floor, p.varianceA * (keep + (1 - keep) * za * za));
  p.varianceB = Math.max(floor, p.varianceB * (keep + (1 - keep) * zb * zb));
  p.returns.a[p.returnNext] = za;
  p.returns.b[p.returnNext] = zb;
  p.returnNext = p.returnNext + 1 === p.returns.a.length ? 0 : p.returnNext + 1;
  p.returnCount = Math.min(p.returnCount + 1, p.returns.a.length);
}

/** Summed anew each time over what is kept: nothing drifts, and nothing depends on the way here. */
function estimate(p: Pair, of: PairPace, terms: ComovementTerms): void {
  const days = p.returnCount / of.samplesADay;
  p.samplesToday += 1;
  if (days < terms.minimumDays) return;
  p.rho = correlation(p, p.returnCount);
  p.rhoBound = lowerBound(p.rho, days, terms.deviations);
  if (p.samplesToday < of.samplesADay || p.returnCount < of.stressSamples) return;
  p.samplesToday = 0;
  p.lows[p.lowNext] = correlation(p, of.stressSamples);
  p.lowNext = p.lowNext + 1 === p.lows.length ? 0 : p.lowNext + 1;
  p.lowCount = Math.min(p.lowCount + 1, p.lows.length);
  p.rhoStressed = least(p.lows, p.lowCount);
}

/** Of the newest `count` returns, about zero, in [-1, 1]; 0 where one has not moved. */
function correlation({ returns: { a, b }, returnNext }: Pair, count: number): number {
  let ab = 0;
  let aa = 0;
  let bb = 0;
  for (let i = 1; i <= count; i++) {
    const at = returnNext - i;
    const index = at < 0 ? at + a.length : at;
    const [x, y] = [a[index]!, b[index]!];
    ab += x * y;
    aa += x * x;
    bb += y * y;
  }
  const size = Math.sqrt(aa * bb);
  return size > 0 ? clamp(ab / size, -1, 1) : 0;
}

/** The bound that lies `deviations` standard errors below a correlation of so many days. */
export function lowerBound(rho: number, days: number, deviations: number): number {
  const inside = clamp(rho, -1 + 1e-12, 1 - 1e-12);
  const z = log((1 + inside) / (1 - inside)) / 2 - deviations / Math.sqrt(Math.max(1, days - 3));
  const square = exp(2 * z);
  return (square - 1) / (square + 1);
}

/** λ of a correlation: what a long and a short of equal risk save, at most `most`. */
export function creditOf(rho: number, most: number): number {
  return rho < 0 ? 0 : Math.min(most, 1 - Math.sqrt((1 - rho) / 2));
}

function shrinkOf(stress: number, { shrink: { power, min } }: ComovementTerms): number {
  return stress > 1 ? Math.max(min, pow(1 / stress, power)) : 1;
}

/** λ of a share, down to the step, a hair below a step counting as on it. */
function roundedDown(share: number, { step }: ComovementTerms): number {
  const perUnit = Math.floor(1 / step + 0.5);
  return Math.floor((1 - share) * perUnit + 1e-9) / perUnit;
}

function least(values: Float64Array, count: number): number {
  let found = 1;
  for (let i = 0; i < count; i++) found = Math.min(found, values[i]!);
  return found;
}

const clamp = (x: number, low: number, high: number): number => Math.max(low, Math.min(high, x));
