/**
 * The span of market time: what a Date can hold. Prices are older than 1970.
 */
export const EARLIEST_MS = -8.64e15;
export const LATEST_MS = 8.64e15;

/** Whether `at` is whole milliseconds since the epoch, before or after it. */
export const isInstant = (at: number): boolean =>
  Number.isInteger(at) && at >= EARLIEST_MS && at <= LATEST_MS;
