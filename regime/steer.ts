/**
 * What people have decided about a regime: a freeze, a range of their own.
 *
 *      frozen      the publisher stands still; a sudden move or a long silence may still widen the
 *                  initial side, unless the freeze forbids that too
 *      override    a range in place of the target, until it expires; reached within the limits of
 *                  the publisher, its dead bands apart
 *
 * The estimators go on under both, so that a release finds them where the market is. An override
 * never steers the emergency lane, which looks to the target that the estimators have.
 */
export interface Steer {
  frozen: boolean;
  /** Under a freeze: whether the initial side may still widen. */
  allowEmergency: boolean;
  /** Initial range when it was frozen: it is not below that until the release. */
  initial: number;
  /** Fraction; 0: none. */
  range: number;
  /** Market time at which it ends, ms. */
  untilMs: number;
}

export function startSteer(): Steer {
  return { frozen: false, allowEmergency: true, initial: 0, range: 0, untilMs: 0 };
}

export function freeze(steer: Steer, initial: number, allowEmergency: boolean): void {
  steer.frozen = true;
  steer.allowEmergency = allowEmergency;
  steer.initial = initial;
}

/** Ends a freeze and an override. */
export function release(steer: Steer): void {
  Object.assign(steer, startSteer());
}

export function override(steer: Steer, range: number, untilMs: number): void {
  steer.range = range;
  steer.untilMs = untilMs;
}

/** Market time has come to `at`, ms. */
export function expire(steer: Steer, at: number): void {
  if (steer.range > 0 && at >= steer.untilMs) steer.range = 0;
}
