/**
 * Why a mark did not pass, by name: the label of its count.
 *
 *      unknown         nobody listed the id
 *      unknown_source  the source is not among those declared
 *      not_finite      value, extra, width or time is NaN or infinite (or no whole time)
 *      not_positive    value ≤ 0; a width or an option's forward < 0
 *      too_large       beyond 1e12; a vol beyond 100, a funding rate beyond 1
 *      too_small       a price below 1e-9
 *      duplicate       the source marked the id at that very time
 *      late            the source marked the id at a later time
 *      early           made further ahead than two clocks may differ
 *      old             made longer ago than a heartbeat
 *      held            a new level that is not confirmed yet
 *      outvoted        the others say something else
 *      quarantined     nobody is left who may be heard
 *      forward         an option's forward that is no forward of its index
 *      smile           a vol far off its neighbours'
 *      band            collateral below its floor, not for long enough to be believed
 */
export const refusals = [
  "unknown",
  "unknown_source",
  "not_finite",
  "not_positive",
  "too_large",
  "too_small",
  "duplicate",
  "late",
  "early",
  "old",
  "held",
  "outvoted",
  "quarantined",
  "forward",
  "smile",
  "band",
] as const;
export type Refusal = (typeof refusals)[number];
