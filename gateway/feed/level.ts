/**
 * Where the declared surface stands: its level from a vol, its shape from the settings.
 *
 * In a replay that vol is the realised vol of the index: an exponentially weighted mean of squared
 * close-to-close returns a year, weighted by the time that each return took.
 *
 *      rate ← rate + w (r² / dt - rate),   w = 1 - 2^(-dt / halfLife)
 */
import { exp } from "../../core/math/exp.ts";
import { log } from "../../core/math/log.ts";
import type { Surface } from "../../core/pricing/surface.ts";
import { HOUR_MS, type ReplaySettings, type SurfaceSettings, YEAR_MS } from "./settings.ts";

/**
 * The surface of an underlying whose vol now is `vol`.
 *
 * @param scale size of its returns in units of those that the settings' `longVol` describes
 */
export function surfaceAt(vol: number, scale: number, settings: SurfaceSettings): Surface {
  const spot = Math.min(Math.max(vol, settings.volMin), settings.volMax);
  const long = settings.longVol * scale;
  return {
    spotVariance: spot * spot,
    longVariance: long * long,
    reversion: (log(2) * 365) / settings.halfLifeDays,
    tilt: settings.tilt,
    wing: settings.wing,
  };
}

/** Realised vol so far. */
export interface Realised {
  /** Variance a year. */
  readonly rate: number;
  /** Newest close and the start of its bar; undefined before the first. */
  readonly last?: { readonly openMs: number; readonly close: number };
}

export type RealisedTerms = Pick<ReplaySettings, "volPrior" | "volHalfLifeHours" | "volBarsMin">;

export function priorOf({ volPrior }: RealisedTerms): Realised {
  return { rate: volPrior * volPrior };
}

/** Folds the close of a bar in which somebody traded. */
export function realised(
  { rate, last }: Realised,
  { openMs, close }: { readonly openMs: number; readonly close: number },
  { volHalfLifeHours, volBarsMin }: RealisedTerms,
): Realised {
  if (last === undefined) return { rate, last: { openMs, close } };
  const dt = openMs - last.openMs;
  // However long the bars, one return has at most the weight of one among `volBarsMin`.
  const halfLifeMs = Math.max(volHalfLifeHours * HOUR_MS, volBarsMin * dt);
  const weight = 1 - exp((-log(2) * dt) / halfLifeMs);
  const move = log(close / last.close);
  const fresh = (move * move * YEAR_MS) / dt;
  return { rate: rate + weight * (fresh - rate), last: { openMs, close } };
}
