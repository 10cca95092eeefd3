/**
 * A declared vol surface: five numbers give the vol of every strike and expiry.
 *
 * The simulated market and the replay of an index have no option quotes, so their chains are marked
 * off this surface. It is made so that no strike and no expiry can be bought against another for a
 * sure gain. At the money, total variance is that of a variance reverting to its mean, which never
 * falls with time:
 *
 *      θ(T) = L T + (V - L) (1 - e^(-κT)) / κ        V spot, L long variance, κ reversion a year
 *
 * and across strikes it is the surface of Gatheral and Jacquier ("Arbitrage-free SVI volatility
 * surfaces", Quantitative Finance 14, 2014) with φ = η / √θ:
 *
 *      w(k, T) = θ/2 (1 + ρφk + √((φk + ρ)² + 1 - ρ²))    k = ln(strike / forward), vol = √(w / T)
 *
 * Their theorems 4.1 and 4.2 ask for η² (1 + |ρ|) ≤ 4 and η √θ (1 + |ρ|) < 4. The smile sticks to
 * log-moneyness: when the forward moves, a fixed strike slides along it.
 */
import { RiskError, shown } from "../errors.ts";
import { exp } from "../math/exp.ts";

export interface Surface {
  /** Variance a year of the nearest moment, > 0: 0.36 is a vol of 60 %. */
  readonly spotVariance: number;
  /** Variance a year that far expiries tend to, > 0. */
  readonly longVariance: number;
  /** κ, a year, > 0: ln 2 / κ is the half-life of a shock of the level in years. */
  readonly reversion: number;
  /** ρ in (-1, 1): below 0 puts are dearer than calls. */
  readonly tilt: number;
  /** η > 0: how fast the wings rise. */
  readonly wing: number;
}

/** The smile of one expiry, ready for many strikes. */
export interface Smile {
  readonly years: number;
  /** θ: at-the-money total variance. */
  readonly theta: number;
  readonly phi: number;
  readonly tilt: number;
}

/** Shortest time that a smile is laid for, years: one minute. Nearer expiries take it as theirs. */
export const SMILE_YEARS_MIN = 1 / 525_600;

/**
 * The smile of the expiry in `years`.
 *
 * @throws RiskError terms_invalid when the surface allows a sure gain or is not made of numbers
 */
export function smileAt(surface: Surface, years: number): Smile {
  const { spotVariance, longVariance, reversion, tilt, wing } = surface;
  const time = Math.max(years, SMILE_YEARS_MIN);
  const pull = reversion * time;
  const theta =
    longVariance * time + ((spotVariance - longVariance) * (1 - exp(-pull))) / reversion;
  const steepest = (1 + Math.abs(tilt)) * wing * Math.max(wing, Math.sqrt(theta));
  const sound =
    spotVariance > 0 && longVariance > 0 && reversion > 0 && wing > 0 && Math.abs(tilt) < 1;
  // Written so that a NaN fails.
  if (!(sound && theta > 0 && steepest < 4))
    throw new RiskError("terms_invalid", {
      path: "surface",
      expected: "positive numbers with (1 + |tilt|) wing max(wing, √θ) < 4",
      found: shown(JSON.stringify(surface)),
    });
  return { years: time, theta, phi: wing / Math.sqrt(theta), tilt };
}

/** Annualised vol at log-moneyness `k`, a fraction > 0. */
export function smileVol({ years, theta, phi, tilt }: Smile, k: number): number {
  const x = phi * k;
  const root = Math.sqrt((x + tilt) * (x + tilt) + 1 - tilt * tilt);
  return Math.sqrt((theta * (1 + tilt * x + root)) / (2 * years));
}
