/**
 * The index of an underlying that the file does not hold: a declared follower of one that it does.
 *
 *      price = ratio x leader₀ x (leader / leader₀)^beta x e^(noise - noise₀)      ₀: at the start
 *
 * The noise is drawn from a declared seed, four draws a bar in the size of `own` times the leader's
 * realised vol, and reverts to 0. It belongs to the dates and not to the start of the replay, so
 * two replays of one file see the same noise on the same day. It is a stand-in, not history.
 */
import { exp } from "../../core/math/exp.ts";
import { log } from "../../core/math/log.ts";
import { pow } from "../../core/math/pow.ts";
import type { Chance } from "./chance.ts";
import { DAY_MS, type ProxySettings, YEAR_MS } from "./settings.ts";

/** Leader and noise at the start of the replay. */
export interface Anchor {
  readonly leader: number;
  readonly noise: number;
}

/**
 * The noise (log price off the leader's line) at the four points of a bar.
 *
 * @param level the noise after the bar before
 * @param leader its variance a year, and the time since the bar before
 */
export function nextNoise(
  level: number,
  draws: Chance,
  leader: { readonly rate: number; readonly dtMs: number },
  { own, ownHalfLifeDays }: ProxySettings,
): readonly number[] {
  const quarterMs = leader.dtMs / 4;
  const keep = exp((-log(2) * quarterMs) / (ownHalfLifeDays * DAY_MS));
  const size = own * Math.sqrt((leader.rate * quarterMs) / YEAR_MS);
  let x = level;
  return [0, 1, 2, 3].map(() => {
    x = x * keep + size * draws.gaussian();
    return x;
  });
}

/** The follower's index when the leader's is `leader`. */
export function followed(
  leader: number,
  noise: number,
  anchor: Anchor,
  { ratio, beta }: ProxySettings,
): number {
  const moved = pow(leader / anchor.leader, beta) * exp(noise - anchor.noise);
  return ratio * anchor.leader * moved;
}
