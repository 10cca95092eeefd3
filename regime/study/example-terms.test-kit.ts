/**
 * Terms to measure with where no file is at hand: a market like BTC's, in round numbers.
 *
 * What a running gateway uses comes from the files of the asset classes, with their reasons.
 */
import type { RegimeTerms } from "../terms.ts";

export const exampleTerms: RegimeTerms = {
  assetClass: "crypto",
  version: "example",
  coverage: 0.995,
  calendar: { kind: "continuous", openMs: 86_400_000, daysPerYear: 365 },
  prior: { annualVol: 0.7, level: 4.6, range: 0.2, holdDays: 30 },
  scale: {
    estimator: "damped",
    fastHours: 24,
    slowDays: 180,
    damping: 0.35,
    winsor: 10,
    escapeHours: 6,
    floorReturn: 0.0002,
  },
  level: {
    mode: "fhs",
    lookbackYears: 4,
    minimumYears: 2,
    sampleHours: 8,
    gain: 0.1,
    min: 2.5,
    max: 8,
  },
  kurtosis: {
    windowDays: 30,
    windowReturnsMin: 90,
    sigmaDays: 5,
    clip: 5,
    low: 0.9,
    high: 1.25,
    knots: [
      { returnHours: 2, ordinary: 0.16, heavy: 0.26 },
      { returnHours: 24, ordinary: 0.15, heavy: 0.22 },
    ],
    slewPerDay: 0.05,
    calmDays: 7,
  },
  range: { min: 0.08, max: 0.48, step: 0.0025 },
  publisher: {
    upPerTwoHours: 0.1,
    upPerDay: 0.5,
    downPerDay: 0.08,
    dwellHours: 24,
    deadBandUp: 0.02,
    deadBandDown: 0.05,
  },
  noticeMs: 1_800_000,
  stale: { longHours: 4, widenPerHour: 0.01 },
  emergency: { enabled: false, suddenShare: 0.5, upMax: 0.25 },
  volScale: { min: 0.7, max: 2, power: 0.5, step: 0.01 },
  label: { normal: 0.8, elevated: 1.25, stress: 1.75, hysteresis: 0.1 },
};
