/**
 * Everything that a regime remembers of one underlying: a plain tree of numbers and columns.
 *
 * Its size is set when it is made (terms and bar length decide it) and never changes; folding a bar
 * allocates nothing. It holds no closures and no clock, so a copy continues as the original would.
 */
import { RiskError, shown } from "../core/errors.ts";
import { type Block, startBlock } from "./block.ts";
import { type Challenger, startChallenger } from "./challenger.ts";
import { type Day, startDay } from "./day.ts";
import { type Lane, startLane } from "./emergency.ts";
import { type Label, type Medians, startMedians } from "./label.ts";
import { type Level, startLevel } from "./level.ts";
import { type Notice, startNotice } from "./notice.ts";
import { DAY_BARS_MAX, type Pace, paceOf } from "./pace.ts";
import { type Publisher, roundedUp, startPublisher } from "./publisher.ts";
import { type Score, startScore } from "./score.ts";
import { type Silence, startSilence } from "./silence.ts";
import { type Steer, startSteer } from "./steer.ts";
import { startTails, type Tails } from "./tails.ts";
import type { RegimeTerms } from "./terms.ts";
import { startVariance, type Variance } from "./variance.ts";

/** The bar that is being filled by live marks. */
export interface OpenBar {
  open: number;
  high: number;
  low: number;
  close: number;
  /** Accepted marks in it; 0: none yet. */
  marks: number;
}

/** What the rest of the house has been told. */
export interface Published {
  /** Whether anything was told at all. */
  told: boolean;
  initial: number;
  maintenance: number;
  volScale: number;
}

export interface RegimeState {
  readonly terms: RegimeTerms;
  readonly pace: Pace;
  /** Id of the underlying; empty until the first mark names it. */
  underlying: string;
  /** Start of the bar that is open, ms since the epoch; 0 before the first. */
  openMs: number;
  /** Market time of the newest mark, ms. */
  lastMs: number;
  readonly openBar: OpenBar;
  /** Usable bars folded. */
  history: number;
  /** Weight that the prior still has in the slow sigma, 1 to 0. */
  priorShare: number;
  /** Bars on end without a usable mark, or without a figure to go by. */
  staleBars: number;
  /** Daily damped scale S, fraction. */
  scale: number;
  /** Newest usable close; 0 before the first. */
  lastClose: number;
  /** k S T within its bounds. */
  target: number;
  readonly block: Block;
  readonly variance: Variance;
  readonly tails: Tails;
  readonly day: Day;
  readonly level: Level;
  readonly range: Publisher;
  readonly lane: Lane;
  readonly silence: Silence;
  readonly vol: Publisher;
  readonly rangeNotice: Notice;
  readonly volNotice: Notice;
  readonly medians: Medians;
  readonly score: Score;
  readonly challenger: Challenger;
  /** What people have decided. */
  readonly steer: Steer;
  label: Label;
  readonly published: Published;
}

/**
 * A regime that knows nothing yet but its class's prior.
 *
 * @param barMs wall milliseconds of a bar; at least a minute for a market that never closes
 * @throws RiskError `out_of_bounds` when a market day would have no bar or too many
 */
export function createRegime(terms: RegimeTerms, barMs: number, underlying = ""): RegimeState {
  checkBar(terms, barMs);
  const pace = paceOf(terms, barMs);
  const initial = roundedUp(terms.prior.range, terms.range);
  return {
    terms,
    pace,
    underlying,
    openMs: 0,
    lastMs: 0,
    openBar: { open: 0, high: 0, low: 0, close: 0, marks: 0 },
    history: 0,
    priorShare: 1,
    staleBars: 0,
    scale: Math.sqrt(pace.priorVariance * pace.dayBlocks),
    lastClose: 0,
    target: terms.prior.range,
    block: startBlock(),
    variance: startVariance(pace),
    tails: startTails(pace),
    day: startDay(pace),
    level: startLevel(pace, terms.prior.level),
    range: startPublisher(pace, terms.prior.range),
    lane: startLane(),
    silence: startSilence(),
    vol: startPublisher(pace, 1),
    rangeNotice: startNotice(pace, initial),
    volNotice: startNotice(pace, 1),
    medians: startMedians(pace),
    score: startScore(),
    challenger: startChallenger(pace, terms),
    steer: startSteer(),
    label: "normal",
    published: { told: false, initial, maintenance: initial, volScale: 1 },
  };
}

function checkBar({ calendar }: RegimeTerms, barMs: number): void {
  if (barMs > 0 && barMs <= BAR_MS_MAX && calendar.openMs / barMs <= DAY_BARS_MAX) return;
  throw new RiskError("out_of_bounds", {
    path: "barMs",
    expected: `above 0, at most ${BAR_MS_MAX} ms, at most ${DAY_BARS_MAX} bars a day`,
    found: shown(barMs),
  });
}

/** Longest bar: a week. */
export const BAR_MS_MAX = 604_800_000;
