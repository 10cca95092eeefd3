/**
 * What a pass through a price file carries from bar to bar: realised vol, and the proxy's noise.
 *
 * Every pass (the survey, the warm bars, the replay) folds the same bars in the same order, so all
 * of them agree on the state at any date.
 */
import { type Chance, chance } from "./chance.ts";
import { priorOf, type Realised, realised } from "./level.ts";
import type { PriceRow } from "./price-row.ts";
import { nextNoise } from "./proxy.ts";
import type { ReplaySettings } from "./settings.ts";

/** Only `follow` changes it. */
export interface Track {
  realised: Realised;
  /** The proxy's log price off its leader's line. */
  noise: number;
  readonly chance: Chance;
}

export function openTrack(settings: ReplaySettings): Track {
  return {
    realised: priorOf(settings),
    noise: 0,
    chance: chance(settings.proxy.seed, "proxy"),
  };
}

/** An independent copy: both go on alike. */
export function forkTrack(track: Track): Track {
  return { ...track, chance: track.chance.fork() };
}

/**
 * Folds a bar; the noise at its four points. A bar without volume changes nothing, and the time
 * that it took counts towards the next.
 */
export function follow(track: Track, row: PriceRow, settings: ReplaySettings): readonly number[] {
  const { rate, last } = track.realised;
  if (row.volume === 0) return [track.noise, track.noise, track.noise, track.noise];
  const dtMs = last === undefined ? 0 : row.openMs - last.openMs;
  const noises = nextNoise(track.noise, track.chance, { rate, dtMs }, settings.proxy);
  track.noise = noises.at(-1) ?? track.noise;
  track.realised = realised(track.realised, row, settings);
  return noises;
}
