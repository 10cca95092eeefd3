/** Which offset groups an account has, and with what credit. */
import type { Market } from "../book.ts";
import type { OffsetGroup } from "../terms.ts";
import type { MarginContext } from "./context.ts";
import { type GroupResult, offsetGroup } from "./offset.ts";
import type { UnderlyingResult } from "./underlying.ts";

/** Groups of which the account has at least two members; one that it holds at 0 is none. */
export function groupResults(
  { group, market }: MarginContext,
  underlyings: readonly UnderlyingResult[],
): GroupResult[] {
  const members = new Map<NonNullable<ReturnType<typeof group>>, UnderlyingResult[]>();
  for (const result of underlyings.filter(isHeld)) {
    const of = group(result.view.id);
    if (of !== undefined) members.set(of, [...(members.get(of) ?? []), result]);
  }
  return [...members]
    .filter(([, results]) => results.length > 1)
    .map(([of, results]) => offsetGroup(creditOf(of, results, market), results));
}

const isHeld = ({ input: { coinUsd, holdings } }: UnderlyingResult): boolean =>
  coinUsd !== 0 || holdings.some(({ low, high }) => low !== 0 || high !== 0);

/**
 * The terms' credit, bounded by the published ones where any member follows what is published: by
 * each that is about two of the members or more, so a third one frees no pair of its bound.
 */
function creditOf(
  { credit }: OffsetGroup,
  results: readonly UnderlyingResult[],
  { credits }: Market,
): number {
  if (results.every(({ view }) => view.terms.regime.mode === "off")) return credit;
  const bounds = credits.filter(
    ({ members }) =>
      results.filter(({ view }) => members.includes("*") || members.includes(view.id)).length > 1,
  );
  return Math.min(credit, ...bounds.map((bound) => bound.credit));
}
