/**
 * What the market says of a listed thing at one moment, as it stands in a Turn.
 *
 *      of                                  value     extra
 *      underlying (its index)              price     0
 *      currency                            price     0
 *      spot, future, bond, fx              price     0
 *      perpetual                           price     funding rate of the interval, 0 when unknown
 *      option                              vol       forward; 0: index x last basis
 *
 * A mark is a price, but an option's is a vol with the forward that it was quoted at: so that when
 * the index moves between two option marks the vol stays with the strike and the forward follows.
 */
export interface Mark {
  /** Id of the underlying, currency or instrument. */
  readonly id: string;
  readonly value: number;
  readonly extra: number;
}

/** One underlying's accepted index marks within a Turn: what the regime folds. */
export interface IndexBar {
  readonly underlying: string;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly last: number;
  /** Accepted marks, at least 1. */
  readonly count: number;
}
