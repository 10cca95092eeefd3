/**
 * How a feed's marks are judged, from what the feed says of itself.
 *
 * A file of bars is silent for a bar at a time, so its staleness is counted in bars; everything
 * else comes as it trades.
 */
import type { Feed } from "../feed.ts";
import type { GuardOptions } from "../guard.ts";

export function guardOf({
  name,
  trusted,
  barMs,
}: Pick<Feed, "name" | "trusted" | "barMs">): GuardOptions {
  return name === "replay" ? { trusted, barMs } : { trusted };
}

/** One source that nobody vouches for: a move is not to be answered in haste. */
export const isAlone = ({ sources = [""], trusted = true }: GuardOptions): boolean =>
  !trusted && sources.length === 1;
