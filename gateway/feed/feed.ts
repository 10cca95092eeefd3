/**
 * Where marks come from, whatever the source: a simulated market, a file of bars, a venue.
 *
 * A feed is a sequence in market time, and nothing in it reads a wall clock: the same options give
 * the same events to the bit. How fast they are played is somebody else's affair (pace.ts), and
 * whether a mark is fit to be used is the guard's (guard.ts).
 *
 *      feed.events() ── pace ── guard ── sequencer
 *
 * An event's `at` never runs backwards. An empty batch is a heartbeat: time passed and the market
 * said nothing, which is how a stale stretch of a file ages the marks before it.
 */
import type { Instrument, Listing } from "../../core/instrument.ts";
import type { Mark } from "../../core/mark.ts";

/** A mark as a source sends it. */
export interface FeedMark extends Mark {
  /** Who says so, among the declared sources; absent: the feed's only one. */
  readonly source?: string;
  /** When it was made, ms since the epoch, a whole number; absent: the time of its batch. */
  readonly madeAt?: number;
  /** Half-width of the range that the source is sure of, in units of the value; absent: 0. */
  readonly halfWidth?: number;
}

/** Marks of one moment. At most one mark for an id and a source. */
export interface FeedBatch {
  readonly kind: "marks";
  /** Market time, ms since the epoch, a whole number. */
  readonly at: number;
  /** Ids are underlyings (their index), currencies or instruments; empty: time passed. */
  readonly marks: readonly FeedMark[];
}

/** Instruments that are new from `at` on: an expiry rolled in, or strikes followed the price. */
export interface FeedListing {
  readonly kind: "listing";
  readonly at: number;
  readonly instruments: readonly Instrument[];
}

/** Instruments that expired at `at`, and the prices that they settle at. */
export interface FeedExpiry {
  readonly kind: "expiry";
  readonly at: number;
  readonly instruments: readonly string[];
  /** Settlement price of each underlying concerned: its last index mark before the expiry. */
  readonly settlement: readonly Mark[];
}

export type FeedEvent = FeedBatch | FeedListing | FeedExpiry;

/** One bar of an index, covering [openMs, openMs + barMs). Volume 0 means that nobody traded. */
export interface FileBar {
  readonly underlying: string;
  readonly openMs: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
}

/** Somebody who marks what is listed. */
export interface FeedSource {
  readonly name: string;
  /** The key that alone may speak for it by `marks.put`; absent: any that may put marks. */
  readonly keyId?: string;
  /** Ed25519, 64 hex digits: then it is heard in rounds that it signed, and not otherwise. */
  readonly publicKey?: string;
}

export interface Feed {
  readonly name: "sim" | "replay" | "push";
  /** Independent sources behind a mark, each name once. */
  readonly sources: readonly FeedSource[];
  /** Whether one source is enough: recorded history need not be confirmed by a second venue. */
  readonly trusted: boolean;
  /** Length of the bars behind the index, ms: what the regime folds on. */
  readonly barMs: number;
  /** Market time of the first event, ms since the epoch. */
  readonly startMs: number;
  /** Index of each underlying at the start. */
  readonly startIndex: ReadonlyMap<string, number>;
  /** What is listed at the start. */
  readonly listing: Listing;
  /** Bars before the start, ascending by time, every underlying: they warm the regime. */
  warm(): AsyncIterable<FileBar>;
  /** Everything from the start on. Each call begins anew and gives the same events. */
  events(): AsyncIterable<FeedEvent>;
}
