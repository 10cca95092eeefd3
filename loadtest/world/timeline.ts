/**
 * Virtual time: one queue of events, ordered by time and, within one moment, by chance.
 *
 *      at(ms, act) ─► heap (time, rank, order) ─► step() ─► now = time, act()
 *
 * What happens at the same moment may happen in any order, so each event draws its rank. Events of
 * one lane (a connection's bytes, what a process said it would do soon) keep their order among
 * themselves: a lane draws one rank for each moment.
 */
import type { Dice } from "./dice.ts";

/** Events that keep their order among themselves. */
export interface Lane {
  at: number;
  rank: number;
}

export const newLane = (): Lane => ({ at: Number.NEGATIVE_INFINITY, rank: 0 });

interface Entry {
  readonly at: number;
  readonly rank: number;
  readonly order: number;
  act: (() => void) | undefined;
}

const RANKS = 2 ** 30;

export class Timeline {
  readonly #dice: Dice;
  readonly #heap: Entry[] = [];
  #now: number;
  #order = 0;

  constructor(startMs: number, dice: Dice) {
    this.#now = startMs;
    this.#dice = dice;
  }

  /** Ms since the epoch; it never runs backwards. */
  now(): number {
    return this.#now;
  }

  /** Events that wait, cancelled ones included. */
  get size(): number {
    return this.#heap.length;
  }

  /** Runs `act` at `ms`, or now if that has passed; the answer cancels it. */
  at(ms: number, act: () => void, lane?: Lane): () => void {
    const at = Math.max(ms, this.#now, lane?.at ?? ms);
    const entry: Entry = { at, rank: this.#rank(at, lane), order: this.#order++, act };
    this.#heap.push(entry);
    this.#up(this.#heap.length - 1);
    return () => {
      entry.act = undefined;
    };
  }

  /** Runs the next event if it is due by `until`; false: there is none. */
  step(until = Number.POSITIVE_INFINITY): boolean {
    for (;;) {
      const first = this.#heap[0];
      if (first === undefined || first.at > until) return false;
      this.#drop();
      if (first.act === undefined) continue;
      this.#now = first.at;
      first.act();
      return true;
    }
  }

  /** Nothing happened until `ms`. */
  pass(ms: number): void {
    this.#now = Math.max(this.#now, ms);
  }

  #rank(at: number, lane: Lane | undefined): number {
    if (lane === undefined) return this.#dice.below(RANKS);
    if (lane.at !== at) {
      lane.at = at;
      lane.rank = this.#dice.below(RANKS);
    }
    return lane.rank;
  }

  #drop(): void {
    const last = this.#heap.pop()!;
    if (this.#heap.length === 0) return;
    this.#heap[0] = last;
    this.#down(0);
  }

  #up(from: number): void {
    const heap = this.#heap;
    let i = from;
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (!before(heap[i]!, heap[parent]!)) return;
      [heap[i], heap[parent]] = [heap[parent]!, heap[i]!];
      i = parent;
    }
  }

  #down(from: number): void {
    const heap = this.#heap;
    for (let i = from; ; ) {
      let least = i;
      for (const child of [2 * i + 1, 2 * i + 2]) {
        if (child < heap.length && before(heap[child]!, heap[least]!)) least = child;
      }
      if (least === i) return;
      [heap[i], heap[least]] = [heap[least]!, heap[i]!];
      i = least;
    }
  }
}

const before = (a: Entry, b: Entry): boolean =>
  a.at !== b.at ? a.at < b.at : a.rank !== b.rank ? a.rank < b.rank : a.order < b.order;
