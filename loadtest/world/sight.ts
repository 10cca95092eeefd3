/**
 * What one reader saw of an EVENT channel over all its lines: it must be what was done, in order.
 *
 *      snapshot   all that is kept: sight begins anew
 *      update     one event; prev is the one before it, whatever crash lay between
 */
import type { Frame } from "./client.ts";

/** An event as a snapshot lists it. */
interface Listed {
  readonly seq: number;
  readonly prev: number;
}

export class Sight {
  /** Numbers of the events seen since sight began, ascending. */
  seen: number[] = [];
  /** The event before the first of them. */
  before = 0;
  epoch = "";
  last = 0;

  /** Where to resume; undefined: nothing was seen yet. */
  get since(): { readonly epoch: string; readonly seq: number } | undefined {
    return this.epoch === "" ? undefined : { epoch: this.epoch, seq: this.last };
  }

  /** Notes a frame; answers in words what is wrong with it, if anything is. */
  note(frame: Frame): string | undefined {
    const { type, seq, prev, epoch } = frame;
    if (type === "snapshot") return this.#begin(frame);
    if (this.epoch !== epoch) return `an ${type} of ${epoch} after ${this.epoch}`;
    if (type === "hb") {
      return seq === this.last ? undefined : `a heartbeat at ${seq} after ${this.last}`;
    }
    if (prev !== this.last || seq <= prev)
      return `event ${seq} with prev ${prev} after ${this.last}`;
    this.seen.push(seq);
    this.last = seq;
    return undefined;
  }

  /** In words, how what was seen is not what was done. @param done numbers of all events */
  difference(done: readonly number[]): string | undefined {
    const expected = done.filter((seq) => seq > this.before && seq <= this.last);
    const [wanted, found] = [expected.join(" "), this.seen.join(" ")];
    return wanted === found ? undefined : `saw ${found}, done were ${wanted}`;
  }

  #begin({ epoch, seq, data }: Frame): string | undefined {
    const events = (data as { readonly events: readonly Listed[] }).events;
    const gone = epoch === this.epoch && seq < this.last;
    if (gone) return `a snapshot up to ${seq} after event ${this.last}`;
    this.epoch = epoch;
    this.before = events[0]?.prev ?? 0;
    this.last = this.before;
    this.seen = [];
    for (const event of events) {
      if (event.prev !== this.last) return `a snapshot with ${event.seq} after ${this.last}`;
      this.seen.push(event.seq);
      this.last = event.seq;
    }
    return this.last === seq ? undefined : `a snapshot up to ${seq} that ends at ${this.last}`;
  }
}
