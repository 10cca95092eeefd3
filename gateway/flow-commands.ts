/**
 * What the flow itself says to the list: the regime's answers to a Turn, and what a feed announces.
 */
import type {
  GridChangeCommand,
  GridNoticeCommand,
  ListingCommand,
  Submission,
} from "../core/engine/command.ts";
import type { Turn } from "../core/engine/turn.ts";
import type { Instrument, Listing } from "../core/instrument.ts";
import { foldIndex, foldTime, type RegimeOutcome, type RegimeState } from "../regime/index.ts";
import type { FeedEvent } from "./feed/feed.ts";

/**
 * The regime folds a Turn's index bars after its close, exactly as a replay would. A Tick lets its
 * time pass where an index had no mark.
 */
export function regimeCommands(
  turn: Turn,
  regimes: ReadonlyMap<string, RegimeState>,
  names: readonly { readonly id: string }[],
): (GridChangeCommand | GridNoticeCommand)[] {
  const marked = new Map(turn.index.map((bar) => [names[bar.ordinal]!.id, bar]));
  const ticks = turn.commands.some(({ kind }) => kind === "Tick");
  return [...regimes].flatMap(([underlying, regime]) => {
    const bar = marked.get(underlying);
    if (bar !== undefined) return answers(foldIndex(regime, turn.at, { underlying, ...bar }));
    return ticks ? answers(foldTime(regime, turn.at)) : [];
  });
}

export function answers({
  change,
  notice,
}: RegimeOutcome): (GridChangeCommand | GridNoticeCommand)[] {
  const commands: (GridChangeCommand | GridNoticeCommand)[] = [];
  if (change !== undefined) {
    const { underlying, initial, maintenance, volScale, label, evidence } = change;
    commands.push({
      kind: "GridChange",
      underlying,
      slideRange: { initial: initial.slideRange, maintenance: maintenance.slideRange },
      volScale,
      label,
      evidence: { ...evidence },
    });
  }
  if (notice !== undefined) {
    const { underlying, target, effectiveAt } = notice;
    commands.push({ kind: "GridNotice", underlying, target, effectiveAt });
  }
  return commands;
}

export function listingOf(instruments: readonly Instrument[]): ListingCommand {
  return { kind: "Listing", underlyings: [], currencies: [], instruments, delisted: [] };
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
    case "MarkState":
    case "TermsChange":
      return command.kind;
    case "Listing":
      return `Listing ${command.instruments.map(({ id }) => id).join(" ")}`;
    default:
      return undefined;
  }
}
