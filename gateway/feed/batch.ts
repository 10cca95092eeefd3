/**
 * A batch of marks off the state of the underlyings: what both embedded feeds send.
 */
import type { Mark } from "../../core/mark.ts";
import type { Chain } from "./chain.ts";
import type { FeedBatch } from "./feed.ts";
import { quote, type Scenes } from "./quotes.ts";

/** Which options are marked: a run of the chain's list. */
export interface Slice {
  readonly from: number;
  readonly count: number;
}

/**
 * Index, perpetuals and futures always, options of the slice; without one, all. The stable currency
 * is marked with the first option.
 */
export function batchOf(scenes: Scenes, at: number, chain: Chain, slice?: Slice): FeedBatch {
  const { from, count } = slice ?? { from: 0, count: chain.options.length };
  const marks: Mark[] = [...scenes].map(([id, { index }]) => ({ id, value: index, extra: 0 }));
  if (from === 0) marks.push({ id: chain.settleCurrency, value: 1, extra: 0 });
  marks.push(...quote(scenes, at, chain.deltaOne));
  marks.push(...quote(scenes, at, chain.options.slice(from, from + count)));
  return { kind: "marks", at, marks };
}

/** Nothing but time. */
export function heartbeat(at: number): FeedBatch {
  return { kind: "marks", at, marks: [] };
}
