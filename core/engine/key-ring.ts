/**
 * The idempotency keys that an account remembers, newest last, the oldest forgotten first.
 *
 *      full runs of RUN_KEYS, shared by all versions      ┊  newest, fewer
 *      [ skip ·  · k k ] [ k k k k k ] [ k k k k k ] …    ┊  [ k k ]
 *
 * A ring is replaced and never changed, so whoever holds one keeps what it was. Remembering copies
 * the newest run, and once in RUN_KEYS times the list of runs: 160 references at most, where a list
 * of all keys would copy KEYS_MAX. Nearly every key that is looked for is new, so a set of names
 * says so at once, and only a key that it knows is searched for.
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
export const RUN_KEYS = 32;

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
  return { runs: carried(runs, [...runs, newest]), skip, newest: [] };
}

/** A full ring has its oldest key in a run, for KEYS_MAX is more than one run. */
function withoutOldest({ runs, skip, newest }: KeyRing): KeyRing {
  if (skip + 1 < RUN_KEYS) return { runs, skip: skip + 1, newest };
  return { runs: carried(runs, runs.slice(1)), skip: 0, newest };
}

/** The oldest that is remembered of `key`. */
export function findKey(ring: KeyRing, key: string): AppliedKey | undefined {
  const { runs, skip, newest } = ring;
  const isIt = (one: AppliedKey) => one.key === key;
  if (runs.length === 0 || !namesOf(runs).has(key)) return newest.find(isIt);
  // Named there once: only now is the search worth its time.
  return keysOf({ runs, skip, newest }).find(isIt);
}

/**
 * Every key of these runs, and maybe some that are gone or stand in another version of them: who is
 * not named is not there. Runs that follow name theirs in the same set while it is small enough.
 */
const names = new WeakMap<readonly Run[], Set<string>>();
const NAMES_MAX = 2 * KEYS_MAX;

function namesOf(runs: readonly Run[]): Set<string> {
  const known = names.get(runs);
  if (known !== undefined) return known;
  const made = new Set(runs.flatMap((run) => run.map(({ key }) => key)));
  names.set(runs, made);
  return made;
}

/** @param after `before` without its first run, or with one more */
function carried(before: readonly Run[], after: readonly Run[]): readonly Run[] {
  const known = names.get(before);
  if (known === undefined || known.size + RUN_KEYS > NAMES_MAX) return after;
  if (after.length > before.length) for (const { key } of after.at(-1)!) known.add(key);
  names.set(after, known);
  return after;
}
