/**
 * The ablation: the same terms with one part of the design taken away, to see what it is worth.
 */
import type { RegimeTerms } from "../terms.ts";

/** So large that it never binds, and finite. */
const UNBOUND = 1e9;

/** T held at 1. */
export function withoutKurtosis(terms: RegimeTerms): RegimeTerms {
  return { ...terms, kurtosis: { ...terms.kurtosis, low: 1, high: 1 } };
}

/** The scale is the fast sigma alone: the range moves one to one with volatility. */
export function withoutDamping(terms: RegimeTerms): RegimeTerms {
  return { ...terms, scale: { ...terms.scale, damping: 1 } };
}

/** The range is its target at every close: no limit of change, no dwell, no dead band. */
export function withoutLimiter(terms: RegimeTerms): RegimeTerms {
  const publisher = {
    upPerTwoHours: UNBOUND,
    upPerDay: UNBOUND,
    downPerDay: 1,
    dwellHours: 0,
    deadBandUp: 0,
    deadBandDown: 0,
  };
  return { ...terms, publisher };
}

/** Every print counts in full. */
export function withoutWinsor(terms: RegimeTerms): RegimeTerms {
  return { ...terms, scale: { ...terms.scale, winsor: UNBOUND } };
}

export function withEmergency(terms: RegimeTerms, enabled: boolean): RegimeTerms {
  return { ...terms, emergency: { ...terms.emergency, enabled } };
}
