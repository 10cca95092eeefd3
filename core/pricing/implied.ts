/**
 * The vol that gives a price, to the accuracy that the price itself allows.
 *
 * The unknown is s = vol √T. Of the price only its distances to what no vol can go below (intrinsic
 * value) and above (forward or strike) matter; the smaller of the two carries the digits:
 *
 *      ln timeValue(s) = ln value        where value < 1/2
 *      ln shortfall(s) = ln gap          where gap = 1 - value ≤ 1/2
 *
 * Both left sides are concave in s, since D = M(h-t) - M(h+t) < s / (h² - t²) for h > t, and the
 * same with M(t-h) + M(t+h) for t > h. So Newton's steps from a bound on the right side of the root
 * never pass it; a term of the second derivative (Halley) makes them longer, and a bracket keeps
 * those from going astray. The bounds follow from Φ(-z) ≤ e^(-z²/2)/2:
 *
 *      s ≥ √(2π) value,   s ≥ 2x / (y + √(y² + 2x)),  y² = -2 ln(2 value)
 *      s ≤ y + √(y² + 2x),                            y² = -2 ln gap
 *
 * After P. Jäckel, "Let's Be Rational" (2015), which splits the range in the same spirit.
 */
import { RiskError, shown } from "../errors.ts";
import { sumTail } from "../math/exact.ts";
import { log } from "../math/log.ts";
import { logRatio } from "./moneyness.ts";
import { checkTerms, discountOf, type OptionTerms, VOL_MAX } from "./option.ts";
import { densityFound, shortfall, spread, timeValue } from "./time-value.ts";

/** One European option and its price. */
export interface PricedOption extends OptionTerms {
  /** Discounted, per one unit of the underlying, in quote currency. */
  readonly price: number;
}

/** Of the undiscounted price: what rounding may have put it beyond a bound, 2^-51. */
const SLACK = 4.440892098500626e-16;
/** Of the price: the gap that is assumed where it has none left, a quarter of its last place. */
const GAP_MIN = 5.551115123125783e-17;
/** Halley's steps triple the digits: after one this small the next would change nothing. */
const STEP_ENOUGH = 1e-9;
/** Six were the most over 600,000 random inputs; the rest is for a bracket that must be halved. */
const STEPS_MAX = 64;
const LN_2 = log(2);
const SQRT_2_PI = 2.5066282746310007;
/** ln √(2π) */
const LN_SQRT_2_PI = 0.9189385332046727;

/**
 * The vol, annualised, as a fraction; the least one where rounding lets several give the price.
 *
 * At the intrinsic value it is 0. At the upper bound (forward or strike, discounted) it is the vol
 * that comes within a quarter of the price's last place of it.
 *
 * @throws RiskError price_out_of_bounds (below the intrinsic value, above the upper bound, with
 * time value at expiry, or only by a vol above {@link VOL_MAX}); not_finite, out_of_bounds for the
 * others
 */
export function impliedVol(option: PricedOption): number {
  checkTerms(option);
  const { forward, strike, years, rate, right } = option;
  const upper = right === "call" ? forward : strike;
  const other = right === "call" ? strike : forward;
  const price = option.price * discountOf(-rate, years);
  const above = upper > other ? overIntrinsic(price, upper, other) : price;
  const slack = SLACK * Math.abs(price);
  if (!(above >= -slack && upper - price >= -slack && Number.isFinite(price))) {
    throw unattainable(option);
  }
  const low = Math.min(upper, other);
  if (above <= 0 || low === 0) return 0;
  if (years === 0 && above > slack) throw unattainable(option);
  if (years === 0) return 0;
  const x = logRatio(Math.max(upper, other), low);
  const gap = Math.max((upper - price) / low, Math.min(0.5, GAP_MIN * (price / low)));
  const s = gap > 0.5 ? stdDevOfValue(x, above, low) : stdDevOfGap(x, gap);
  const vol = s / Math.sqrt(years);
  if (!(vol <= VOL_MAX)) throw unattainable(option);
  return vol;
}

/** price - (upper - other), with the remainder of both differences. */
function overIntrinsic(price: number, upper: number, other: number): number {
  const first = price - upper;
  const second = first + other;
  return second + (sumTail(price, -upper, first) + sumTail(first, other, second));
}

function unattainable({ price, right }: PricedOption): RiskError {
  const most = right === "call" ? "forward" : "strike";
  const expected = `discounted intrinsic value to discounted ${most}`;
  return new RiskError("price_out_of_bounds", { path: "price", expected, found: shown(price) });
}

/** An increasing function of s, whose root is sought, at one s. */
interface Look {
  readonly excess: number;
  /** One over its first derivative. */
  readonly pace: number;
  /** Its second derivative over its first. */
  readonly bend: number;
}

function stdDevOfValue(x: number, above: number, low: number): number {
  const value = above / low;
  const target = value > 1e-300 ? log(value) : log(above) - log(low);
  const y = Math.sqrt(Math.max(0, -2 * (target + LN_2)));
  const far = x > 0 ? (2 * x) / (y + Math.sqrt(y * y + 2 * x)) : 0;
  return rootNear(Math.max(SQRT_2_PI * value, far), (s) => {
    const t = 0.5 * s;
    const h = x / s;
    const drift = ((h - t) * (h + t)) / s;
    if (h > t) {
      const pace = spread(h, t);
      const excess = log(pace) - 0.5 * (h - t) * (h - t) - LN_SQRT_2_PI - target;
      return { excess, pace, bend: drift - 1 / pace };
    }
    const found = timeValue(x, 0, s, 0);
    const pace = found / densityFound[0]!;
    return { excess: log(found) - target, pace, bend: drift - 1 / pace };
  });
}

function stdDevOfGap(x: number, gap: number): number {
  const y = Math.sqrt(-2 * log(gap));
  return rootNear(y + Math.sqrt(y * y + 2 * x), (s) => {
    const found = shortfall(x, s);
    const pace = found / densityFound[0]!;
    const bend = ((x / s - 0.5 * s) * (x / s + 0.5 * s)) / s + 1 / pace;
    return { excess: log(gap / found), pace, bend };
  });
}

function rootNear(start: number, look: (s: number) => Look): number {
  let least = 0;
  let most = Number.POSITIVE_INFINITY;
  let s = start;
  for (let i = 0; i < STEPS_MAX && s > 0; i++) {
    const { excess, pace, bend } = look(s);
    if (excess < 0) least = s;
    else most = s;
    const newton = -excess * pace;
    const step = newton / Math.max(0.5, 1 + 0.5 * newton * bend);
    if (Math.abs(step) <= STEP_ENOUGH * s) return s + step;
    const next = s + step;
    s = next > least && next < most ? next : 0.5 * (least + Math.min(most, 2 * least));
  }
  return s;
}
