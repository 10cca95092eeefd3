/**
 * How a feed's marks are judged, from what the feed says of itself.
 *
 * A file of bars is silent for a bar at a time, and whoever puts marks by hand for minutes, so
 * staleness is counted in the feed's bars; a simulation comes as it trades. Trust is in one source:
 * several are held against each other whatever is said of them.
 */
import type { Feed } from "../feed.ts";
import type { GuardOptions } from "../guard.ts";

export function guardOf({
  name,
  barMs,
  ...of
}: Pick<Feed, "name" | "sources" | "trusted" | "barMs">): GuardOptions {
  const sources = of.sources.map((source) => source.name);
  const trusted = of.trusted && sources.length === 1;
  return name === "sim" ? { sources, trusted } : { sources, trusted, barMs };
}

/** One source that nobody vouches for: a move is not to be answered in haste. */
export const isAlone = ({ sources = [""], trusted = true }: GuardOptions): boolean =>
  !trusted && sources.length === 1;
