/**
 * Black (1976): European options on a forward.
 *
 *      call = F Φ(d1) - K Φ(d2)      put = K Φ(-d2) - F Φ(-d1)      d1,2 = ln(F/K)/s ± s/2
 *
 * Computed as intrinsic value plus time value, so that nothing cancels: relative error below 2e-15
 * wherever the price is above 1e-290 of the forward. Chosen limits, all continuous:
 *
 *      s = 0 (no vol or no time)     the intrinsic value
 *      s = ∞                         F for a call, K for a put
 *      strike 0                      F for a call, 0 for a put
 *      forward 0                     0 for a call, K for a put
 */
import { logRatio, logRatioTail } from "./moneyness.ts";
import {
  checkTerms,
  discountOf,
  finite,
  type OptionInput,
  PRICE_MAX,
  stdDevOf,
  stdDevTail,
  VOL_MAX,
  within,
} from "./option.ts";
import { timeValue } from "./time-value.ts";

/**
 * The undiscounted price: never below the intrinsic value, never above forward (call) or strike
 * (put). Makes no object.
 *
 * @param forward 0 to {@link PRICE_MAX}, as is the strike
 * @param stdDev vol √years, ≥ 0; ∞ is legal
 * @throws RiskError not_finite, out_of_bounds
 */
export function black(forward: number, strike: number, stdDev: number, call: boolean): number {
  return blackOfSum(forward, strike, stdDev, 0, call);
}

/** The same for a standard deviation of head and tail. */
function blackOfSum(
  forward: number,
  strike: number,
  stdDev: number,
  tail: number,
  call: boolean,
): number {
  const calls = forward > strike;
  const high = calls ? forward : strike;
  const low = calls ? strike : forward;
  if (!(low > 0 && high <= PRICE_MAX && stdDev > 0)) return limit(forward, strike, stdDev, call);
  const x = logRatio(high, low);
  const outside = low * timeValue(x, logRatioTail[0]!, stdDev, tail);
  if (calls !== call) return outside;
  const most = call ? forward : strike;
  return Math.min(high - low + outside, most);
}

/** Where the formula has no number: the intrinsic value, or the refusal of what is no input. */
function limit(forward: number, strike: number, stdDev: number, call: boolean): number {
  within(forward, 0, PRICE_MAX, "forward");
  within(strike, 0, PRICE_MAX, "strike");
  within(stdDev, 0, Number.POSITIVE_INFINITY, "stdDev");
  return Math.max(0, call ? forward - strike : strike - forward);
}

/**
 * The price: e^(-rT) Black(F, K, vol √T).
 *
 * @throws RiskError not_finite, out_of_bounds, naming the field
 */
export function optionValue(option: OptionInput): number {
  checkTerms(option);
  within(option.vol, 0, VOL_MAX, "vol");
  const stdDev = stdDevOf(option.vol, option.years);
  const call = option.right === "call";
  const undiscounted = blackOfSum(option.forward, option.strike, stdDev, stdDevTail[0]!, call);
  return finite(discountOf(option.rate, option.years) * undiscounted, "price");
}
