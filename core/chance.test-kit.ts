/**
 * Repeatable chance for tests that throw much at a reader: the same seed, the same frames.
 *
 * xorshift32: enough to vary bytes, and its state is one number that a failing test can print.
 */
export interface Chance {
  /** Uniform in [0, n), an integer. */
  below(n: number): number;
  bytes(count: number): Uint8Array;
  /** `text` with one to three characters changed, dropped, doubled or put in. */
  mutated(text: string): string;
}

const MARKS = '{}[]":,\\0123456789.eE+-aé😀\u0000_ \n';

export function seededChance(seed: number): Chance {
  let state = seed | 1;
  const below = (n: number): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % n;
  };
  const once = (text: string): string => {
    const at = below(text.length + 1);
    const mark = MARKS.charAt(below(MARKS.length));
    const kind = below(4);
    if (kind === 0) return text.slice(0, at) + mark + text.slice(at + 1);
    if (kind === 1) return text.slice(0, at) + text.slice(at + 1);
    if (kind === 2) return text.slice(0, at) + mark + text.slice(at);
    return text.slice(0, at) + text.slice(below(text.length + 1));
  };
  return {
    below,
    bytes: (count) => Uint8Array.from({ length: count }, () => below(256)),
    mutated(text) {
      let changed = text;
      for (let i = below(3); i >= 0; i--) changed = once(changed);
      return changed;
    },
  };
}
