/**
 * The simulated market behind the index: phases, a vol that follows them, jumps, a common factor.
 *
 *      phase      calm, normal, crisis: exponential stays, declared successors
 *      log vol    reverts to the phase's level; its shocks lean against those of the price
 *      factor     σ √dt z - σ² dt / 2 + jumps                      of all underlyings
 *      index      log return = beta x factor + own x σ √dt z_own, weakly pulled to its anchor
 *      premium, near basis      revert to the phase's level
 *
 * Every step is exact for its length where the process allows it (Ornstein-Uhlenbeck), so coarse
 * steps before the start and fine ones after it belong to one market. No wall clock, no Math.exp.
 */
import { RiskError, shown } from "../../core/errors.ts";
import { exp } from "../../core/math/exp.ts";
import { log } from "../../core/math/log.ts";
import { type Chance, chance } from "./chance.ts";
import { DAY_MS, HOUR_MS, type Phase, type SimSettings, YEAR_MS } from "./settings.ts";

/** The state of the market. Only `advance` and `crash` change it. */
export interface Market {
  readonly settings: SimSettings;
  phase: string;
  /** Time until the phase ends. */
  phaseLeftMs: number;
  /** Declared phases still to come. */
  script: readonly { readonly phase: string; readonly hours: number }[];
  /** Log of the factor's vol a year. */
  logVol: number;
  /** Log index, premium and near basis by underlying, in the order of the settings. */
  readonly logPrice: number[];
  readonly premium: number[];
  readonly carry: number[];
  /** A triggered fall that is still under way. */
  crashLeftMs: number;
  readonly chances: Readonly<Record<Stream, Chance>>;
}

const streams = ["phase", "vol", "factor", "jump", "own", "basis"] as const;
type Stream = (typeof streams)[number];

/** What a step of one length needs; made once. */
export interface Stride {
  readonly ms: number;
  readonly years: number;
  readonly vol: Reversion;
  readonly pull: number;
  /** Log of the declared price by underlying: what the pull draws to. */
  readonly anchors: readonly number[];
  readonly premium: Reversion;
  readonly carry: Reversion;
}

/** An exact step of a process that reverts to a level: keep the distance, add noise. */
interface Reversion {
  readonly keep: number;
  readonly noise: number;
}

/**
 * A market at its declared prices, in the phase named first in the settings.
 *
 * @param run tells the draws of several markets of one seed apart
 */
export function openMarket(settings: SimSettings, seed: number, run = ""): Market {
  const first = firstPhase(settings);
  const zero = settings.underlyings.map(() => 0);
  return {
    settings,
    phase: first,
    phaseLeftMs: 0,
    script: [],
    logVol: log(phaseOf(settings, first).vol),
    logPrice: settings.underlyings.map(({ price }) => log(price)),
    premium: zero.slice(),
    carry: zero.slice(),
    crashLeftMs: 0,
    chances: fromEach((stream) => chance(seed, stream + run)),
  };
}

/**
 * A market that goes on at market time `at` and these prices, `elapsedMs` after its declared start:
 * in the declared phase of that moment, afterwards in the quiet one, at the phase's own level.
 *
 * What the market had drawn is not known any more, so it draws anew; the same moment gives the same
 * draws, and however long ago the start was, it costs the same.
 */
export function resumeMarket(
  settings: SimSettings,
  seed: number,
  { at, index }: { readonly at: number; readonly index: ReadonlyMap<string, number> },
  elapsedMs: number,
): Market {
  const market = openMarket(settings, seed, ` after ${at}`);
  for (const [i, { id }] of settings.underlyings.entries()) {
    const price = index.get(id) ?? 0;
    if (price > 0) market.logPrice[i] = log(price);
  }
  enterAfter(market, elapsedMs);
  const { vol, premium, carry } = phaseOf(settings, market.phase);
  market.logVol = log(vol);
  market.premium.fill(premium);
  market.carry.fill(carry);
  return market;
}

/** The phase that is declared for `elapsedMs` after the start, or the quiet one. */
function enterAfter(market: Market, elapsedMs: number): void {
  const { settings } = market;
  let endMs = 0;
  for (const [i, { phase, hours }] of settings.opening.entries()) {
    endMs += hours * HOUR_MS;
    if (elapsedMs >= endMs) continue;
    enter(market, phase, endMs - elapsedMs);
    market.script = settings.opening.slice(i + 1);
    return;
  }
  const first = firstPhase(settings);
  const stay = phaseOf(settings, first).meanHours * market.chances.phase.exponential();
  enter(market, first, stay * HOUR_MS);
}

/** The phase that is named first: the quiet one. */
export function firstPhase({ phases }: SimSettings): string {
  return Object.keys(phases)[0] ?? "";
}

/** An independent copy: both go on alike. */
export function fork(market: Market): Market {
  return {
    ...market,
    logPrice: market.logPrice.slice(),
    premium: market.premium.slice(),
    carry: market.carry.slice(),
    chances: fromEach((stream) => market.chances[stream].fork()),
  };
}

export function strideOf(settings: SimSettings, ms: number): Stride {
  const { volHalfLifeMinutes, volOfVol, pullHalfLifeDays, premium, carry } = settings;
  return {
    anchors: settings.underlyings.map(({ price }) => log(price)),
    ms,
    years: ms / YEAR_MS,
    vol: reversion(ms, volHalfLifeMinutes * 60_000, volOfVol),
    pull: 1 - reversion(ms, pullHalfLifeDays * DAY_MS, 0).keep,
    premium: reversion(ms, premium.halfLifeMinutes * 60_000, premium.sd),
    carry: reversion(ms, carry.halfLifeMinutes * 60_000, carry.sd),
  };
}

/** One step of market time for everything but the basis. */
export function advance(market: Market, stride: Stride): void {
  const { settings, chances } = market;
  const phase = turnPhase(market, stride.ms);
  const vol = exp(market.logVol);
  const shock = chances.factor.gaussian();
  const root = vol * Math.sqrt(stride.years);
  const factor =
    root * shock - 0.5 * root * root + jump(market, phase, stride) + fall(market, stride);
  for (const [i, { beta, own }] of settings.underlyings.entries()) {
    const noise = own * root * chances.own.gaussian();
    const pulled = stride.pull * (stride.anchors[i]! - market.logPrice[i]!);
    market.logPrice[i]! += beta * factor + noise + pulled;
  }
  turnVol(market, phase, stride, shock);
}

/** The same step for premiums and near bases. */
export function advanceBasis(market: Market, { premium, carry }: Stride): void {
  const phase = phaseOf(market.settings, market.phase);
  const { basis } = market.chances;
  for (let i = 0; i < market.premium.length; i++) {
    market.premium[i] = reverted(market.premium[i]!, phase.premium, premium, basis);
    market.carry[i] = reverted(market.carry[i]!, phase.carry, carry, basis);
  }
}

/** Starts the declared crash: a steep fall, and the crisis after it. */
export function crash(market: Market): void {
  const { minutes, crisisHours } = market.settings.crash;
  market.crashLeftMs = minutes * 60_000;
  enter(market, "crisis", crisisHours * HOUR_MS);
}

/** Deviation of an underlying's returns in units of the factor's. */
export function loading({ beta, own }: { readonly beta: number; readonly own: number }): number {
  return Math.sqrt(beta * beta + own * own);
}

/** Ends the phase when its time is over; the phase that then holds. */
function turnPhase(market: Market, ms: number): Phase {
  market.phaseLeftMs -= ms;
  if (market.phaseLeftMs <= 0) {
    const [next, ...later] = market.script;
    market.script = later;
    if (next !== undefined) enter(market, next.phase, next.hours * HOUR_MS);
    else {
      const drawn = successor(market);
      const { meanHours } = phaseOf(market.settings, drawn);
      enter(market, drawn, meanHours * HOUR_MS * market.chances.phase.exponential());
    }
  }
  return phaseOf(market.settings, market.phase);
}

/** Ends the phase that holds and stays in `phase` for `ms`. */
export function enter(market: Market, phase: string, ms: number): void {
  market.phase = phase;
  market.phaseLeftMs = ms;
}

function successor({ settings, phase, chances }: Market): string {
  const weights = Object.entries(phaseOf(settings, phase).to);
  const total = weights.reduce((sum, [, weight]) => sum + weight, 0);
  let left = chances.phase.uniform() * total;
  for (const [name, weight] of weights) {
    left -= weight;
    if (left < 0) return name;
  }
  return phase;
}

/** The level lies below the phase's by the variance of log vol: so σ² averages to the phase's. */
function turnVol(market: Market, phase: Phase, stride: Stride, shock: number): void {
  const { leverage, volOfVol } = market.settings;
  const level = log(phase.vol) - volOfVol * volOfVol;
  const own = Math.sqrt(1 - leverage * leverage) * market.chances.vol.gaussian();
  const { keep, noise } = stride.vol;
  market.logVol = level + (market.logVol - level) * keep + noise * (leverage * shock + own);
}

/** At most one jump a step: a second within a second is far below what can be seen. */
function jump({ chances }: Market, phase: Phase, { ms }: Stride): number {
  if (chances.jump.uniform() >= (phase.jumpsPerDay * ms) / DAY_MS) return 0;
  return phase.jumpMean + phase.jumpSd * chances.jump.gaussian();
}

function fall(market: Market, { ms }: Stride): number {
  if (market.crashLeftMs <= 0) return 0;
  const { move, minutes } = market.settings.crash;
  const share = Math.min(ms, market.crashLeftMs) / (minutes * 60_000);
  market.crashLeftMs -= ms;
  return log(1 + move) * share;
}

function reverted(x: number, level: number, { keep, noise }: Reversion, from: Chance): number {
  return level + (x - level) * keep + noise * from.gaussian();
}

function reversion(ms: number, halfLifeMs: number, sd: number): Reversion {
  const keep = exp((-log(2) * ms) / halfLifeMs);
  return { keep, noise: sd * Math.sqrt(1 - keep * keep) };
}

function phaseOf({ phases }: SimSettings, name: string): Phase {
  const found = phases[name];
  if (found === undefined)
    throw new RiskError("terms_invalid", {
      path: "phases",
      expected: `one of ${Object.keys(phases).join(", ")}`,
      found: shown(name),
    });
  return found;
}

function fromEach(make: (stream: Stream) => Chance): Record<Stream, Chance> {
  return Object.fromEntries(streams.map((stream) => [stream, make(stream)])) as Record<
    Stream,
    Chance
  >;
}
