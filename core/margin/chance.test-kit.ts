/**
 * Repeatable chance for tests over random books: the same seed, the same book.
 *
 * xorshift32 after a few idle rounds: enough to vary books, and a failing test names its seed.
 */
export interface Chance {
  /** Uniform in [from, to), rounded to 6 decimals: a failing case can be typed in by hand. */
  between(from: number, to: number): number;
  /** Integer, from and to included. */
  whole(from: number, to: number): number;
  yes(probability: number): boolean;
  pick<T>(all: readonly T[]): T;
  shuffled<T>(all: readonly T[]): T[];
}

export function seededChance(seed: number): Chance {
  let state = (seed * 2 + 1) ^ 0x9e3779b8;
  const next = (): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 0x1_0000_0000;
  };
  for (let i = 0; i < 8; i++) next();
  const whole = (from: number, to: number) => from + Math.floor(next() * (to - from + 1));
  return {
    between: (from, to) => Math.floor((from + next() * (to - from)) * 1e6) / 1e6,
    whole,
    yes: (probability) => next() < probability,
    pick: (all) => all[whole(0, all.length - 1)]!,
    shuffled(all) {
      const mixed = [...all];
      for (let i = mixed.length - 1; i > 0; i--) {
        const j = whole(0, i);
        [mixed[i], mixed[j]] = [mixed[j]!, mixed[i]!];
      }
      return mixed;
    },
  };
}

/** Seeds 1 to `count`, for `it.each`: the title of a failing test then names its seed. */
export const seeds = (count: number): number[] => Array.from({ length: count }, (_, i) => i + 1);
