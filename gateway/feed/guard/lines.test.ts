/** The lines of the guard by threshold, each on both sides; and the state that follows. */
import { describe, expect, it } from "vitest";
import { guardSettings, readGuardSettings } from "../../../config/guard.ts";
import { RiskError } from "../../../core/errors.ts";
import { openGuard } from "../guard.ts";
import { all, calls, listingOf, openRoom, START_MS } from "./guard.test-kit.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const three = ["a", "b", "c"];
const clean = { unknown_source: 0, early: 0, old: 0, not_finite: 0, not_positive: 0 };

describe("who and when", () => {
  it.each([
    // what                     mark                            reason
    ["its source", { source: "a" }, undefined],
    ["another source", { source: "z" }, "unknown_source"],
    ["no source among three", {}, "unknown_source"],
    ["2 s ahead", { source: "a", madeAt: START_MS + 2_000 }, undefined],
    ["2.001 s ahead", { source: "a", madeAt: START_MS + 2_001 }, "early"],
    ["3 s old", { source: "a", madeAt: START_MS - 3_000 }, undefined],
    ["3.001 s old", { source: "a", madeAt: START_MS - 3_001 }, "old"],
    ["half a millisecond", { source: "a", madeAt: START_MS + 0.5 }, "not_finite"],
    ["a NaN for a time", { source: "a", madeAt: Number.NaN }, "not_finite"],
    ["a NaN for a width", { source: "a", halfWidth: Number.NaN }, "not_finite"],
    ["a width below 0", { source: "a", halfWidth: -1 }, "not_positive"],
  ] as const)("with %s", (_, of, reason) => {
    const { guard, pass } = openRoom({ sources: three });
    pass(START_MS, [{ id: "BTC", value: 100, extra: 0, ...of }]);
    const expected = reason === undefined ? clean : { ...clean, [reason]: 1 };
    expect(guard.refused()).toMatchObject(expected);
  });

  it("may repeat no time of its own, nor go back, while another source may", () => {
    const room = openRoom({ sources: three });
    room.say("BTC", START_MS, { a: 100 });
    room.say("BTC", START_MS, { a: 101, b: 100 });
    room.say("BTC", START_MS + 5, { a: 100 }, { madeAt: START_MS - 1 });
    expect(room.guard.refused()).toMatchObject({ duplicate: 1, late: 1 });
  });

  it.each([[[]], [["a", "a"]], [Array.from({ length: 33 }, (_, i) => `s${i}`)]])(
    "the sources %j are refused",
    (sources) => {
      expect(() => openGuard(listingOf(), { sources })).toThrow(RiskError);
    },
  );
});

describe("staleness", () => {
  it.each([
    // of        age, s   stale
    ["BTC", 3, []],
    ["BTC", 3.001, ["BTC"]],
    ["BTC-PERP", 3, []],
    ["BTC-PERP", 3.001, ["BTC-PERP"]],
    ["USDC", 15, []],
    ["USDC", 15.001, ["USDC"]],
    ["BTC-65000-C", 15, []],
    ["BTC-65000-C", 15.001, ["BTC-65000-C"]],
  ])("%s after %d s", (id, seconds, stale) => {
    const instruments = [...listingOf().instruments, ...calls([65_000])];
    const room = openRoom({ trusted: true }, listingOf(instruments));
    room.say(id, START_MS, { "": 0.9 });
    expect(room.guard.review(START_MS + seconds * SECOND)?.stale ?? []).toEqual(stale);
  });

  it("is counted in bars where the market comes in bars", () => {
    const room = openRoom({ trusted: true, barMs: 2 * 3_600_000 });
    room.say("BTC", START_MS, { "": 100 });
    expect(room.guard.review(START_MS + 6 * 3_600_000)).toBeUndefined();
    expect(room.guard.review(START_MS + 6 * 3_600_000 + SECOND)?.stale).toEqual(["BTC"]);
  });

  it("is not what a closed market is", () => {
    const room = openRoom({ trusted: true });
    room.say("SPX", START_MS, { "": 4_000 });
    expect(room.guard.review(START_MS + 60 * 3_600_000)).toBeUndefined();
    room.say("SPX", START_MS + 60 * 3_600_000, { "": 4_010 });
    expect(room.guard.review(START_MS + 60 * 3_600_000 + SECOND)).toBeUndefined();
  });

  it("begins with the first mark: what was never priced is missing, not stale", () => {
    const room = openRoom({ trusted: true });
    room.say("BTC", START_MS, { "": 100 });
    expect(room.guard.review(START_MS + MINUTE)?.stale).toEqual(["BTC"]);
  });

  it("of an index is told for all that hangs on it", () => {
    const room = openRoom({ trusted: true });
    for (const id of ["BTC", "BTC-PERP", "THIN"]) room.say(id, START_MS, { "": 100 });
    expect(room.guard.review(START_MS + MINUTE)?.stale).toEqual(["BTC", "THIN"]);
    expect(room.guard.standing().stale).toBe(3);
    room.say("BTC", START_MS + MINUTE, { "": 100 });
    expect(room.guard.review(START_MS + MINUTE + SECOND)?.stale).toEqual(["THIN", "BTC-PERP"]);
  });

  it("is forgotten with the instrument", () => {
    const { guard, pass } = openRoom({ trusted: true });
    pass(START_MS, [{ id: "BTC-PERP", value: 100, extra: 0 }]);
    expect(guard.review(START_MS + MINUTE)?.stale).toEqual(["BTC-PERP"]);
    guard.pass({
      kind: "expiry",
      at: START_MS + MINUTE,
      instruments: ["BTC-PERP"],
      settlement: [],
    });
    expect(guard.review(START_MS + 2 * MINUTE)).toMatchObject({ state: "OK", stale: [] });
  });
});

describe("a wide mark", () => {
  it.each([
    // of     half-width  confidence
    ["BTC", 0.5, undefined],
    ["BTC", 0.51, 0.99],
    ["BTC", 1, 0.99],
    ["BTC", 1.01, 0.985],
    ["BTC", 200, 0],
    ["THIN", 2, undefined],
    ["THIN", 2.01, 0.975],
  ])("of %s at 100 ± %d has confidence %s", (id, halfWidth, confidence) => {
    const room = openRoom({ trusted: true });
    expect(room.say(id, START_MS, { "": 100 }, { halfWidth })).toBe(100);
    const told = room.guard.review(START_MS)?.confidence;
    if (confidence === undefined) expect(told).toBeUndefined();
    else expect(told?.[0]?.confidence).toBeCloseTo(confidence, 12);
  });

  it("stays wide until it is a fifth below the cap", () => {
    const room = openRoom({ trusted: true });
    const told = (i: number, halfWidth: number) => {
      room.say("BTC", START_MS + i * SECOND, { "": 100 }, { halfWidth });
      return room.guard.review(START_MS + i * SECOND)?.confidence;
    };
    expect(told(0, 0.6)).toEqual([{ id: "BTC", confidence: 0.99 }]);
    expect(told(1, 0.45)).toEqual([{ id: "BTC", confidence: 0.995 }]);
    expect(told(2, 0.45)).toBeUndefined();
    room.say("BTC", START_MS + 3 * SECOND, { "": 100 }, { halfWidth: 0.4 });
    expect(room.guard.review(START_MS + 3 * SECOND)).toEqual({
      ...{ kind: "MarkState", state: "OK", stale: [], quarantined: [] },
    });
  });

  it("is as wide as the middle one of its sources", () => {
    const { guard, pass } = openRoom({ sources: three });
    const widths = [0, 3, 1];
    pass(
      START_MS,
      three.map((source, i) => ({
        id: "BTC",
        value: 100,
        extra: 0,
        source,
        halfWidth: widths[i]!,
      })),
    );
    expect(guard.review(START_MS)?.confidence).toEqual([{ id: "BTC", confidence: 0.99 }]);
  });
});

describe("collateral with an anchor", () => {
  it.each([
    // said   accepted
    [1.02, 1],
    [1, 1],
    [0.951, 0.951],
    [0.95, 0.95],
    [0.949, undefined],
  ])("a stable at %d is taken at %s", (said, accepted) => {
    const room = openRoom({ sources: three });
    expect(room.say("USDC", START_MS, all(three, said))).toBe(accepted);
  });

  it("a staked coin has the index of its coin for an anchor", () => {
    const listing = { ...listingOf(), underlyings: [{ id: "ETH", assetClass: "crypto" as const }] };
    const room = openRoom({ sources: three }, listing);
    expect(room.say("stETH", START_MS, all(three, 2_000))).toBe(2_000);
    room.say("ETH", START_MS + SECOND, all(three, 3_000));
    expect(room.say("stETH", START_MS + 2 * SECOND, all(three, 3_010))).toBe(3_000);
    expect(room.say("stETH", START_MS + 3 * SECOND, all(three, 2_990))).toBe(2_990);
    expect(room.say("stETH", START_MS + 4 * SECOND, all(three, 2_800))).toBeUndefined();
  });
});

describe("an option's vol among several sources", () => {
  it("off the smile is withheld and doubted, though every source says so", () => {
    const options = calls(Array.from({ length: 11 }, (_, i) => 60_000 + 1_000 * i));
    const room = openRoom({ sources: three }, listingOf(options));
    for (const { id } of options) room.say(id, START_MS, all(three, 0.6));
    const { id } = options[5]!;
    for (let i = 1; i <= 4; i++) room.say(id, START_MS + i * SECOND, all(three, 1.8));
    expect(room.guard.refused().smile).toBe(4);
    expect(room.guard.review(START_MS + 4 * SECOND)?.quarantined).toEqual([id]);
    expect(room.say(id, START_MS + 5 * SECOND, all(three, 0.61))).toBe(0.61);
    expect(room.guard.review(START_MS + 5 * SECOND)?.quarantined).toEqual([]);
  });
});

describe("the numbers in config", () => {
  const document = (of: object) => {
    const whole = Object.entries(guardSettings).map(([name, value]) => [
      name,
      { value, why: "A reason of twenty letters." },
    ]);
    return { ...Object.fromEntries(whole), ...of };
  };

  it("are read as they stand, each with its reason", () => {
    expect(readGuardSettings(document({}))).toEqual(guardSettings);
  });

  it.each([
    ["without a reason", { strikes: { value: 3 } }, "missing_field strikes.why"],
    [
      "out of bounds",
      { strikes: { value: 0, why: "A reason of twenty letters." } },
      "out_of_bounds strikes.value",
    ],
    [
      "misspelt",
      { strikez: { value: 3, why: "A reason of twenty letters." } },
      "unknown_key strikez",
    ],
  ])("are refused %s", (_, of, expected) => {
    try {
      readGuardSettings(document(of));
      expect.unreachable();
    } catch (error) {
      const { code, detail } = error as RiskError;
      expect(`${code} ${detail.path}`).toBe(expected);
    }
  });
});
