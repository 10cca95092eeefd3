/**
 * What the flow itself says to the list beside the regime's answers: what a feed announces, and
 * what it still owes.
 */
import type { ListingCommand, Submission } from "../core/engine/command.ts";
import type { EngineState } from "../core/engine/state.ts";
import type { Instrument, Listing } from "../core/instrument.ts";
import {
  announced,
  answers,
  creditsAgain,
  creditsNow,
  type RegimeAnswer,
  type RegimesAndPairs,
} from "../regime/index.ts";
import type { FeedEvent } from "./feed/feed.ts";

export function listingOf(instruments: readonly Instrument[]): ListingCommand {
  return { kind: "Listing", underlyings: [], currencies: [], instruments, delisted: [] };
}

/**
 * What the regimes had decided when the last run stopped, and the list does not hold: a Turn may be
 * on disk without the commands that it was answered with.
 *
 * @param ahead the state as the commands that are on disk leave it
 */
export function unsaid(
  { regimes, pairs }: RegimesAndPairs,
  ahead: EngineState,
): readonly RegimeAnswer[] {
  const ranges = [...regimes.values()].flatMap((regime) => {
    const { told, initial, maintenance, volScale } = regime.published;
    const force = ahead.market.ranges.get(regime.underlying);
    const holds =
      force?.slideRange.initial === initial &&
      force.slideRange.maintenance === maintenance &&
      force.volScale === volScale;
    return !told || holds ? [] : answers(announced(regime));
  });
  const hold = pairs === undefined || sameCredits(creditsNow(pairs).credits, ahead.market.credits);
  return hold ? ranges : [...ranges, ...creditsAgain(pairs, regimes)];
}

type Credits = EngineState["market"]["credits"];

const sameCredits = (some: Credits, others: Credits): boolean =>
  some.length === others.length &&
  some.every(({ members, credit }, i) => {
    const other = others[i]!;
    return credit === other.credit && members.join() === other.members.join();
  });

/** The newer of two commands on one subject; what only the older says still holds. */
export function newestWord(older: Submission | undefined, newer: Submission): Submission {
  if (older?.kind !== "GridChange" || newer.kind !== "GridChange") return newer;
  return older.credits === undefined ? newer : { credits: older.credits, ...newer };
}

/** Settlement prices by underlying that the feed declares with its event. */
export function declaredPrices(event: FeedEvent): ReadonlyMap<string, number> {
  const settlement = event.kind === "expiry" ? event.settlement : [];
  return new Map(settlement.map(({ id, value }) => [id, value]));
}

/** The part of a listing that the list does not know yet; undefined when it knows all of it. */
export function unlisted(
  { underlyings, currencies, instruments }: Listing,
  known: ReadonlyMap<string, number>,
): ListingCommand | undefined {
  const fresh = <T extends { readonly id: string }>(all: readonly T[]) =>
    all.filter(({ id }) => !known.has(id));
  const parts = {
    underlyings: fresh(underlyings),
    currencies: fresh(currencies),
    instruments: fresh(instruments),
  };
  if (Object.values(parts).every((part) => part.length === 0)) return undefined;
  return { kind: "Listing", ...parts, delisted: [] };
}

/**
 * What a command of the flow's own is about, when it must be said again after it could not be
 * written: the newest word on a subject counts. Undefined for commands of others, who are told of
 * the failure themselves, and for settlements, which stay due.
 */
export function owedSubject(command: Submission): string | undefined {
  switch (command.kind) {
    case "GridChange":
    case "GridNotice":
      return `${command.kind} ${command.underlying}`;
    case "Regime":
      return command.what === "warm" ? `warm ${command.underlying}` : undefined;
    case "MarkState":
    case "TermsChange":
      return command.kind;
    case "Listing":
      return `Listing ${command.instruments.map(({ id }) => id).join(" ")}`;
    default:
      return undefined;
  }
}
