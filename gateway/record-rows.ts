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
    const own = this.columns();
    this.#next = 0;
    this.#count = 0;
    let i = 0;
    for (let k = 0; k < others.openMs.length; k++) {
      const at = others.openMs[k]!;
      while (i < own.openMs.length && own.openMs[i]! < at) this.#copy(own, i++);
      if (own.openMs[i] !== at) this.#copy(others, k);
    }
    while (i < own.openMs.length) this.#copy(own, i++);
  }

  /** A copy of what is kept; milliseconds for a hundred thousand rows. */
  columns(): Columns {
    return this.#laidOut(this.#count);
  }

  #copy(from: Columns, i: number): void {
    const row = this.#row(from.openMs[i]!);
    for (const name of columnNames) this.#columns[name][row] = from[name][i]!;
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
    const more = Math.min(this.#capacity, this.#rowsMax - this.#capacity, this.#room.left);
    if (more <= 0) return;
    this.#room.left -= more;
    this.#columns = this.#laidOut(this.#capacity + more);
    this.#next = this.#count;
    this.#capacity += more;
  }

  /** The rows from the first place on, the oldest first, in columns of `length`. */
  #laidOut(length: number): Columns {
    const first = this.#count < this.#capacity ? 0 : this.#next;
    const laid = emptyColumns(length);
    for (const name of columnNames) {
      const column = this.#columns[name];
      laid[name].set(column.subarray(first, this.#count));
      laid[name].set(column.subarray(0, first), this.#count - first);
    }
    return laid;
  }
}

function emptyColumns(length: number): Columns {
  const column = () => new Float64Array(length);
  const prices = { open: column(), high: column(), low: column(), close: column() };
  return { openMs: column(), ...prices, volume: column(), ...emptySeries(length) };
}

const columnNames = Object.keys(emptyColumns(0)) as (keyof Columns)[];
