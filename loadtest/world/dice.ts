/**
 * Chance for a simulated world: whole numbers and choices drawn from one seed, a stream for each
 * purpose, so that a fault switched off leaves the draws of all others as they were.
 */
import { chance } from "../../gateway/feed/chance.ts";

export interface Dice {
  /** Uniform whole number in [0, n). */
  below(n: number): number;
  /** Uniform in [from, to). */
  between(from: number, to: number): number;
  yes(probability: number): boolean;
  pick<T>(all: readonly T[]): T;
  /** Standard normal. */
  gaussian(): number;
  /** So many hex digits. */
  hex(digits: number): string;
}

/** @param stream what the draws are for, e.g. `dice(7, "network")` */
export function dice(seed: number, stream: string): Dice {
  const source = chance(seed, `world ${stream}`);
  const below = (n: number): number => Math.floor(source.uniform() * n);
  return {
    below,
    between: (from, to) => from + source.uniform() * (to - from),
    yes: (probability) => source.uniform() < probability,
    pick: (all) => all[below(all.length)]!,
    gaussian: () => source.gaussian(),
    hex: (digits) => Array.from({ length: digits }, () => below(16).toString(16)).join(""),
  };
}
