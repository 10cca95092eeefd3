/**
 * What a change of the chain looks like to those behind the feed: expiries first, each at its own
 * moment and at the last index marked before it, then what is new.
 */
import type { ChainChange } from "./chain.ts";
import type { FeedExpiry, FeedListing } from "./feed.ts";

/** @param lastIndex index of each underlying as it was last marked */
export function* rolled(
  { expired, listed }: ChainChange,
  at: number,
  lastIndex: ReadonlyMap<string, number>,
): Generator<FeedExpiry | FeedListing> {
  for (const { expiryMs, instruments } of expired) {
    const concerned = [...new Set(instruments.map(({ underlying }) => underlying))];
    yield {
      kind: "expiry",
      at: expiryMs,
      instruments: instruments.map(({ id }) => id),
      settlement: concerned.flatMap((id) => {
        const value = lastIndex.get(id);
        return value === undefined ? [] : [{ id, value, extra: 0 }];
      }),
    };
  }
  if (listed.length > 0) yield { kind: "listing", at, instruments: listed };
}
