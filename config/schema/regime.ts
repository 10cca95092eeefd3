/**
 * The terms of a regime as a document: every number with its bounds, its unit and what it means.
 *
 * The bounds are how far a quant may turn a parameter at all. One shape serves the files of the
 * asset classes, the files that a study sets side by side, and live tuning.
 */
import { assetClasses } from "../../core/instrument.ts";
import { patchOf } from "../../core/patch.ts";
import { choice, flag, list, map, number, object, optional, text } from "../../core/shape.ts";

const share = (min: number, max: number, meaning: string) =>
  number({ min, max, unit: "fraction", meaning });
const hours = (min: number, max: number, meaning: string) =>
  number({ min, max, unit: "market hours", meaning });
const days = (min: number, max: number, meaning: string) =>
  number({ min, max, unit: "market days", meaning });
const ratio = (min: number, max: number, meaning: string) =>
  number({ min, max, unit: "ratio", meaning });

const DAY_MS = 86_400_000;

const knot = object({
  returnHours: hours(0.01, 240, "Length of the return."),
  ordinary: share(0.01, 0.5, "Tau of an ordinary month."),
  heavy: share(0.02, 0.8, "Tau of a heavy-tailed month; above the ordinary one."),
});

export const regimeShape = object({
  assetClass: choice(assetClasses, { meaning: "Class that the terms are for." }),
  version: text({ min: 1, max: 64, meaning: "Version of the terms." }),
  coverage: share(0.99, 0.9995, "Share of 24 h moves that the range shall cover."),
  calendar: object({
    kind: choice(["continuous", "sessions"], { meaning: "Whether the market ever closes." }),
    openMs: number({ min: 3_600_000, max: DAY_MS, unit: "ms", meaning: "Trading in one day." }),
    daysPerYear: number({ min: 200, max: 366, unit: "market days", meaning: "Days of a year." }),
  }),
  prior: object({
    annualVol: share(0.001, 5, "Vol that a new listing is taken for."),
    level: ratio(2, 10, "Level k that a new listing is taken for."),
    range: share(0.005, 0.88, "Range of a new listing, and after a long silence."),
    holdDays: days(0, 365, "History before the range may fall below that."),
  }),
  scale: object({
    estimator: choice(["damped", "har"], {
      meaning: "Which scale acts; HAR once it has coefficients, the other one shadows.",
    }),
    fastHours: hours(4, 192, "Half-life of the fast variance."),
    slowDays: days(60, 720, "Half-life of the slow variance."),
    damping: share(0.2, 1, "Power of the fast sigma; the slow one has the rest."),
    winsor: ratio(5, 100, "A block's variance counts up to this multiple of the larger speed."),
    escapeHours: hours(1, 72, "Clipping that lasts so long was no bad print."),
    floorReturn: share(0, 0.01, "Least return of two hours."),
  }),
  level: object({
    mode: choice(["fhs", "track"], { meaning: "Which level acts; the other one shadows." }),
    lookbackYears: number({ min: 2, max: 10, unit: "years", meaning: "History behind the level." }),
    minimumYears: number({ min: 0.5, max: 10, unit: "years", meaning: "History before it acts." }),
    sampleHours: hours(1, 24, "Time between two windows that are kept."),
    gain: ratio(0.02, 0.2, "Step of the tracker's log per day."),
    min: ratio(1, 10, "Least level."),
    max: ratio(1, 20, "Greatest level."),
  }),
  kurtosis: object({
    windowDays: days(7, 365, "Window of the tails."),
    windowReturnsMin: number({
      min: 20,
      max: 4_000,
      integer: true,
      unit: "count",
      meaning: "Returns in the window at least, where bars are long.",
    }),
    sigmaDays: days(0.5, 60, "Half-life of the sigma that returns are divided by."),
    clip: ratio(3, 20, "Standardised returns count up to this."),
    low: ratio(0.8, 1, "T where tails are normal."),
    high: ratio(1, 1.5, "T where tails are heavy."),
    knots: list(knot, { min: 1, max: 16, meaning: "Tau by length of return, ascending." }),
    slewPerDay: share(0.001, 1, "Greatest move of T in a day."),
    calmDays: days(0, 60, "Days below the ordinary tau before T may be below 1."),
  }),
  range: object({
    min: share(0.005, 0.3, "Floor of the range."),
    max: share(0.2, 0.88, "Cap of the range; a step of the ladder below its end."),
    step: share(0.0001, 0.02, "What is published is rounded up to this."),
  }),
  publisher: object({
    upPerTwoHours: share(0.05, 0.5, "Greatest rise in two hours."),
    upPerDay: share(0.2, 2, "Greatest rise in a day."),
    downPerDay: share(0.01, 0.2, "Greatest fall in a day."),
    dwellHours: hours(6, 168, "Time below the dead band before the range falls."),
    deadBandUp: share(0, 0.1, "A target so little above the range moves nothing."),
    deadBandDown: share(0, 0.1, "A target so little below the range moves nothing."),
  }),
  noticeMs: number({ min: 0, max: DAY_MS, unit: "ms", meaning: "Notice of the maintenance side." }),
  stale: object({
    longHours: hours(0.1, 168, "Silence that counts as long."),
    widenPerHour: share(0, 0.2, "Widening per hour of long silence, toward the prior."),
  }),
  emergency: object({
    enabled: flag({ meaning: "Whether a sudden move lets the initial side rise at once." }),
    suddenShare: share(0.1, 1, "Share of the range, moved in ten minutes, that opens the lane."),
    upMax: share(0, 1, "Extra rise, fraction of the range."),
  }),
  volScale: object({
    min: ratio(0.1, 1, "Least of scale over its median."),
    max: ratio(1, 5, "Greatest of scale over its median."),
    power: ratio(0, 1, "Power of scale over its median."),
    step: ratio(0.001, 0.1, "What is published is rounded up to this."),
  }),
  label: object({
    normal: ratio(0.1, 1, "Share of the median range from which it is normal."),
    elevated: ratio(1, 3, "… elevated."),
    stress: ratio(1, 10, "… stress."),
    hysteresis: share(0, 0.3, "Once given, a label holds within this."),
  }),
});

/** What differs from the terms of a class: every member optional. */
export const regimePatchShape = patchOf(regimeShape);

/** A file of such terms; the class files in config/regime are of this form. */
export const regimeFileShape = object({
  slidewire: optional(choice(["regime-terms/1"], { meaning: "What the document is." })),
  extends: optional(choice(assetClasses, { meaning: "Class whose terms it changes." })),
  terms: regimePatchShape,
  reasons: optional(
    map(text({ max: 128 }), text({ max: 1_024 }), { max: 256, meaning: "Why, by path of a term." }),
  ),
});
