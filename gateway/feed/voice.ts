/**
 * Whose marks they are: the declared source that a sender of `marks.put` speaks for.
 *
 *      pushed market            the source that is asked for, else the one declared for the key or
 *                               named like it, else the only one
 *      beside any other feed    nobody's: they are put by hand, and never heard with its trust
 *
 * A source that names a key is spoken for by that key alone; without one, by whoever may put marks.
 */
import { RiskError, shown } from "../../core/errors.ts";
import type { Feed, FeedSource } from "./feed.ts";
import { BY_HAND } from "./guard/trusted.ts";

/** The source of a batch. */
export type Voice = (asked: string | undefined, sender: string) => string;

/** Marks that nobody vouches for, beside a feed that has sources of its own. */
export const byHand: Voice = (asked) => {
  if (asked === undefined) return BY_HAND;
  throw unknown(asked, "absent: what is put beside a feed has no source of its own");
};

/**
 * @throws RiskError from the voice: unknown_value for a source that is not declared, forbidden for
 *   another key's, missing_field where there are several and none is the sender's
 */
export function voiceOf({ name, sources }: Pick<Feed, "name" | "sources">): Voice {
  return name === "push" ? (asked, sender) => spokenFor(sources, asked, sender) : byHand;
}

function spokenFor(
  sources: readonly FeedSource[],
  asked: string | undefined,
  sender: string,
): string {
  const names = sources.map(({ name }) => name).join(" | ");
  const source =
    asked === undefined ? ownOf(sources, sender) : sources.find(({ name }) => name === asked);
  if (source === undefined) {
    if (asked !== undefined) throw unknown(asked, names);
    throw new RiskError("missing_field", { path: "params.source", expected: names });
  }
  if (source.keyId === undefined || source.keyId === sender) return source.name;
  throw new RiskError("forbidden", {
    path: "params.source",
    expected: "a source that is declared for the key, or for none",
    found: shown(source.name),
  });
}

function ownOf(sources: readonly FeedSource[], sender: string): FeedSource | undefined {
  const own =
    sources.find(({ keyId }) => keyId === sender) ??
    sources.find(({ name, keyId }) => keyId === undefined && name === sender);
  return own ?? (sources.length === 1 ? sources[0] : undefined);
}

const unknown = (asked: string, expected: string) =>
  new RiskError("unknown_value", { path: "params.source", expected, found: shown(asked) });
