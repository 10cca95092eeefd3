/** Several sources of one name: the median, quarantine and release, and what one alone may do. */
import { describe, expect, it } from "vitest";
import type { Instrument } from "../../../core/instrument.ts";
import { type Chance, chance } from "../chance.ts";
import { all, calls, openRoom, START_MS } from "./guard.test-kit.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const three = ["a", "b", "c"];

/** The median by its definition: the middle, or the two middle ones. */
function middles(values: readonly number[]): readonly [number, number] {
  const sorted = [...values].sort((x, y) => x - y);
  const half = sorted.length / 2;
  return [sorted[Math.ceil(half) - 1]!, sorted[Math.floor(half)]!];
}

describe("k bad sources of n, k ≤ (n - 1) / 2", () => {
  /** What a bad source may say: anything at all, or the same wrong thing as the others. */
  const lies: readonly ((honest: number, dice: Chance) => number)[] = [
    (honest, dice) => honest * Math.exp(5 * dice.gaussian()),
    (honest) => honest * 1.15,
    (honest) => honest * 0.65,
    (honest, dice) => honest * (dice.uniform() < 0.5 ? 1.009 : 0.991),
    () => 1e-9,
    () => 1e12,
  ];

  it.each([3, 4, 5, 7, 9])("of %d: the mark errs no more than the worst honest source", (n) => {
    for (let seed = 1; seed <= 60; seed++) {
      const dice = chance(seed, "vol");
      const names = Array.from({ length: n }, (_, i) => `s${i}`);
      const k = Math.floor((n - 1) / 2);
      const room = openRoom({ sources: names });
      const lie = lies[seed % lies.length]!;
      let truth = 50_000;
      for (let i = 0; i < 120; i++) {
        truth *= 1 + 0.0004 * dice.gaussian();
        const said: Record<string, number> = {};
        let most = 0;
        for (const [place, name] of names.entries()) {
          const honest = truth * (1 + 0.003 * (dice.uniform() - 0.5));
          const isBad = place < k && i > 3;
          said[name] = isBad ? lie(truth, dice) : honest;
          if (!isBad) most = Math.max(most, Math.abs(honest - truth));
        }
        const mark = room.say("BTC", START_MS + i * SECOND, said);
        // Of an even count the accepted mark may stand between the middle values: within them.
        const error = mark === undefined ? 0 : Math.abs(mark - truth);
        expect(error, `n ${n} seed ${seed} second ${i}`).toBeLessThanOrEqual(most * (1 + 1e-9));
      }
    }
  });

  it.each([3, 4, 5, 6, 7])(
    "of %d in a quiet market: repeating himself costs nobody his word",
    (n) => {
      for (let seed = 1; seed <= 20; seed++) {
        const dice = chance(seed, "vol");
        const names = Array.from({ length: n }, (_, i) => `s${i}`);
        const k = Math.floor((n - 1) / 2);
        const room = openRoom({ sources: names });
        const lie = seed % 2 === 0 ? 110 : 100.8;
        const still = names.map(() => dice.uniform() < 0.7);
        const off = names.map(() => 0.1 * (dice.uniform() - 0.5));
        for (let i = 0; i < 300; i++) {
          const said: Record<string, number> = {};
          for (const [place, name] of names.entries()) {
            const wiggle = still[place]! ? 1 : 0.9 + 0.1 * dice.uniform();
            const isBad = place < k && i > 3;
            said[name] = isBad ? lie + 0.1 * dice.uniform() : 100 + off[place]! * wiggle;
          }
          const mark = room.say("BTC", START_MS + i * SECOND, said) ?? 100;
          expect(Math.abs(mark - 100), `n ${n} seed ${seed} second ${i}`).toBeLessThanOrEqual(0.05);
        }
      }
    },
  );

  it("accepts the median of an odd count, and between the middles of an even one", () => {
    const dice = chance(3, "vol");
    for (const n of [3, 4, 5, 6]) {
      const names = Array.from({ length: n }, (_, i) => `s${i}`);
      const room = openRoom({ sources: names });
      for (let i = 0; i < 200; i++) {
        const said = Object.fromEntries(
          names.map((name) => [name, 100 * (1 + 0.002 * dice.gaussian())]),
        );
        const mark = room.say("BTC", START_MS + i * SECOND, said)!;
        const [low, high] = middles(Object.values(said));
        expect(mark).toBeGreaterThanOrEqual(low);
        expect(mark).toBeLessThanOrEqual(high);
      }
    }
  });
});

describe("a source that the others contradict", () => {
  it("is quarantined at its third strike, and heard again after 10 s of agreement", () => {
    const room = openRoom({ sources: three });
    const bad = () => room.guard.standing().quarantined;
    let at = START_MS;
    room.say("BTC", at, all(three, 100));
    for (const expected of [[], [], ["BTC a"]]) {
      at += SECOND;
      room.say("BTC", at, { a: 110, b: 100, c: 100 });
      expect(bad()).toEqual(expected);
    }
    for (let agreed = 0; agreed < 10; agreed++) {
      at += SECOND;
      room.say("BTC", at, all(three, 100));
      expect(bad()).toEqual(["BTC a"]);
    }
    room.say("BTC", at + SECOND, all(three, 100));
    expect(bad()).toEqual([]);
  });

  it("is forgotten after one bad print", () => {
    const room = openRoom({ sources: three });
    for (let i = 0; i < 60; i++)
      room.say("BTC", START_MS + i * SECOND, { ...all(three, 100), a: i % 2 === 0 ? 10_000 : 100 });
    expect(room.guard.standing().quarantined).toEqual([]);
  });

  it("is not struck for leading while nobody else has spoken", () => {
    const room = openRoom({ sources: three });
    room.say("BTC", START_MS, all(three, 100));
    for (let i = 1; i <= 20; i++) room.say("BTC", START_MS + i * 100, { a: 88 });
    expect(room.guard.standing().quarantined).toEqual([]);
    expect(room.guard.refused().outvoted).toBe(20);
    expect(room.say("BTC", START_MS + 2_100, { b: 88.1 })).toBe(88.1);
  });

  it("of two is the one that left the market, and the other goes on alone", () => {
    const room = openRoom({ sources: ["a", "b"] });
    room.say("BTC", START_MS, { a: 100, b: 100 });
    let price = 100;
    for (let i = 1; i <= 10; i++) {
      price += 0.05;
      room.say("BTC", START_MS + i * SECOND, { a: 150, b: price });
    }
    expect(room.guard.standing().quarantined).toEqual(["BTC a"]);
    expect(room.say("BTC", START_MS + 11 * SECOND, { b: price + 0.05 })).toBe(price + 0.05);
    expect(room.guard.review(START_MS + 11 * SECOND)?.state).toBe("DEGRADED");
  });

  it("is outvoted by 2 h closes of usual size no more than by seconds", () => {
    // 8 sigma of a minute would refuse a third of these moves; all of them are ordinary.
    const room = openRoom({ sources: three, barMs: 2 * 3_600_000 });
    const dice = chance(11, "vol");
    let price = 60_000;
    for (let i = 0; i < 2_000; i++) {
      price *= 1 + 0.0092 * dice.gaussian();
      room.say("BTC", START_MS + i * 2 * 3_600_000, all(three, price));
    }
    expect(room.guard.refused()).toMatchObject({ outvoted: 0, held: 0, quarantined: 0 });
  });
});

describe("a missing source", () => {
  it.each([
    // silent      state
    [["c"], undefined],
    [["b", "c"], "DEGRADED"],
    [["a", "b", "c"], "DEGRADED"],
  ])("%j: after its heartbeat the state is %s", (silent, state) => {
    const room = openRoom({ sources: three });
    const said = Object.fromEntries(
      three.filter((name) => !silent.includes(name)).map((name) => [name, 100]),
    );
    room.say("BTC", START_MS, all(three, 100));
    for (let i = 1; i <= 5; i++) room.say("BTC", START_MS + i * SECOND, said);
    expect(room.guard.review(START_MS + 5 * SECOND)?.state).toBe(state);
  });
});

describe("a frozen feed", () => {
  const drift = (at: number) => 100 + (at - START_MS) / MINUTE;

  it("is fresh while its time goes on, whatever it repeats", () => {
    const room = openRoom({ sources: three });
    const span = { from: START_MS, until: START_MS + 10 * MINUTE };
    expect(room.sayOn("BTC", span, () => all(three, 100))).toBe(100);
    expect(room.guard.review(span.until - SECOND)).toBeUndefined();
    expect(room.guard.standing().frozen).toBe(3);
  });

  it("has no vote after a minute while two others move", () => {
    const room = openRoom({ sources: three });
    const span = { from: START_MS, until: START_MS + 10 * MINUTE };
    const said = (at: number) => ({ a: drift(at), b: drift(at) * 1.0001, c: 100 });
    expect(room.sayOn("BTC", span, said)).toBeCloseTo(drift(span.until), 1);
  });

  it("of two is absent after a minute: the other goes on alone, DEGRADED", () => {
    const room = openRoom({ sources: ["a", "b"] });
    const span = { from: START_MS, until: START_MS + 10 * MINUTE };
    const mark = room.sayOn("BTC", span, (at) => ({ a: drift(at), b: 100 }));
    expect(mark).toBe(drift(span.until - SECOND));
    expect(room.guard.standing().quarantined).not.toContain("BTC a");
    expect(room.guard.review(span.until)).toMatchObject({ state: "DEGRADED", quarantined: [] });
  });

  it("is not absent for another that has only begun to move", () => {
    const room = openRoom({ sources: ["a", "b"] });
    const quiet = { from: START_MS - 10 * MINUTE, until: START_MS };
    room.sayOn("BTC", quiet, () => ({ a: 100, b: 100 }));
    const span = { from: START_MS, until: START_MS + MINUTE };
    const runs = (at: number) => ({ a: 130 + (at - START_MS) / MINUTE, b: 100 });
    expect(room.sayOn("BTC", span, runs)).toBe(100);
  });

  it.each<[string, (s: number) => number | undefined, number, number?]>([
    // the second source                                      s at most without a right mark
    ["falls silent", () => undefined, 1],
    ["falls silent after it contradicted", (s: number) => (s < 20 ? 100 : undefined), 12],
    ["freezes as the fall begins", () => 100, 52],
    ["has been frozen for long", () => 100, 1, -120],
  ])("that %s is no worse than none in a fall by two fifths", (_, goesOn, most, from = 0) => {
    const dice = chance(5, "vol");
    const room = openRoom({ sources: ["a", "b"] });
    const states = new Set<string>();
    let [mark, right, worst] = [100, 0, 0];
    for (let second = -300; second < 1_200; second++) {
      const at = START_MS + second * SECOND;
      const truth = 100 * (1 - 0.4 * Math.min(Math.max(second / 600, 0), 1));
      const a = truth * (1 + 0.0002 * dice.gaussian());
      const b = second < from ? a : goesOn(second);
      mark = room.say("BTC", at, b === undefined ? { a } : { a, b }) ?? mark;
      if (Math.abs(mark / truth - 1) < 0.01) right = second;
      if (second >= 0) worst = Math.max(worst, second - right);
      states.add(room.guard.review(at)?.state ?? "");
    }
    expect(worst).toBeLessThanOrEqual(most);
    expect(states).toContain("DEGRADED");
    expect(states).not.toContain("HALTED");
  });
});

describe("one source that nobody vouches for", () => {
  it.each([
    // marks of the new level at              believed at
    ["a second apart", [1, 2, 3, 4], 4],
    ["four at once, then one", [1, 1.1, 1.2, 1.3, 4], 4],
    ["two, then back, then again", [1, 2], undefined],
  ])("is believed after three marks over three seconds: %s", (_, seconds, expected) => {
    const room = openRoom();
    room.sayOn("BTC", { from: START_MS - MINUTE, until: START_MS + 1 }, () => ({ "": 100 }));
    const believed = seconds.find(
      (second) => room.say("BTC", START_MS + second * SECOND, { "": 90 }) === 90,
    );
    expect(believed).toBe(expected);
    if (expected === undefined)
      expect(room.say("BTC", START_MS + 3 * SECOND, { "": 100 })).toBe(100);
  });

  it("is believed from the start only after the same", () => {
    const room = openRoom();
    const marks = [0, 1, 2, 3].map((i) =>
      room.say("BTC", START_MS + i * SECOND, { "": 100 + i / 10 }),
    );
    expect(marks).toEqual([undefined, undefined, undefined, 100.3]);
    expect(room.guard.refused().held).toBe(3);
  });

  it("may fall on while it is doubted, as long as each mark is near the one before", () => {
    const room = openRoom();
    room.sayOn("BTC", { from: START_MS - MINUTE, until: START_MS + 1 }, () => ({ "": 100 }));
    const path = [94, 92.5, 91, 89.5];
    const marks = path.map((price, i) =>
      room.say("BTC", START_MS + (i + 1) * SECOND, { "": price }),
    );
    expect(marks).toEqual([undefined, undefined, undefined, 89.5]);
  });

  it("that shakes wildly is never believed", () => {
    const room = openRoom();
    room.sayOn("BTC", { from: START_MS - MINUTE, until: START_MS + 1 }, () => ({ "": 100 }));
    for (let i = 1; i < 60; i++)
      expect(
        room.say("BTC", START_MS + i * SECOND, { "": i % 2 === 0 ? 130 : 80 }),
      ).toBeUndefined();
  });
});

describe("a trusted source", () => {
  it("is believed at once, even 79 % down or 4.9 times up", () => {
    const room = openRoom({ trusted: true });
    expect(room.say("BTC", START_MS, { "": 100 })).toBe(100);
    expect(room.say("BTC", START_MS + 1, { "": 21 })).toBe(21);
    expect(room.say("BTC", START_MS + 2, { "": 102.9 })).toBe(102.9);
  });

  it.each([100, 0.01])(
    "is not believed when it says x %d once, and is when it says so thrice",
    (factor) => {
      const room = openRoom({ trusted: true });
      room.say("BTC", START_MS, { "": 100 });
      expect(room.say("BTC", START_MS + 1, { "": 100 * factor })).toBeUndefined();
      expect(room.guard.review(START_MS + 1)).toMatchObject({ quarantined: ["BTC"] });
      expect(room.say("BTC", START_MS + 2, { "": 101 })).toBe(101);
      const again = [3, 4, 5].map((i) => room.say("BTC", START_MS + i, { "": 100 * factor }));
      expect(again).toEqual([undefined, undefined, 100 * factor]);
    },
  );

  it("is not believed when an option's forward is no forward of its index", () => {
    const { guard, pass } = openRoom(
      { trusted: true },
      { underlyings: [{ id: "BTC", assetClass: "crypto" }], currencies: [], instruments: [option] },
    );
    pass(START_MS, [{ id: "BTC", value: 100, extra: 0 }]);
    expect(pass(START_MS + 1, [{ id: option.id, value: 0.6, extra: 10_000 }])).toEqual([]);
    expect(guard.refused().forward).toBe(1);
    expect(pass(START_MS + 2, [{ id: option.id, value: 0.6, extra: 105 }])).toHaveLength(1);
  });
});

const [option] = calls([100]) as [Instrument];
