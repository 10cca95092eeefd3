/**
 * Commands: everything beside marks that can move a margin, as it stands in a Turn.
 *
 * A command is plain data in the canonical JSON of its Turn; amounts are exact decimal strings. It was
 * checked before it entered the list, so folding it cannot fail for reasons of its own.
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

/** Opens an account, or changes the mode of one. */
export interface AccountCommand {
  readonly kind: "Account";
  readonly account: string;
  readonly mode: AccountMode;
}

/** Replaces the balances of an account. */
export interface BalancesCommand {
  readonly kind: "Balances";
  readonly account: string;
  readonly balances: readonly { readonly currency: string; readonly amount: string }[];
}

/** Replaces the positions of an account, at a price each. */
export interface PositionsCommand {
  readonly kind: "Positions";
  readonly account: string;
  readonly positions: readonly FillLine[];
}

/** Replaces the resting orders of an account. */
export interface OrdersCommand {
  readonly kind: "Orders";
  readonly account: string;
  readonly orders: readonly OpenOrder[];
}

export interface FillLine {
  readonly instrument: string;
  /** Signed contracts, exact decimal. */
  readonly quantity: string;
  readonly price: string;
  /** Paid by the account, settle currency, exact decimal; negative is a rebate. */
  readonly fee?: string;
}

/** Trades, all or none. */
export interface FillCommand {
  readonly kind: "Fill";
  readonly account: string;
  readonly fills: readonly FillLine[];
}

/** Deposit (positive) or withdrawal. */
export interface TransferCommand {
  readonly kind: "Transfer";
  readonly account: string;
  readonly currency: string;
  readonly amount: string;
}

/** An expiry at its settlement price: exact cash, positions removed, the instrument delisted. */
export interface ExpiryCommand {
  readonly kind: "Settle";
  readonly what: "expiry";
  readonly instrument: string;
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

/** Moves the profit of futures and perpetuals so far into cash, at `price`. */
export interface SessionCommand {
  readonly kind: "Settle";
  readonly what: "session";
  readonly instrument: string;
  readonly price: string;
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
  readonly hash: string;
}

export interface MarkStateCommand {
  readonly kind: "MarkState";
  readonly state: "OK" | "DEGRADED" | "HALTED";
  readonly stale: readonly string[];
  readonly quarantined: readonly string[];
}

/** Time passes: years to expiry are counted from here, never from a clock. */
export interface TickCommand {
  readonly kind: "Tick";
}

export type SettleCommand = ExpiryCommand | FundingCommand | SessionCommand;

export type Command =
  | ListingCommand
  | AccountCommand
  | BalancesCommand
  | PositionsCommand
  | OrdersCommand
  | FillCommand
  | TransferCommand
  | SettleCommand
  | GridChangeCommand
  | GridNoticeCommand
  | TermsChangeCommand
  | MarkStateCommand
  | TickCommand;
