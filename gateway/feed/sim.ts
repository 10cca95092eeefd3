/**
 * The embedded market: seeded, in market time, with a full option chain on two underlyings.
 *
 *      step (1 s of market time)
 *        market.advance ─► scenes ─► chain.moveTo ─► expiry, listing
 *                                └─► batchOf ─► index, perpetuals, futures, some options
 *
 * Index, perpetuals and futures are marked at every step; options in turn, each at least once in
 * `optionRefreshMs`, and the whole chain at the start and whenever it changes.
 */
import { RiskError, shown } from "../../core/errors.ts";
import { exp } from "../../core/math/exp.ts";
import { batchOf } from "./batch.ts";
import { Chain } from "./chain.ts";
import { listingOf } from "./contracts.ts";
import type { Feed, FeedEvent } from "./feed.ts";
import { barsOf, type History, runHistory } from "./history.ts";
import { surfaceAt } from "./level.ts";
import {
  advance,
  advanceBasis,
  crash,
  fork,
  loading,
  type Market,
  openMarket,
  resumeMarket,
  strideOf,
} from "./market.ts";
import { momentOf } from "./moment.ts";
import { decimals, forwardsOf, indexOf, type Scene, type Scenes, tidy } from "./quotes.ts";
import { checkResume, type Resume } from "./resume.ts";
import { rolled } from "./roll.ts";
import {
  type ChainSettings,
  chainSettings,
  type SimSettings,
  type SurfaceSettings,
  simSettings,
  surfaceSettings,
} from "./settings.ts";

export interface SimOptions {
  /** Whole, 0 to 2^53 - 1. */
  readonly seed?: number;
  /** Days of bars before the start, 0 to `WARM_DAYS_MAX`. */
  readonly warmDays?: number;
  readonly settings?: SimSettings;
  readonly chain?: ChainSettings;
  readonly surface?: SurfaceSettings;
  /** Goes on there instead of beginning; nothing warms it then. */
  readonly resume?: Resume;
}

export interface SimFeed extends Feed {
  /** The events without a promise around each; endless. */
  steps(): Iterable<FeedEvent>;
  /** Lets the declared crash begin with the next step of every run under way. */
  crash(): void;
}

export const WARM_DAYS_MAX = 400;
export const SEED_DEFAULT = 1;

/** @throws RiskError out_of_bounds naming the option */
export function openSim(options: SimOptions = {}): SimFeed {
  const { seed = SEED_DEFAULT, settings = simSettings, chain = chainSettings } = options;
  const { warmDays = settings.warmDays, surface = surfaceSettings } = options;
  within(seed, Number.MAX_SAFE_INTEGER, "seed");
  within(warmDays, WARM_DAYS_MAX, "warmDays");
  const { market, history, startMs } = opened(options, { settings, seed, warmDays });

  const ids = settings.underlyings.map(({ id }) => id);
  const scenes = scenesOf(market, surface);
  const chainOf = () => new Chain(chain, ids, options.resume?.instruments);
  const first = chainOf();
  const isResumed = options.resume !== undefined;
  // What a resumed chain lacks is listed by an event: the state does not know it yet.
  if (!isResumed) first.moveTo(startMs, forwardsOf(scenes, startMs));
  let crashes = 0;
  const steps = () =>
    run({ market: fork(market), chain: chainOf(), surface, startMs, isResumed }, () => crashes);
  return {
    name: "sim",
    sources: [{ name: "sim" }],
    trusted: true,
    barMs: settings.barMs,
    startMs,
    startIndex: indexOf(scenes),
    listing: listingOf(ids, [...first.deltaOne, ...first.options], chain),
    warm: () => promised(barsOf(history, market, startMs)),
    events: () => promised(steps()),
    steps,
    crash: () => {
      crashes += 1;
    },
  };
}

interface Opened {
  readonly market: Market;
  readonly history: History;
  readonly startMs: number;
}

interface Opening {
  readonly settings: SimSettings;
  readonly seed: number;
  readonly warmDays: number;
}

const noHistory: History = { bars: 0, logs: new Float64Array() };

/** The market as it is before its first step. */
function opened({ resume }: SimOptions, { settings, seed, warmDays }: Opening): Opened {
  const startMs = momentOf(settings.startAt, "startAt");
  if (resume !== undefined) {
    checkResume(resume);
    const market = resumeMarket(settings, seed, resume, resume.at - startMs);
    return { market, history: noHistory, startMs: resume.at };
  }
  const market = openMarket(settings, seed);
  const history = runHistory(market, warmDays);
  market.script = settings.opening;
  market.phaseLeftMs = 0;
  return { market, history, startMs };
}

interface Run {
  readonly market: Market;
  readonly chain: Chain;
  readonly surface: SurfaceSettings;
  readonly startMs: number;
  /** The state at the start has been marked: events begin after it. */
  readonly isResumed: boolean;
}

function* run(
  { market, chain, surface, startMs, isResumed }: Run,
  crashes: () => number,
): Generator<FeedEvent> {
  const { stepMs, optionRefreshMs } = market.settings;
  const stride = strideOf(market.settings, stepMs);
  const slices = Math.max(1, Math.floor(optionRefreshMs / stepMs));
  let scenes = scenesOf(market, surface);
  let crashed = crashes();
  let moved = isResumed;
  if (!isResumed) {
    // Lays the chain that was listed: no event, for the feed has named it already.
    chain.moveTo(startMs, forwardsOf(scenes, startMs));
    yield batchOf(scenes, startMs, chain);
  }

  for (let at = startMs + stepMs, slice = 0; ; at += stepMs, slice = (slice + 1) % slices) {
    if (crashes() !== crashed) crash(market);
    crashed = crashes();
    advance(market, stride);
    advanceBasis(market, stride);
    const last = indexOf(scenes);
    scenes = scenesOf(market, surface);
    const change = chain.moveTo(at, forwardsOf(scenes, at));
    yield* rolled(change, at, last, at - stepMs);
    const size = Math.ceil(chain.options.length / slices);
    moved ||= change.expired.length > 0 || change.listed.length > 0;
    yield batchOf(scenes, at, chain, moved ? undefined : { from: slice * size, count: size });
    moved = false;
  }
}

/** Every underlying as the market stands; its vol is that of its diffusion now. */
function scenesOf({ settings, ...market }: Market, surface: SurfaceSettings): Scenes {
  const { funding, carry, impliedPremium } = settings;
  const vol = exp(market.logVol) * impliedPremium;
  return new Map(
    settings.underlyings.map((underlying, i): [string, Scene] => {
      const premium = market.premium[i]!;
      const rate = Math.min(Math.max(funding.interest + premium, -funding.max), funding.max);
      const scene = {
        index: tidy(exp(market.logPrice[i]!)),
        premium,
        funding: decimals(rate, 1e8),
        carry: { near: market.carry[i]!, long: carry.long, scaleYears: carry.scaleYears },
        surface: surfaceAt(vol * loading(underlying), loading(underlying), surface),
      };
      return [underlying.id, scene];
    }),
  );
}

async function* promised<T>(events: Iterable<T>): AsyncGenerator<T> {
  yield* events;
}

function within(value: number, max: number, path: string): void {
  if (Number.isInteger(value) && value >= 0 && value <= max) return;
  throw new RiskError("out_of_bounds", {
    path,
    expected: `a whole number from 0 to ${max}`,
    found: shown(value),
  });
}
