/** Flips of single bits, drawn over all bits of all files of a journal, each on a fresh state. */
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { crashedCopy, filesOf, flipBit, writtenJournal } from "./journal-files.test-kit.ts";
import { verifyJournal } from "./verify-journal.ts";

export interface Flips {
  readonly tried: number;
  /** `file:bit` of each that was not noticed. */
  readonly unnoticed: readonly string[];
  /** Files that were hit. */
  readonly files: ReadonlySet<string>;
}

/**
 * Flips `count` bits, one at a time. Half of them are drawn over files first and then bits, so that
 * small files are hit as well; the rest over all bits alike.
 */
export function flipBits(count: number, seed: number): Flips {
  const { store, data } = writtenJournal();
  const image = crashedCopy(data);
  store.close();
  verifyJournal(image);
  const files = filesOf(image);
  const bits = files.map((file) => 8 * statSync(join(image, file)).size);
  const total = bits.reduce((sum, one) => sum + one, 0);
  const chance = mulberry(seed);
  const unnoticed: string[] = [];
  const hit = new Set<string>();
  for (let i = 0; i < count; i++) {
    let at = Math.floor(chance() * total);
    let index = 0;
    if (i % 2 === 0) {
      index = Math.floor(chance() * files.length);
      at = Math.floor(chance() * bits[index]!);
    } else {
      while (at >= bits[index]!) at -= bits[index++]!;
    }
    hit.add(files[index]!);
    const path = join(image, files[index]!);
    const before = readFileSync(path);
    flipBit(path, at);
    if (!isNoticed(image)) unnoticed.push(`${files[index]}:${at}`);
    writeFileSync(path, before);
  }
  verifyJournal(image);
  return { tried: count, unnoticed, files: hit };
}

function isNoticed(data: string): boolean {
  try {
    verifyJournal(data);
    return false;
  } catch (error) {
    return ["corrupt", "unsupported"].includes((error as { code: string }).code);
  }
}

/** A small generator with a seed, so that a failure can be had again. */
function mulberry(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
