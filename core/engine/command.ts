/**
 * Commands: everything beside marks that can move a margin, as it stands in a Turn.
 *
 * A command is plain data in the canonical JSON of its Turn; amounts are exact decimal strings. It
 * was admitted before it entered the list (admission.ts), so folding it cannot fail for reasons of
 * its own.
 */
import type { AccountMode, OpenOrder } from "../book.ts";
import type { Currency, Instrument, Underlying } from "../instrument.ts";
import type { Staged, Terms } from "../terms.ts";

/** New names, in the order in which they get their ordinals; delisted ones keep theirs. */
export interface ListingCommand {
  readonly kind: "Listing";
  readonly underlyings: readonly Underlying[];
  readonly currencies: readonly Currency[];
  readonly instruments: readonly Instrument[];
  readonly delisted: readonly string[];
}

/** What every command of an account says. */
interface OfAccount {
  readonly account: string;
  /** Idempotency key: the same key again changes nothing and is answered as it was. */
  readonly key?: string;
}

/** Opens an account, or changes the mode of one. */
export interface AccountCommand extends OfAccount {
  readonly kind: "Account";
  readonly mode: AccountMode;
  /** Refused unless the account is new, or known; absent: either will do. */
  readonly expect?: "new" | "known";
}

/** Replaces the balances of an account. */
export interface BalancesCommand extends OfAccount {
  readonly kind: "Balances";
  readonly balances: readonly { readonly currency: string; readonly amount: string }[];
}

/** Replaces the positions of an account, at a price each; no cash moves. */
export interface PositionsCommand extends OfAccount {
  readonly kind: "Positions";
  readonly positions: readonly PositionLine[];
}

/** Replaces the resting orders of an account. */
export interface OrdersCommand extends OfAccount {
  readonly kind: "Orders";
  readonly orders: readonly OpenOrder[];
}

export interface PositionLine {
  readonly instrument: string;
  /** Signed contracts, exact decimal. */
  readonly quantity: string;
  readonly price: string;
}

export interface FillLine extends PositionLine {
  /** Paid by the account, settle currency, exact decimal; negative is a rebate. */
  readonly fee?: string;
}

/** Trades, all or none. */
export interface FillCommand extends OfAccount {
  readonly kind: "Fill";
  readonly fills: readonly FillLine[];
}

/** Deposit (positive) or withdrawal. */
export interface TransferCommand extends OfAccount {
  readonly kind: "Transfer";
  readonly currency: string;
  readonly amount: string;
}

/** An expiry at its settlement price: exact cash, positions removed, the instrument delisted. */
export interface ExpiryCommand {
  readonly kind: "Settle";
  readonly what: "expiry";
  readonly instrument: string;
  /** Of the underlying's index; of a bond the redemption price. */
  readonly price: string;
}

/** A perpetual's funding: longs pay rate x notional at `price`. */
export interface FundingCommand {
  readonly kind: "Settle";
  readonly what: "funding";
  readonly instrument: string;
  readonly rate: string;
  readonly price: string;
}

/** Moves profit so far into cash and lets flat positions leave. */
export interface SessionCommand {
  readonly kind: "Settle";
  readonly what: "session";
  readonly instrument: string;
  /**
   * Of futures and perpetuals; what else is settled has been paid for, so only flat lines leave.
   */
  readonly price?: string;
}

/** The regime decided: what holds from here on. */
export interface GridChangeCommand {
  readonly kind: "GridChange";
  readonly underlying: string;
  readonly slideRange: Staged;
  readonly volScale: number;
  readonly label: string;
  readonly credits?: readonly { readonly members: readonly string[]; readonly credit: number }[];
  readonly evidence: { readonly [name: string]: unknown };
}

/** What the maintenance range will become, and when. */
export interface GridNoticeCommand {
  readonly kind: "GridNotice";
  readonly underlying: string;
  readonly target: number;
  readonly effectiveAt: number;
}

export interface TermsChangeCommand {
  readonly kind: "TermsChange";
  readonly terms: Terms;
  /** SHA-256 of their effective document, 64 hex digits. */
  readonly hash: string;
}

/** How far the marks may be trusted from here on; what it does not name is fresh and sure. */
export interface MarkStateCommand {
  readonly kind: "MarkState";
  readonly state: "OK" | "DEGRADED" | "HALTED";
  /** Names without a mark for longer than their heartbeat. */
  readonly stale: readonly string[];
  /** Names whose newest marks are withheld or disputed: an earlier one stands for them. */
  readonly quarantined: readonly string[];
  /** Names whose source is not sure of the price, and how sure it is, 0 to 1. */
  readonly confidence?: readonly { readonly id: string; readonly confidence: number }[];
}

/** Who decided, why, and on what they had seen. */
export interface RegimeBy {
  /** Whose word made it so: who approved, or who froze. */
  readonly principal: string;
  /** Who asked for it, where another had to agree. */
  readonly proposer?: string;
  readonly proposal?: string;
  /** SHA-256 of what was previewed, 64 hex digits. */
  readonly hash?: string;
  readonly reason: string;
}

interface OfRegime {
  readonly kind: "Regime";
  readonly underlying: string;
  /** One above the underlying's number of decisions so far: another one made meanwhile, and it is
   * refused. */
  readonly version: number;
  readonly by: RegimeBy;
}

/** In place of an underlying: what is between all of them. */
export const PAIRS = "*";

/**
 * The regime as history left it, before it has published anything; or, under {@link PAIRS}, the
 * pairs of underlyings and what they know of each other.
 */
export interface RegimeWarmCommand {
  readonly kind: "Regime";
  readonly what: "warm";
  readonly underlying: string;
  /** The regime's own document, which is checked where it is restored. */
  readonly snapshot: unknown;
}

/** What is published holds until it is released. */
export interface RegimeFreezeCommand extends OfRegime {
  readonly what: "freeze";
  /** Whether a sudden move or a long silence may still widen it. */
  readonly allowEmergency: boolean;
}

/** Ends a freeze and an override. */
export interface RegimeReleaseCommand extends OfRegime {
  readonly what: "release";
}

/** A range of an operator's, in place of the target, until it expires. */
export interface RegimeOverrideCommand extends OfRegime {
  readonly what: "override";
  /** Fraction. */
  readonly range: number;
  /** Market time, ms. */
  readonly untilMs: number;
}

/** One term of a regime by its path, as it was and as it shall be. */
export interface RegimeTermChange {
  readonly path: string;
  readonly before: number | string;
  readonly after: number | string;
}

export interface RegimeParametersCommand extends OfRegime {
  readonly what: "parameters";
  readonly changes: readonly RegimeTermChange[];
  /** Version whose terms it brings back. */
  readonly restores?: number;
}

/** What was fitted off the path of marks; never fitted again in a replay. */
export interface RegimeCoefficientsCommand extends OfRegime {
  readonly what: "coefficients";
  readonly coefficients: { readonly [name: string]: unknown };
}

/** What somebody decided about a regime. */
export type RegimeDecision =
  | RegimeFreezeCommand
  | RegimeReleaseCommand
  | RegimeOverrideCommand
  | RegimeParametersCommand
  | RegimeCoefficientsCommand;

export type RegimeCommand = RegimeWarmCommand | RegimeDecision;

/**
 * Time passes: years to expiry are counted from here, never from a clock.
 *
 * Made by the sequencer alone, at most one a Turn, so it is no part of the account chain.
 */
export interface TickCommand {
  readonly kind: "Tick";
}

export type SettleCommand = ExpiryCommand | FundingCommand | SessionCommand;

export type AccountCommands =
  | AccountCommand
  | BalancesCommand
  | PositionsCommand
  | OrdersCommand
  | FillCommand
  | TransferCommand;

/** What may be submitted. */
export type Submission =
  | ListingCommand
  | AccountCommands
  | SettleCommand
  | GridChangeCommand
  | GridNoticeCommand
  | TermsChangeCommand
  | RegimeCommand
  | MarkStateCommand;

export type Command = Submission | TickCommand;

/** Whether `command` belongs to one account. */
export const isOfAccount = (command: Command): command is AccountCommands => "account" in command;
