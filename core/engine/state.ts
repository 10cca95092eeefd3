/**
 * The state that the fold carries from Turn to Turn: listing, marks, accounts, ranges, terms.
 *
 * Marks, accounts and positions live as objects that are replaced and never changed, so that
 * whatever was worked out from one can see by identity that it still holds, and a fork is a copy of
 * a few maps.
 */
import type {
  Market,
  MarketCurrency,
  MarketInstrument,
  MarketUnderlying,
  PublishedRange,
} from "../book.ts";
import type { Terms } from "../terms.ts";
import type { Accounts } from "./accounts-ahead.ts";
import type { IndexWindow } from "./averaging.ts";
import type { GridNoticeCommand, MarkStateCommand, RegimeDecision } from "./command.ts";
import type { RegimeEvent } from "./events.ts";
import { EARLIEST_MS } from "./instant.ts";
import { FIRST_HASH } from "./turn.ts";
import type { Venue } from "./venue.ts";

export interface LiveMarket extends Market {
  asOfMs: number;
  readonly underlyings: Map<string, MarketUnderlying>;
  readonly currencies: Map<string, MarketCurrency>;
  readonly instruments: Map<string, MarketInstrument>;
  readonly ranges: Map<string, PublishedRange>;
  credits: readonly { readonly members: readonly string[]; readonly credit: number }[];
}

/** Decisions about regimes that the state keeps; the account chain keeps all of them. */
export const DECISIONS_MAX = 256;

/** A line of the audit. */
export interface DecisionLine {
  /** Number of the command in the account chain. */
  readonly seq: number;
  /** Market time of its Turn, ms. */
  readonly at: number;
  readonly command: RegimeDecision;
}

export interface EngineState {
  readonly partition: number;
  readonly lineage: string;
  /** Of the newest folded Turn; 0 before the first. */
  seq: number;
  /** Market time of that Turn, ms; `EARLIEST_MS` before the first. */
  at: number;
  /** SHA-256 of its bytes. */
  lastHash: string;
  /** Commands folded so far, Ticks apart: the number of the newest one in the account chain. */
  commands: number;
  /** An option's `forward` here is as of its own mark; `carriedForward` says what it is now. */
  readonly market: LiveMarket;
  /** Names by ordinal; a delisted name keeps its place. */
  readonly names: { readonly id: string }[];
  readonly ordinals: Map<string, number>;
  /** Market time of the newest mark by name, ms. */
  readonly markedAt: Map<string, number>;
  /** Forward over index at an option's own marks. */
  readonly basis: Map<string, number>;
  /** The last seconds of each index, where the terms average it for settlement. */
  readonly windows: Map<string, IndexWindow>;
  readonly accounts: Accounts;
  readonly venue: Venue;
  /** What the regime published, with its evidence, for the wire. */
  readonly published: Map<string, { readonly [name: string]: unknown }>;
  readonly notices: Map<string, GridNoticeCommand>;
  /** The newest events of the regime and the terms, oldest first (events.ts). */
  changes: readonly RegimeEvent[];
  /** Decisions about each regime so far: the version that the next one must be one above. */
  readonly decided: Map<string, number>;
  /** The newest of them, oldest first; replaced, never changed. */
  decisions: readonly DecisionLine[];
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
    at: EARLIEST_MS,
    lastHash: FIRST_HASH,
    commands: 0,
    market: {
      asOfMs: EARLIEST_MS,
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
    windows: new Map(),
    accounts: new Map(),
    venue: new Map(),
    published: new Map(),
    notices: new Map(),
    changes: [],
    decided: new Map(),
    decisions: [],
    markState: { kind: "MarkState", state: "OK", stale: [], quarantined: [] },
    terms,
    termsHash,
  };
}

/** A state of its own with the same content: what is folded into it leaves `state` as it was. */
export function forkState(state: EngineState): EngineState {
  return forkAround(state, new Map(state.accounts));
}

/** A fork with `accounts` in place of a copy of them. */
export function forkAround(state: EngineState, accounts: Accounts): EngineState {
  const { market } = state;
  return {
    ...state,
    market: {
      ...market,
      underlyings: new Map(market.underlyings),
      currencies: new Map(market.currencies),
      instruments: new Map(market.instruments),
      ranges: new Map(market.ranges),
    },
    names: [...state.names],
    ordinals: new Map(state.ordinals),
    markedAt: new Map(state.markedAt),
    basis: new Map(state.basis),
    windows: new Map(state.windows),
    accounts,
    venue: new Map(state.venue),
    published: new Map(state.published),
    notices: new Map(state.notices),
    decided: new Map(state.decided),
  };
}
