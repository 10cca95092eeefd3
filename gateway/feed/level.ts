/**
 * Where the declared surface stands: its level from a vol, its shape from the settings.
 */
import { log } from "../../core/math/log.ts";
import type { Surface } from "../../core/pricing/surface.ts";
import type { SurfaceSettings } from "./settings.ts";

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
