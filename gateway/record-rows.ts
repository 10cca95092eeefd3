/**
 * Rows of a record in columns of numbers: a bar, and what was published at its close.
 *
 *      openMs open high low close volume │ closeMs target initial maintenance k …
 *      ──────────── a bar ────────────── │ ──── regime/study/series.ts ────      120 bytes a row
 *
 * A ring that grows by doubling while there is room, and lets its oldest go when there is none.
 */
import {
  type Bar,
  emptySeries,
  noteClose,
  type RegimeState,
  type Series,
} from "../regime/index.ts";

/** Room that every underlying has; 31 MB for 256 of them. */
export const OWN_ROWS = 1_024;

/** Columns of shape [rows], the oldest row first. */
export interface Columns extends Series {
  readonly openMs: Float64Array;
  readonly open: Float64Array;
  readonly high: Float64Array;
  readonly low: Float64Array;
  readonly close: Float64Array;
  /** Marks in the bar, or what a file says; 0: it is stale. */
  readonly volume: Float64Array;
  /** 0: the bar closed together with the next row's, and nothing was published for it alone. */
  readonly closeMs: Float64Array;
}

/** What several records share beyond {@link OWN_ROWS} each. */
export interface Room {
  /** Rows that nobody has taken yet. */
  left: number;
}

export class Rows {
  readonly #room: Room;
  readonly #rowsMax: number;
  #columns: Columns;
  #capacity: number;
  #next = 0;
  #count = 0;
  #newestMs = -Infinity;

  constructor(room: Room, rowsMax: number) {
    this.#room = room;
    this.#rowsMax = rowsMax;
    this.#capacity = Math.min(OWN_ROWS, rowsMax);
    this.#columns = emptyColumns(this.#capacity);
  }

  /**
   * Takes a bar in that follows those before it; one that does not changes nothing.
   *
   * @param published the regime whose newest close it is; absent: nothing was published for it
   */
  push(bar: Bar, volume: number, published?: RegimeState): void {
    if (!(bar.openMs > this.#newestMs)) return;
    const row = this.#row(bar.openMs);
    const columns = this.#columns;
    columns.openMs[row] = bar.openMs;
    columns.open[row] = bar.open;
    columns.high[row] = bar.high;
    columns.low[row] = bar.low;
    columns.close[row] = bar.close;
    columns.volume[row] = volume;
    columns.closeMs[row] = 0;
    if (published !== undefined) noteClose(columns, row, published);
  }

  /** Takes in the rows of another record of the same regime; where both have a bar, ours stays. */
  join(others: Columns): void {
    const runs = runsOf(this.columns(), others);
    const count = runs.reduce((sum, { from, to }) => sum + to - from, 0);
    this.#reserve(count - this.#capacity);
    const columns = emptyColumns(this.#capacity);
    let skipped = Math.max(0, count - this.#capacity);
    let row = 0;
    for (const { of, from, to } of runs) {
      const first = Math.min(to, from + skipped);
      skipped -= first - from;
      for (const name of columnNames) columns[name].set(of[name].subarray(first, to), row);
      row += to - first;
    }
    this.#columns = columns;
    this.#count = row;
    this.#next = row % this.#capacity;
    if (row > 0) this.#newestMs = columns.openMs[row - 1]!;
  }

  /** A copy of what is kept; milliseconds for a hundred thousand rows. */
  columns(): Columns {
    const first = this.#count < this.#capacity ? 0 : this.#next;
    const laid = emptyColumns(this.#count);
    for (const name of columnNames) {
      const column = this.#columns[name];
      laid[name].set(column.subarray(first, this.#count));
      laid[name].set(column.subarray(0, first), this.#count - first);
    }
    return laid;
  }

  /** The place of a row that is new. */
  #row(openMs: number): number {
    this.#newestMs = openMs;
    if (this.#count === this.#capacity) this.#grow();
    const row = this.#next;
    this.#next = (row + 1) % this.#capacity;
    this.#count = Math.min(this.#count + 1, this.#capacity);
    return row;
  }

  #grow(): void {
    if (this.#more(this.#capacity) === 0) return;
    const all = this.columns();
    this.#reserve(this.#capacity);
    this.#columns = emptyColumns(this.#capacity);
    for (const name of columnNames) this.#columns[name].set(all[name]);
    this.#next = this.#count;
  }

  /** Takes room for so many rows more, as far as there is any. */
  #reserve(wanted: number): void {
    const more = this.#more(wanted);
    this.#room.left -= more;
    this.#capacity += more;
  }

  #more(wanted: number): number {
    return Math.max(0, Math.min(wanted, this.#rowsMax - this.#capacity, this.#room.left));
  }
}

/** Rows that follow each other in one record. */
interface Run {
  readonly of: Columns;
  readonly from: number;
  to: number;
}

/** The rows of both in order of time, as runs; where both have a bar, `own`. */
function runsOf(own: Columns, others: Columns): Run[] {
  const runs: Run[] = [];
  let taken = 0;
  const take = (of: Columns, from: number, to: number) => {
    const last = runs.at(-1);
    if (last?.of === of && last.to === from) last.to = to;
    else if (to > from) runs.push({ of, from, to });
  };
  for (let i = 0; i < others.openMs.length; i++) {
    const at = others.openMs[i]!;
    const before = taken;
    while (taken < own.openMs.length && own.openMs[taken]! < at) taken += 1;
    take(own, before, taken);
    if (own.openMs[taken] !== at) take(others, i, i + 1);
  }
  take(own, taken, own.openMs.length);
  return runs;
}

function emptyColumns(length: number): Columns {
  const column = () => new Float64Array(length);
  const prices = { open: column(), high: column(), low: column(), close: column() };
  return { openMs: column(), ...prices, volume: column(), ...emptySeries(length) };
}

const columnNames = Object.keys(emptyColumns(0)) as (keyof Columns)[];
