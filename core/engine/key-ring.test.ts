import { describe, expect, it } from "vitest";
import { dice } from "./engine.test-kit.ts";
import {
  type AppliedKey,
  findKey,
  KEYS_MAX,
  type KeyRing,
  keyCount,
  keyRingOf,
  keysOf,
  noKeys,
  RUN_KEYS,
  withKey,
} from "./key-ring.ts";

const applied = (n: number, key = `key-${n}`): AppliedKey => ({
  ...{ key, print: n * 7, seq: n, version: n + 1 },
});

/** The definition: a list that is copied whole. */
const slowWith = (keys: readonly AppliedKey[], one: AppliedKey): readonly AppliedKey[] => [
  ...keys.slice(1 - KEYS_MAX),
  one,
];

function expectSame(ring: KeyRing, keys: readonly AppliedKey[]): void {
  expect(keyCount(ring)).toBe(keys.length);
  expect(keysOf(ring)).toEqual(keys);
}

describe("a ring of keys", () => {
  it("holds what a list would that is copied whole, past its limit, however long", () => {
    let ring = noKeys;
    let keys: readonly AppliedKey[] = [];
    for (let n = 0; n < KEYS_MAX + 3 * RUN_KEYS + 5; n++) {
      ring = withKey(ring, applied(n));
      keys = slowWith(keys, applied(n));
      if (n % 397 === 0 || (n > KEYS_MAX - 3 && n % RUN_KEYS < 3)) expectSame(ring, keys);
    }
  });

  it.each([1, 2, 3])(
    "finds what a search of the list finds, also where keys repeat: seed %i",
    (seed) => {
      const chance = dice(seed);
      let ring = noKeys;
      let keys: readonly AppliedKey[] = [];
      const names = 2_000 * seed;
      for (let n = 0; n < 3 * KEYS_MAX; n++) {
        const one = applied(n, `key-${chance.below(names)}`);
        ring = withKey(ring, one);
        keys = slowWith(keys, one);
        if (n % 7 > 0) continue;
        const key = `key-${chance.below(names)}`;
        expect(findKey(ring, key), `${key} at ${n}`).toBe(keys.find((each) => each.key === key));
      }
      expectSame(ring, keys);
    },
  );

  it("is never changed by what is remembered after it, on whatever branch", () => {
    const held: { ring: KeyRing; keys: readonly AppliedKey[] }[] = [];
    const chance = dice(4);
    let now = { ring: noKeys, keys: [] as readonly AppliedKey[] };
    for (let n = 0; n < 600; n++) {
      if (n % 9 === 0 && held.length > 0) now = chance.pick(held);
      const one = applied(n);
      now = { ring: withKey(now.ring, one), keys: slowWith(now.keys, one) };
      held.push(now);
      const of = `key-${chance.below(n + 2)}`;
      expect(findKey(now.ring, of)).toBe(now.keys.find(({ key }) => key === of));
    }
    for (const { ring, keys } of held) {
      expectSame(ring, keys);
      expect(findKey(ring, "key-599")).toBe(keys.find(({ key }) => key === "key-599"));
    }
  });

  it.each([0, 1, RUN_KEYS - 1, RUN_KEYS, RUN_KEYS + 1, KEYS_MAX, KEYS_MAX + 9])(
    "is made of a list of %i as one by one, and goes on alike",
    (count) => {
      const list = Array.from({ length: count }, (_, n) => applied(n));
      const made = keyRingOf(list);
      expectSame(made, list.slice(-KEYS_MAX));
      let more = made;
      let keys: readonly AppliedKey[] = list.slice(-KEYS_MAX);
      for (let n = count; n < count + 2 * RUN_KEYS; n++) {
        more = withKey(more, applied(n));
        keys = slowWith(keys, applied(n));
      }
      expectSame(more, keys);
    },
  );
});
