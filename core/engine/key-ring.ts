/**
 * The idempotency keys that an account remembers, newest last, the oldest forgotten first.
 *
 *      full runs of RUN_KEYS, shared by all versions, each with an index   ┊  newest, < RUN_KEYS
 *      [ ··skip·· k k k ] [ k k k k k ] [ k k k k k ] …                    ┊  [ k k ]
 *
 * A ring is replaced and never changed, so whoever holds one keeps what it was. Remembering copies
 * the newest run and at most the list of runs, 128 references, where a list of all keys would copy
 * KEYS_MAX; finding looks into each run once.
 */

/** An idempotency key that was applied, and what was answered. */
export interface AppliedKey {
  readonly key: string;
  /** Of the command's canonical text: the same key with another command is told apart. */
  readonly print: number;
  /** Number of the command in the account chain. */
  readonly seq: number;
  readonly version: number;
}

/** Keys remembered by account; the oldest is forgotten first. */
export const KEYS_MAX = 4_096;
/** Keys of one run. */
export const RUN_KEYS = 64;

type Run = readonly AppliedKey[];

/** Plain values, so that a state can be copied and compared as a tree. */
export interface KeyRing {
  /** Full ones, oldest first. */
  readonly runs: readonly Run[];
  /** Of the first run's keys, how many are forgotten; below RUN_KEYS. */
  readonly skip: number;
  /** Those after the runs; fewer than RUN_KEYS. */
  readonly newest: Run;
}

export const noKeys: KeyRing = { runs: [], skip: 0, newest: [] };

/** The newest KEYS_MAX of `keys`, which stand oldest first. */
export function keyRingOf(keys: readonly AppliedKey[]): KeyRing {
  const kept = keys.slice(-KEYS_MAX);
  const full = kept.length - (kept.length % RUN_KEYS);
  const runs: Run[] = [];
  for (let i = 0; i < full; i += RUN_KEYS) runs.push(kept.slice(i, i + RUN_KEYS));
  return { runs, skip: 0, newest: kept.slice(full) };
}

/** All of a ring, oldest first. */
export const keysOf = ({ runs, skip, newest }: KeyRing): AppliedKey[] => [
  ...runs.flat().slice(skip),
  ...newest,
];

/** At most KEYS_MAX. */
export const keyCount = ({ runs, skip, newest }: KeyRing): number =>
  runs.length * RUN_KEYS - skip + newest.length;

/** The ring with `applied` as its newest. */
export function withKey(ring: KeyRing, applied: AppliedKey): KeyRing {
  const { runs, skip } = keyCount(ring) < KEYS_MAX ? ring : withoutOldest(ring);
  const newest = [...ring.newest, applied];
  if (newest.length < RUN_KEYS) return { runs, skip, newest };
  return { runs: [...runs, newest], skip, newest: [] };
}

/** A full ring has its oldest key in a run, for KEYS_MAX is more than one run. */
function withoutOldest({ runs, skip, newest }: KeyRing): KeyRing {
  if (skip + 1 < RUN_KEYS) return { runs, skip: skip + 1, newest };
  return { runs: runs.slice(1), skip: 0, newest };
}

/** The oldest that is remembered of `key`. */
export function findKey({ runs, skip, newest }: KeyRing, key: string): AppliedKey | undefined {
  const isIt = (one: AppliedKey) => one.key === key;
  for (let i = 0; i < runs.length; i++) {
    const run = runs[i]!;
    const found = i === 0 && skip > 0 ? run.slice(skip).find(isIt) : indexOf(run).get(key);
    if (found !== undefined) return found;
  }
  return newest.find(isIt);
}

/** Indexes of runs that somebody has looked into; a run never changes, so they hold. */
const indexes = new WeakMap<Run, ReadonlyMap<string, AppliedKey>>();

function indexOf(run: Run): ReadonlyMap<string, AppliedKey> {
  const known = indexes.get(run);
  if (known !== undefined) return known;
  const index = new Map<string, AppliedKey>();
  for (const one of run) if (!index.has(one.key)) index.set(one.key, one);
  indexes.set(run, index);
  return index;
}
