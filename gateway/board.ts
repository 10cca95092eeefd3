/**
 * What the stream may read of the engine: the newest figures, and a doorbell when they move.
 *
 * Nothing is pushed through this door. A reader keeps the turn that it sent last and asks for the
 * newest when the bell has rung, so a slow reader costs one comparison and never a queue; and
 * whether the figures lie in this thread, in shared memory or behind a bus is nobody's business.
 */
import type { Listing } from "../core/instrument.ts";

/** A figure tree as it goes on the wire: plain maps of numbers, strings, null and arrays. */
export type WireTree = { readonly [name: string]: unknown };

/** Something that was done. Live, replayed and restored it has the same number. */
export interface BoardEvent {
  /** Name of its EVENT channel. */
  readonly channel: string;
  /** Number of its command in the account chain. */
  readonly seq: number;
  /** Number of the event before it in its channel; 0 for the first. */
  readonly prev: number;
  readonly turn: number;
  readonly data: WireTree;
}

export interface Board {
  /** The journal's identity: changes only on restore or loss. */
  readonly lineage: string;
  /** Number of the newest folded turn; 0 before the first. */
  turn(): number;
  /** Market time of that turn, ms since the epoch. */
  at(): number;
  /** Whether figures may be trusted: marks are fresh and the state is recovered. */
  ready(): boolean;

  accounts(): readonly string[];
  underlyings(): readonly string[];
  listing(): Listing;

  /** Turn in which the account's figures moved last; 0 when there are none yet. */
  marginTurn(account: string): number;
  /**
   * The margin statement in float64, without `scenarioPnl` and `explain`; undefined: none yet.
   *
   * @param liquidation with the liquidation prices, which cost some dozen revaluations
   */
  margin(account: string, liquidation: boolean): WireTree | undefined;
  /** The whole statement, with scenario P&L and explain lines. */
  statement(account: string): WireTree | undefined;
  /** Positions and balances, ledger amounts as decimal strings. */
  positions(account: string): WireTree | undefined;
  /** `{turn, book, terms, regime, statement}`: everything needed to recompute the figures. */
  book(account: string): WireTree | undefined;

  regimeTurn(underlying: string): number;
  /** Ranges, vol scale, state and the evidence behind them. */
  regime(underlying: string): WireTree | undefined;

  /** The newest events of an EVENT channel that are still kept, oldest first. */
  events(channel: string): readonly BoardEvent[];
  /** Events of the newest Turn, of all channels: to be taken when the bell rings for it. */
  turnEvents(): readonly BoardEvent[];

  /** Newest market time of any mark behind the figures of a turn, ms since the epoch. */
  markAt(): number;

  /** Rings after every folded turn; the answer stops it. */
  onTurn(ring: () => void): () => void;
}
