/**
 * Seeded chance for the simulated market: the same seed gives the same bits on every Node.
 *
 * xoshiro128** (Blackman and Vigna, 2018) over four 32-bit words, started by splitmix32 from a hash
 * of seed and stream name. Each purpose has its own named stream, so that an extra draw in one (an
 * option more on the chain) leaves the others (the path of the index) as they were. Normal
 * deviates come by Marsaglia's polar method, which needs a logarithm and a root but no sine: with
 * the logarithm of core/math no bit depends on the engine that runs it.
 */
import { log } from "../../core/math/log.ts";

export interface Chance {
  /** Uniform in [0, 1), 53 bits. */
  uniform(): number;
  /** Standard normal. */
  gaussian(): number;
  /** Exponential of mean 1, > 0. */
  exponential(): number;
  /** An independent copy that will draw what this one would. */
  fork(): Chance;
}

/** Chance for one purpose, e.g. `chance(7, "index")`. */
export function chance(seed: number, stream: string): Chance {
  const words = new Uint32Array(4);
  let state = hash(`${seed}:${stream}`);
  for (let i = 0; i < 4; i++) {
    state = (state + 0x9e3779b9) >>> 0;
    words[i] = mixed(state);
  }
  return drawing(words, undefined);
}

function drawing(words: Uint32Array, left: number | undefined): Chance {
  let spare = left;
  const uniform = () => {
    const high = nextWord(words) >>> 5;
    const low = nextWord(words) >>> 6;
    return (high * 67_108_864 + low) / 9_007_199_254_740_992;
  };
  const gaussian = () => {
    if (spare !== undefined) {
      const kept = spare;
      spare = undefined;
      return kept;
    }
    // Accepted with probability pi/4; a run of 100 refusals has probability 1e-67.
    for (;;) {
      const x = 2 * uniform() - 1;
      const y = 2 * uniform() - 1;
      const square = x * x + y * y;
      if (square >= 1 || square === 0) continue;
      const scale = Math.sqrt((-2 * log(square)) / square);
      spare = y * scale;
      return x * scale;
    }
  };
  return {
    uniform,
    gaussian,
    exponential: () => -log(1 - uniform()),
    fork: () => drawing(words.slice(), spare),
  };
}

/** The next word of xoshiro128** over four words of state, not all 0. */
export function nextWord(s: Uint32Array): number {
  const a = s[1]!;
  const answer = Math.imul(rotated(Math.imul(a, 5), 7), 9) >>> 0;
  s[2]! ^= s[0]!;
  s[3]! ^= a;
  s[1]! ^= s[2]!;
  s[0]! ^= s[3]!;
  s[2]! ^= a << 9;
  s[3] = rotated(s[3]!, 11);
  return answer;
}

const rotated = (x: number, by: number): number => ((x << by) | (x >>> (32 - by))) >>> 0;

/** FNV-1a over UTF-16 code units. */
function hash(text: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  return h >>> 0;
}

function mixed(x: number): number {
  let z = x;
  z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
  z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
  return (z ^ (z >>> 16)) >>> 0;
}
