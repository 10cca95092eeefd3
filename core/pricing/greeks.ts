/**
 * Price and sensitivities of one option, each with its own relative accuracy.
 *
 *      delta = dV/dF = ±e^(-rT) Φ(±d1)            vega = dV/dvol = e^(-rT) F φ(d1) √T
 *      gamma = d²V/dF² = vega / (F² vol T)        theta = dV/dt = r V - vega vol / 2T
 *      rho   = dV/dr = -T V
 *
 * F φ(d1) is the lower of forward and strike times φ(z) (time-value.ts), and so is never the
 * product of a large and a vanished number. Where vol, time, forward or strike is 0 the price is a
 * kink: gamma, vega and decay are 0, delta is 0 or ±discount, half of it with forward at strike.
 */
import { optionValue } from "./black76.ts";
import { mills } from "./mills.ts";
import { logRatio, logRatioTail } from "./moneyness.ts";
import { discountOf, finite, type OptionInput, stdDevOf, stdDevTail } from "./option.ts";
import { densityFound, timeValue } from "./time-value.ts";

/** Per one unit of the underlying, in quote currency. */
export interface PricedGreeks {
  readonly price: number;
  /** dV/dF, the forward held as the variable. */
  readonly delta: number;
  /** d²V/dF² */
  readonly gamma: number;
  /** dV/dvol per 1.00 of vol. */
  readonly vega: number;
  /** dV/dt per year with forward, vol and rate held: decay, and the unwinding of the discount. */
  readonly theta: number;
  /** dV/drate per 1.00 of rate, the forward held. */
  readonly rho: number;
}

/** Before discounting; `decay` is what a year takes from the price. */
interface Slopes {
  readonly delta: number;
  readonly gamma: number;
  readonly vega: number;
  readonly decay: number;
}

/**
 * @throws RiskError out_of_bounds; not_finite, also where a sensitivity exceeds float64 (the gamma
 * at the money of a vanishing vol); both name the field
 */
export function optionGreeks(option: OptionInput): PricedGreeks {
  const price = optionValue(option);
  const { forward, strike, years, vol, rate } = option;
  const discount = discountOf(rate, years);
  const stdDev = stdDevOf(vol, years);
  const smooth = forward > 0 && strike > 0 && stdDev > 0;
  const slopes = smooth ? slopesOf(option, stdDev, stdDevTail[0]!) : slopesAtKink(option);
  return {
    price,
    delta: finite(discount * slopes.delta, "delta"),
    gamma: finite(discount * slopes.gamma, "gamma"),
    vega: finite(discount * slopes.vega, "vega"),
    theta: finite(rate * price - discount * slopes.decay, "theta"),
    rho: finite(0 - years * price, "rho"),
  };
}

function slopesOf(option: OptionInput, stdDev: number, tail: number): Slopes {
  const { forward, strike, years, vol } = option;
  const low = Math.min(forward, strike);
  const x = logRatio(Math.max(forward, strike), low);
  timeValue(x, logRatioTail[0]!, stdDev, tail);
  const density = densityFound[0]!;
  const root = Math.sqrt(years);
  return {
    delta: deltaOf(option, x / stdDev, 0.5 * stdDev, density),
    gamma: ((low / forward) * density) / (forward * stdDev),
    vega: low * density * root,
    decay: (0.5 * (low * density) * vol) / root,
  };
}

/** Φ(d1) or -Φ(-d1), from the tail that is less than a half, by the Mills ratio. */
function deltaOf({ forward, strike, right }: OptionInput, h: number, t: number, density: number) {
  const isCall = right === "call";
  if (forward > strike) {
    const below = (strike / forward) * density * mills(h + t);
    return isCall ? 1 - below : 0 - below;
  }
  const above = h > t ? density * mills(h - t) : 1 - density * mills(t - h);
  if (isCall) return above;
  return h > t ? above - 1 : 0 - density * mills(t - h);
}

function slopesAtKink({ forward, strike, right }: OptionInput): Slopes {
  const atStrike = forward === strike && strike > 0;
  const exercised = atStrike ? 0.5 : forward >= strike ? 1 : 0;
  return { delta: right === "call" ? exercised : exercised - 1, gamma: 0, vega: 0, decay: 0 };
}
