/**
 * The index over the last minutes: what an expiry settles at where the terms average it.
 *
 *      price(s)  last index mark of second s; a silent second counts as the one before
 *      average   Σ price(s) / N over the N whole seconds before the expiry, exact, toward -∞
 *
 * Turns never span a second, so each second's last mark is known whatever the speed of the machine.
 * An expiry is settled before the first mark that comes after it is folded (due.ts).
 */
import { formatExact, parseExact } from "../money.ts";
import type { Terms } from "../terms.ts";
import { floorOver, priceText } from "./exact.ts";

/** The last index mark of one second. */
export interface SecondMark {
  /** Whole seconds since the epoch. */
  readonly second: number;
  readonly price: number;
}

/**
 * Ascending; at most one more than the window has seconds, and nothing where nothing is averaged.
 */
export type IndexWindow = readonly SecondMark[];

/** The longest averaging that `terms` ask of any underlying, seconds. */
export function longestAveraging({ perUnderlying, perAssetClass }: Terms): number {
  let longest = 0;
  for (const entries of [perUnderlying, ...Object.values(perAssetClass)]) {
    for (const { settlementAveragingSeconds: seconds } of Object.values(entries)) {
      longest = Math.max(longest, Math.ceil(seconds));
    }
  }
  return longest;
}

/** The window with the mark of `at` (ms) added, cut to what the last `seconds` need. */
export function withMark(
  window: IndexWindow,
  at: number,
  price: number,
  seconds: number,
): IndexWindow {
  const second = Math.floor(at / 1000);
  const before = window.at(-1)?.second === second ? window.slice(0, -1) : window;
  return cut([...before, { second, price }], second - seconds);
}

/**
 * Drops what lies before `from`, save the newest of it: it is the price with which `from` opens.
 */
function cut(window: readonly SecondMark[], from: number): IndexWindow {
  let keep = 0;
  while (keep + 1 < window.length && window[keep + 1]!.second <= from) keep++;
  return keep === 0 ? window : window.slice(keep);
}

/**
 * The average over the `seconds` before `expiryMs`, an exact decimal; undefined: no mark before it.
 *
 * Seconds before the first known mark do not count.
 */
export function averageBefore(
  window: IndexWindow,
  expiryMs: number,
  seconds: number,
): string | undefined {
  const end = Math.floor(expiryMs / 1000);
  const start = end - Math.ceil(seconds);
  let sum = 0n;
  let counted = 0;
  window.forEach(({ second, price }, i) => {
    const until = Math.min(end, window[i + 1]?.second ?? end);
    const length = until - Math.max(start, second);
    if (length <= 0) return;
    sum += parseExact(priceText(price)) * BigInt(length);
    counted += length;
  });
  return counted === 0 ? undefined : formatExact(floorOver(sum, BigInt(counted)));
}
