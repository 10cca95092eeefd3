/**
 * The terms of a regime: every number that decides how wide the slides of one asset class may be.
 *
 * They come complete from outside (config/regime/*.json give each class its numbers with reasons);
 * nothing here knows a default. Hours and days are *market* time: a day is what the calendar calls
 * one, and a bar that is a 78th of a session is a 78th of 24 hours. So one set of terms serves
 * five-minute bars of a live feed, two-hour bars of a study and the daily closes of an exchange.
 */
import type { AssetClass } from "../core/instrument.ts";

/** When the market is open. */
export interface CalendarTerms {
  /** Continuous: a bar without marks is stale. Sessions: it is closed, and time stands still. */
  readonly kind: "continuous" | "sessions";
  /** Wall time of trading in one market day, ms: 24 h, or the length of a session. */
  readonly openMs: number;
  /** Market days in a year, for annualised figures and for lookbacks in years. */
  readonly daysPerYear: number;
}

/** What is assumed of an underlying before it has a history of its own. */
export interface PriorTerms {
  /** Annualised vol, fraction. */
  readonly annualVol: number;
  /** Ratio of the covered 24 h move to the daily scale. */
  readonly level: number;
  /** The range of a new listing, fraction; also where a long silence leads. */
  readonly range: number;
  /** Days of history before the published range may fall below `range`. */
  readonly holdDays: number;
}

/** Variance of a bar and its two speeds. */
export interface ScaleTerms {
  /** The scale that acts: damped, or the challenger's once it has coefficients. */
  readonly estimator: "damped" | "har";
  readonly fastHours: number;
  readonly slowDays: number;
  /** Power of the fast sigma, in (0, 1]; the slow one has the rest. */
  readonly damping: number;
  /** The variance of a block counts up to this multiple of the larger speed. */
  readonly winsor: number;
  /** Clipping that has lasted so long was no bad print: the raw variance is taken. */
  readonly escapeHours: number;
  /** Least return per two hours, fraction: a flat market keeps a scale. */
  readonly floorReturn: number;
}

/** The level k: how many daily scales the covered move is. */
export interface LevelTerms {
  readonly mode: "fhs" | "track";
  readonly lookbackYears: number;
  /** Years of completed windows before their quantile replaces the prior. */
  readonly minimumYears: number;
  /** Time between two windows that are kept. */
  readonly sampleHours: number;
  /** Step of the tracker's log per day. */
  readonly gain: number;
  readonly min: number;
  readonly max: number;
}

/** Tau of an ordinary and of a heavy-tailed month, which depend on the length of the return. */
export interface TauKnot {
  readonly returnHours: number;
  readonly ordinary: number;
  readonly heavy: number;
}

/**
 * The kurtosis term: T = low at tau ≤ 0, 1 at the ordinary tau, high at the heavy one and beyond.
 */
export interface KurtosisTerms {
  readonly windowDays: number;
  /** Returns in the window at least, where bars are long. */
  readonly windowReturnsMin: number;
  readonly sigmaDays: number;
  /** Standardised returns count up to this. */
  readonly clip: number;
  readonly low: number;
  readonly high: number;
  /** Ascending in `returnHours`. */
  readonly knots: readonly TauKnot[];
  readonly slewPerDay: number;
  /** Days below the ordinary tau before T may be below 1. */
  readonly calmDays: number;
}

/** Bounds of a published value and the step that it is rounded up to. */
export interface BoundTerms {
  readonly min: number;
  readonly max: number;
  readonly step: number;
}

/** How fast a published value may move. Fractions of its level. */
export interface PublisherTerms {
  readonly upPerTwoHours: number;
  readonly upPerDay: number;
  readonly downPerDay: number;
  /** Time that the target must have stood below the dead band before the value falls. */
  readonly dwellHours: number;
  readonly deadBandUp: number;
  readonly deadBandDown: number;
}

export interface StaleTerms {
  /** Silence that counts as long; at least two bars. */
  readonly longHours: number;
  /** Widening per hour of long silence, toward the prior's range. */
  readonly widenPerHour: number;
}

/** A sudden move lets the initial range rise at once. */
export interface EmergencyTerms {
  readonly enabled: boolean;
  /** Share of the range that, moved within ten minutes, opens the lane. */
  readonly suddenShare: number;
  /** Extra rise, fraction of the range. */
  readonly upMax: number;
}

export interface VolScaleTerms extends BoundTerms {
  /** Power of S over its median. */
  readonly power: number;
}

/** Share of the median range at which each label begins; for people only. */
export interface LabelTerms {
  readonly normal: number;
  readonly elevated: number;
  readonly stress: number;
  readonly hysteresis: number;
}

export interface RegimeTerms {
  readonly assetClass: AssetClass;
  readonly version: string;
  /** Share of 24 h moves that the range shall cover. */
  readonly coverage: number;
  readonly calendar: CalendarTerms;
  readonly prior: PriorTerms;
  readonly scale: ScaleTerms;
  readonly level: LevelTerms;
  readonly kurtosis: KurtosisTerms;
  readonly range: BoundTerms;
  readonly publisher: PublisherTerms;
  /** Wall time between a wider initial range and the maintenance range that follows it. */
  readonly noticeMs: number;
  readonly stale: StaleTerms;
  readonly emergency: EmergencyTerms;
  readonly volScale: VolScaleTerms;
  readonly label: LabelTerms;
}
