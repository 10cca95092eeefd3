/**
 * The content of one file on the simulated disk: what is there now, and what a power loss leaves.
 *
 *      write ─► live bytes, and an edit that can be undone ─► sync ─► the edit is durable
 *                                                         └► sync fails ─► lost for ever
 *
 * A power loss undoes every edit that is not durable back to the last durable content, and then
 * lets chance redo what the disk happened to have written: nothing, all, a torn beginning, or
 * sectors in any order. A sync that failed loses its edits although reads still show them, as
 * kernels do.
 */
import type { Dice } from "./dice.ts";

/** What a disk writes at once or not at all, bytes. */
export const SECTOR_BYTES = 512;

type Fate = "dirty" | "durable" | "lost";

/** One change of the content: `now` stands where `old` stood. */
interface Edit {
  readonly at: number;
  readonly old: Uint8Array;
  readonly now: Uint8Array;
  readonly lengthBefore: number;
  readonly lengthAfter: number;
  fate: Fate;
}

/** How much of what was not synced a power loss leaves. */
export const losses = ["nothing", "everything", "torn", "sectors"] as const;
export type Loss = (typeof losses)[number];

export class Inode {
  #bytes = new Uint8Array(256);
  #length = 0;
  #edits: Edit[] = [];

  get length(): number {
    return this.#length;
  }

  read(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  write(at: number, now: Uint8Array): void {
    this.#edit(at, now, Math.max(this.#length, at + now.length));
  }

  truncate(length: number): void {
    this.#edit(length, new Uint8Array(0), length);
  }

  sync(): void {
    for (const edit of this.#edits) if (edit.fate === "dirty") edit.fate = "durable";
    const open = this.#edits.findIndex(({ fate }) => fate !== "durable");
    this.#edits = open < 0 ? [] : this.#edits.slice(open);
  }

  /** The disk refused: what was to be synced never will be. */
  failSync(): void {
    for (const edit of this.#edits) if (edit.fate === "dirty") edit.fate = "lost";
  }

  /** Whether nothing would be lost now. */
  get isDurable(): boolean {
    return this.#edits.length === 0;
  }

  /** Leaves what a power loss would. */
  lose(loss: Loss, dice: Dice): void {
    const edits = this.#edits;
    this.#edits = [];
    for (const edit of edits.toReversed()) this.#undo(edit);
    const dirty = edits.filter(({ fate }) => fate === "dirty").length;
    let left = loss === "everything" ? dirty : loss === "torn" ? dice.below(dirty + 1) : 0;
    for (const edit of edits) {
      if (edit.fate === "durable") this.#apply(edit, edit.now);
      else if (edit.fate === "dirty") {
        if (loss === "sectors") this.#sectors(edit, dice);
        else if (left > 1 || (left === 1 && loss === "everything")) this.#apply(edit, edit.now);
        else if (left === 1) this.#apply(edit, edit.now.subarray(0, dice.below(edit.now.length)));
        left -= 1;
      }
    }
  }

  /** Turns a bit at rest. */
  flip(bit: number): void {
    this.#bytes[bit >> 3]! ^= 1 << (bit & 7);
  }

  #edit(at: number, now: Uint8Array, lengthAfter: number): void {
    const end = Math.max(at + now.length, this.#length);
    const old = this.#bytes.slice(at, lengthAfter < this.#length ? this.#length : at + now.length);
    this.#reserve(end);
    const lengthBefore = this.#length;
    const edit: Edit = { at, old, now: now.slice(), lengthBefore, lengthAfter, fate: "dirty" };
    this.#edits.push(edit);
    this.#apply(edit, edit.now);
  }

  #apply({ at, lengthAfter, lengthBefore }: Edit, now: Uint8Array): void {
    const shrinks = lengthAfter < lengthBefore;
    this.#reserve(at + now.length);
    this.#bytes.set(now, at);
    this.#length = shrinks ? lengthAfter : Math.max(this.#length, at + now.length);
    if (shrinks) this.#bytes.fill(0, this.#length);
  }

  #undo({ at, old, lengthBefore }: Edit): void {
    this.#reserve(at + old.length);
    this.#bytes.set(old, at);
    this.#length = lengthBefore;
    this.#bytes.fill(0, lengthBefore);
  }

  /** Each sector of the edit by chance: one that is missing reads as zeros. */
  #sectors(edit: Edit, dice: Dice): void {
    const { at, now } = edit;
    if (edit.lengthAfter < edit.lengthBefore) {
      if (dice.yes(0.5)) this.#apply(edit, now);
      return;
    }
    for (let from = 0; from < now.length; ) {
      const to = Math.min(now.length, from + SECTOR_BYTES - ((at + from) % SECTOR_BYTES));
      if (dice.yes(0.5)) this.#apply({ ...edit, at: at + from }, now.subarray(from, to));
      from = to;
    }
  }

  #reserve(length: number): void {
    if (length <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(length, this.#bytes.length * 2));
    larger.set(this.#bytes);
    this.#bytes = larger;
  }
}
