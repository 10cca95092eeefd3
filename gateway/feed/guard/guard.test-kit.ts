/** A small listing and a voice for each source, for tests of the guard. */
import type { Instrument, Listing } from "../../../core/instrument.ts";
import type { FeedEvent, FeedMark } from "../feed.ts";
import { type Guard, type GuardOptions, openGuard } from "../guard.ts";

export const START_MS = 1_700_000_000_000;
const EXPIRY_MS = START_MS + 30 * 86_400_000;

const linear = { settlement: "linear", settleCurrency: "USDC", contractSize: 1 } as const;

export const perpetual: Instrument = {
  id: "BTC-PERP",
  kind: "perpetual",
  underlying: "BTC",
  ...linear,
};

/** Calls of one expiry, one for each strike. */
export const calls = (strikes: readonly number[]): Instrument[] =>
  strikes.map((strike) => ({
    ...{ id: `BTC-${strike}-C`, kind: "option", underlying: "BTC", right: "call", strike },
    ...linear,
    expiryMs: EXPIRY_MS,
  }));

export function listingOf(instruments: readonly Instrument[] = [perpetual]): Listing {
  return {
    underlyings: [
      { id: "BTC", assetClass: "crypto" },
      { id: "THIN", assetClass: "crypto" },
      { id: "SPX", assetClass: "index" },
    ],
    currencies: [
      { id: "USDC" },
      { id: "stETH", underlying: "ETH" },
      { id: "BTC", underlying: "BTC" },
    ],
    instruments,
  };
}

/** What was said of one name in one batch: prices by source. */
export type Said = Readonly<Record<string, number>>;

export interface Room {
  readonly guard: Guard;
  /** Lets the sources speak at once; the mark that was accepted, undefined: none was. */
  say(id: string, at: number, said: Said, rest?: Partial<FeedMark>): number | undefined;
  /** The same for every second from `from` up to `until`; the newest accepted mark. */
  sayOn(id: string, span: Span, said: (at: number) => Said): number | undefined;
  /** Accepted marks of a batch. */
  pass(at: number, marks: readonly FeedMark[]): readonly FeedMark[];
}

export interface Span {
  readonly from: number;
  readonly until: number;
}

/** @param sources absent: one without a name */
export function openRoom(options: GuardOptions = {}, listing: Listing = listingOf()): Room {
  const guard = openGuard(listing, { trusted: false, ...options });
  const pass = (at: number, marks: readonly FeedMark[]) => {
    const passed: FeedEvent | undefined = guard.pass({ kind: "marks", at, marks });
    return passed?.kind === "marks" ? passed.marks : [];
  };
  const say: Room["say"] = (id, at, said, rest = {}) => {
    const marks = Object.entries(said).map(([source, value]) => ({
      ...{ id, value, extra: 0 },
      ...(source === "" ? {} : { source }),
      ...rest,
    }));
    return pass(at, marks)[0]?.value;
  };
  return {
    guard,
    say,
    pass,
    sayOn(id, { from, until }, said) {
      let newest: number | undefined;
      for (let at = from; at < until; at += 1_000) newest = say(id, at, said(at)) ?? newest;
      return newest;
    },
  };
}

/** The same price from every source. */
export const all = (sources: readonly string[], price: number): Said =>
  Object.fromEntries(sources.map((source) => [source, price]));
