/**
 * Events: what was done, numbered, and the newest of it kept for whoever was away.
 *
 *      channel            an event is              kept
 *      fills.{account}    a Fill command           `FILL_EVENTS_MAX`, of `FILL_LINES_MAX` lines
 *      regime.changes     a GridChange, a          `REGIME_EVENTS_MAX`
 *                         GridNotice, a TermsChange,
 *                         a decision about a regime
 *
 * An event bears the number of its command in the account chain, so it is the same event live,
 * replayed and restored; and the number of the one before it in its channel, so that a reader who
 * missed one can tell. What settled positions at an expiry is no trade and no event: it shows as a
 * version between two fills that no fill made.
 *
 * The rings are part of the fold state and are replaced, never changed, like everything in it.
 */
import type {
  FillCommand,
  FillLine,
  GridChangeCommand,
  GridNoticeCommand,
  RegimeDecision,
  TermsChangeCommand,
} from "./command.ts";

/** Newest fill events kept by account. */
export const FILL_EVENTS_MAX = 64;
/** Trades in those events, save that the newest event is kept whole. */
export const FILL_LINES_MAX = 256;
/** Newest events of the regime and the terms. */
export const REGIME_EVENTS_MAX = 256;

/** Where an event stands. */
interface Placed {
  /** Number of its command in the account chain. */
  readonly seq: number;
  /** Number of the event before it in its channel; 0 for the first. */
  readonly prev: number;
  readonly turn: number;
  /** Market time of that Turn, ms. */
  readonly at: number;
}

/** Trades of one command, as they were applied. */
export interface FillEvent extends Placed {
  /** The account's version after it. */
  readonly version: number;
  /** The sender's idempotency key. */
  readonly key?: string;
  readonly fills: readonly FillLine[];
}

/** Terms by name: the document itself is in the exported book. */
export interface TermsNote {
  readonly kind: "TermsChange";
  readonly name: string;
  readonly version: string;
  readonly hash: string;
}

/** A decision about a regime without who made it: that is for its history. */
export type DecisionNote = Omit<RegimeDecision, "by">;

/** A range, a notice, other terms or a decision, as they were made. */
export interface RegimeEvent extends Placed {
  readonly change: GridChangeCommand | GridNoticeCommand | TermsNote | DecisionNote;
}

export type RegimeChangeCommand =
  | GridChangeCommand
  | GridNoticeCommand
  | TermsChangeCommand
  | RegimeDecision;

/** Events of one Turn, in its order. */
export interface TurnEvents {
  readonly fills: { readonly account: string; readonly event: FillEvent }[];
  readonly changes: RegimeEvent[];
}

/** The fold as it stands when a command is folded. */
interface Moment {
  readonly seq: number;
  readonly at: number;
  /** Number of the command. */
  readonly commands: number;
}

/** @param account as the command left it, its ring still without the event */
export function fillEvent(
  moment: Moment,
  { key, fills }: FillCommand,
  account: { readonly version: number; readonly fills: readonly FillEvent[] },
): FillEvent {
  const keyed = key === undefined ? {} : { key };
  return { ...placed(moment, account.fills), version: account.version, ...keyed, fills };
}

export function regimeEvent(
  moment: Moment,
  command: RegimeChangeCommand,
  before: readonly RegimeEvent[],
): RegimeEvent {
  return { ...placed(moment, before), change: changeOf(command) };
}

function changeOf(command: RegimeChangeCommand): RegimeEvent["change"] {
  if (command.kind === "TermsChange") return note(command);
  if (command.kind !== "Regime") return command;
  const { by: _, ...decision } = command;
  return decision;
}

function note({ kind, hash, terms: { name, version } }: TermsChangeCommand): TermsNote {
  return { kind, name, version, hash };
}

function placed({ seq, at, commands }: Moment, before: readonly Placed[]): Placed {
  return { seq: commands, prev: before.at(-1)?.seq ?? 0, turn: seq, at };
}

/** The ring with its newest event, without the oldest that are too many. */
export function withFill(ring: readonly FillEvent[], event: FillEvent): readonly FillEvent[] {
  let lines = event.fills.length;
  let from = ring.length;
  while (from > 0 && ring.length - from + 2 <= FILL_EVENTS_MAX) {
    lines += ring[from - 1]!.fills.length;
    if (lines > FILL_LINES_MAX) break;
    from -= 1;
  }
  return [...ring.slice(from), event];
}

export function withChange(
  ring: readonly RegimeEvent[],
  event: RegimeEvent,
): readonly RegimeEvent[] {
  return [...ring.slice(1 - REGIME_EVENTS_MAX), event];
}
