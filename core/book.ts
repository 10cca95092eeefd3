/**
 * A book: one account with the market that it stands in, checked and ready for the arithmetic.
 *
 * The offline door parses it from JSON, the live engine exports it, what-if and the tests build it.
 * Money keeps every digit as a decimal string beside its float64 shadow; everything else is
 * float64.
 */
import type { AssetClass, Instrument } from "./instrument.ts";
import type { Staged } from "./terms.ts";

export const accountModes = ["full", "isolated", "cross", "portfolio"] as const;
export type AccountMode = (typeof accountModes)[number];

/** What the regime published for an underlying. */
export interface PublishedRange {
  /** Half-widths of the price axis, fractions. */
  readonly slideRange: Staged;
  /** Scale on the vol rule's own up and down. */
  readonly volScale: number;
  /** The regime's label, for people. */
  readonly state?: string;
  /** The figures behind the range; told, not computed with. */
  readonly evidence?: { readonly [name: string]: unknown };
}

export interface MarketUnderlying {
  readonly id: string;
  readonly assetClass: AssetClass;
  readonly index: number;
  /** 0 to 1. */
  readonly confidence: number;
}

export interface MarketCurrency {
  readonly id: string;
  /** USD; absent: its underlying's index, else 1 for the numeraire, USD and their like. */
  readonly price?: number;
  readonly underlying?: string;
  /** USD price of a stable that serves as the numeraire; touches only the peg terms. */
  readonly peg: number;
  readonly confidence: number;
}

/** An instrument with what the market says of it. */
export interface MarketInstrument {
  readonly spec: Instrument;
  /** Price; of an option only where it was marked by price, in settle currency per unit. */
  readonly mark?: number;
  readonly vol?: number;
  readonly forward?: number;
  /** The part of `forward` that settlement averaging has already fixed. */
  readonly forwardFixed?: number;
  readonly rate: number;
  readonly fundingRate: number;
  readonly confidence: number;
  readonly forwardConfidence: number;
  readonly volConfidence: number;
  readonly rateConfidence: number;
}

export interface Market {
  /** Market time, ms since the epoch; seconds to expiry count from here. */
  readonly asOfMs: number;
  readonly underlyings: ReadonlyMap<string, MarketUnderlying>;
  readonly currencies: ReadonlyMap<string, MarketCurrency>;
  readonly instruments: ReadonlyMap<string, MarketInstrument>;
  readonly ranges: ReadonlyMap<string, PublishedRange>;
  readonly credits: readonly { readonly members: readonly string[]; readonly credit: number }[];
}

export interface Balance {
  readonly currency: string;
  /** Exact decimal. */
  readonly amount: string;
  /** Where it lies, when not with the venue. */
  readonly location?: string;
}

export interface Position {
  readonly instrument: string;
  /** Signed contracts, exact decimal and its float64. */
  readonly quantity: string;
  readonly entryPrice?: number;
  /** Settle currency; computed from `entryPrice` when absent. */
  readonly unrealisedPnl?: number;
  readonly unrealisedFunding: number;
}

export interface OpenOrder {
  readonly instrument: string;
  readonly side: "buy" | "sell";
  /** Contracts, > 0. */
  readonly quantity: number;
  readonly price: number;
  readonly reduceOnly: boolean;
}

export interface Account {
  readonly id: string;
  readonly mode: AccountMode;
  readonly balances: readonly Balance[];
  readonly positions: readonly Position[];
  readonly openOrders: readonly OpenOrder[];
  /** Requirements that the venue computed and stated, in the numeraire; initial only. */
  readonly margins: { readonly openOrders: number; readonly spot: number; readonly mmp: number };
}

export interface Book {
  readonly market: Market;
  readonly account: Account;
}
