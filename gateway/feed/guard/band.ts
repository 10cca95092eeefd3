/**
 * Collateral that is redeemed at an anchor: a stable at a dollar, a staked coin at its coin.
 *
 *      anchor = ratio, or ratio x index of the coin
 *      above cap x anchor       taken at the cap: nobody borrows on a premium
 *      below floor x anchor     withheld until it has stood for a minute among several sources, or
 *                               for ten when there is one
 *
 * One venue's order book running dry is no news about a redemption; a true loss of the anchor
 * lasts.
 */
import type { GuardSettings } from "../../../config/guard.ts";

type Bands = GuardSettings["bands"];

export interface Band {
  /**
   * The price that may stand, or undefined while it is withheld.
   *
   * @param voters sources behind it
   */
  pass(value: number, at: number, voters: number): number | undefined;
}

/** @param anchor USD; 0 while it is not known: then everything passes */
export function openBand(bands: Bands, anchor: () => number): Band {
  /** Since when the price has been below the floor, ms. */
  let since: number | undefined;
  return {
    pass(value, at, voters) {
      const stands = anchor();
      if (!(stands > 0)) return value;
      if (value >= bands.floor * stands) {
        since = undefined;
        return Math.min(value, bands.cap * stands);
      }
      since ??= at;
      return at - since >= (voters > 1 ? bands.overMs : bands.loneMs) ? value : undefined;
    },
  };
}
