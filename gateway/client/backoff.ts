/**
 * How long to wait before the next attempt: full jitter, so that a thousand clients do not agree.
 */

/** Upper bound of the first wait, ms; it doubles with each attempt. */
export const BACKOFF_FIRST_MS = 250;
export const BACKOFF_MAX_MS = 15_000;

/**
 * A wait between 0 and the bound of this attempt, ms.
 *
 * @param attempt 0 for the first
 * @param chance uniform in [0, 1)
 */
export function backoffMs(attempt: number, chance: number): number {
  const bound = Math.min(BACKOFF_MAX_MS, BACKOFF_FIRST_MS * 2 ** Math.min(attempt, 16));
  return chance * bound;
}
