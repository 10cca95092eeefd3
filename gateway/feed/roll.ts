/**
 * What a change of the chain looks like to those behind the feed: expiries first, each at its own
 * moment and at the last index marked before it, then what is new.
 */
import type { ChainChange } from "./chain.ts";
import type { FeedExpiry, FeedListing } from "./feed.ts";

/**
 * @param lastIndex index of each underlying as it was last marked
 * @param fromMs time of the newest event: what should have expired before it does so then
 */
export function* rolled(
  { expired, listed }: ChainChange,
  at: number,
  lastIndex: ReadonlyMap<string, number>,
  fromMs = Number.NEGATIVE_INFINITY,
): Generator<FeedExpiry | FeedListing> {
  for (const { expiryMs, instruments } of expired) {
    const concerned = [...new Set(instruments.map(({ underlying }) => underlying))];
    yield {
      kind: "expiry",
      at: Math.max(expiryMs, fromMs),
      instruments: instruments.map(({ id }) => id),
      settlement: concerned.flatMap((id) => {
        const value = lastIndex.get(id);
        return value === undefined ? [] : [{ id, value, extra: 0 }];
      }),
    };
  }
  if (listed.length > 0) yield { kind: "listing", at, instruments: listed };
}
