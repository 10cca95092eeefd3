/**
 * Nonces that were used, kept as long as their timestamps could still be accepted.
 *
 * Two generations instead of a timer per nonce: the young one takes what comes, and when it is as
 * old as a nonce may matter it becomes the old one, whose contents nobody could replay any more
 * once it is dropped. When full, nothing is forgotten early: the caller refuses instead, for a
 * forgotten nonce is a replay let in.
 */
export interface Nonces {
  /** Notes the nonce; false when it was used before or there is no room to note it. */
  use(nonce: string, nowMs: number): boolean;
}

/** Nonces of one generation. */
export const NONCES_MAX = 100_000;

/** @param keepMs how long a nonce must be remembered, at least */
export function openNonces(keepMs: number, noncesMax = NONCES_MAX): Nonces {
  let young = new Set<string>();
  let old = new Set<string>();
  let since = Number.NEGATIVE_INFINITY;
  return {
    use(nonce, nowMs) {
      const age = nowMs - since;
      if (age >= keepMs) {
        old = age >= 2 * keepMs ? new Set() : young;
        young = new Set();
        since = nowMs;
      }
      if (young.has(nonce) || old.has(nonce) || young.size >= noncesMax) return false;
      young.add(nonce);
      return true;
    },
  };
}
