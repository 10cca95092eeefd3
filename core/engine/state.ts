/**
 * The state that the fold carries from Turn to Turn: listing, marks, accounts, ranges, terms.
 *
 * Marks live as the objects that the margin arithmetic reads, replaced (never changed) when a mark
 * comes, so that whatever was valued from one can see by identity that it still holds.
 */
import type {
  Market,
  MarketCurrency,
  MarketInstrument,
  MarketUnderlying,
  PublishedRange,
} from "../book.ts";
import type { Terms } from "../terms.ts";
import type { GridNoticeCommand, MarkStateCommand } from "./command.ts";
import type { AccountState } from "./ledger.ts";
import { FIRST_HASH } from "./turn.ts";

export interface LiveMarket extends Market {
  asOfMs: number;
  readonly underlyings: Map<string, MarketUnderlying>;
  readonly currencies: Map<string, MarketCurrency>;
  readonly instruments: Map<string, MarketInstrument>;
  readonly ranges: Map<string, PublishedRange>;
  credits: readonly { readonly members: readonly string[]; readonly credit: number }[];
}

/** What a listed name is. */
export type ListedKind = "underlying" | "currency" | "instrument";

export interface EngineState {
  readonly partition: number;
  readonly lineage: string;
  /** Of the newest folded Turn; 0 before the first. */
  seq: number;
  at: number;
  lastHash: string;
  readonly market: LiveMarket;
  /** Names by ordinal; a delisted name keeps its place. */
  readonly names: { readonly id: string; readonly kind: ListedKind }[];
  readonly ordinals: Map<string, number>;
  /** Market time of the newest mark by name, ms. */
  readonly markedAt: Map<string, number>;
  /** Forward over index at an option's own marks. */
  readonly basis: Map<string, number>;
  readonly accounts: Map<string, AccountState>;
  /** What the regime published, with its evidence, for the wire. */
  readonly published: Map<string, { readonly [name: string]: unknown }>;
  readonly notices: Map<string, GridNoticeCommand>;
  markState: MarkStateCommand;
  terms: Terms;
  termsHash: string;
}

/** The state before the first Turn. @param lineage 32 hex digits */
export function emptyState(lineage: string, terms: Terms, termsHash: string): EngineState {
  return {
    partition: 0,
    lineage,
    seq: 0,
    at: 0,
    lastHash: FIRST_HASH,
    market: {
      asOfMs: 0,
      underlyings: new Map(),
      currencies: new Map(),
      instruments: new Map(),
      ranges: new Map(),
      credits: [],
    },
    names: [],
    ordinals: new Map(),
    markedAt: new Map(),
    basis: new Map(),
    accounts: new Map(),
    published: new Map(),
    notices: new Map(),
    markState: { kind: "MarkState", state: "OK", stale: [], quarantined: [] },
    terms,
    termsHash,
  };
}
