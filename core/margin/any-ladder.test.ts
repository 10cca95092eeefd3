/**
 * The ladder's promise: a wider range never asks for less, and a moved one never jumps.
 *
 * Every book is margined at each node of the ladder and finely between them. Between two nodes the
 * requirement must be the straight line from one to the other; so it is continuous, and its slope
 * is bounded by the largest step between nodes. The near-expiry books hold short flies.
 */
import { describe, expect, it } from "vitest";
import type { Book, PublishedRange } from "../book.ts";
import type { Terms, UnderlyingTerms } from "../terms.ts";
import { accountMargin } from "./account.ts";
import { bookOf, contextOf, marginOf, option } from "./book.test-kit.ts";
import { type Chance, seededChance, seeds } from "./chance.test-kit.ts";
import { randomBook, withRanges } from "./random-book.test-kit.ts";
import { randomTerms } from "./random-terms.test-kit.ts";
import {
  bareUnderlying,
  changed,
  houseTerms,
  houseUnderlying,
  termsOfAll,
  usualTails,
} from "./terms.test-kit.ts";

const NODES = 20;

/** Requirements by range. The book is priced once, on nodes to spare: that they serve is tested. */
function sweep(terms: Terms, book: Book): (range: number) => readonly [number, number] {
  const ranges = new Map<string, PublishedRange>();
  const context = contextOf(terms, { ...book, market: { ...book.market, ranges } }, 60);
  return (range) => {
    for (const id of book.market.underlyings.keys()) {
      ranges.set(id, { slideRange: { initial: range, maintenance: range }, volScale: 1 });
    }
    const { requirement } = accountMargin(context, book.account);
    return [requirement.initial, requirement.maintenance];
  };
}

/** On a ladder, and following what is published. */
function ladderTerms(chance: Chance): Terms {
  const terms = randomTerms(chance, { recipe: "ladder", groups: false });
  const follows = ([id, of]: [string, UnderlyingTerms]) => [
    id,
    { ...of, regime: { ...of.regime, mode: "replace" } },
  ];
  return {
    ...terms,
    perUnderlying: Object.fromEntries(Object.entries(terms.perUnderlying).map(follows)),
  };
}

function expectSteady(terms: Terms, book: Book, fine: number): void {
  const step = terms.perUnderlying["*"]!.scenarios.ladder.step;
  const at = sweep(terms, book);
  let before = at(step);
  let last = before;
  for (let node = 2; node <= NODES && node * step < 0.5; node++) {
    const next = at(node * step);
    const scale = 1e-9 * Math.max(1, ...next);
    for (let i = 1; i < fine; i++) {
      const theta = i / fine;
      const between = at((node - 1 + theta) * step);
      for (const stage of [0, 1] as const) {
        const line = (1 - theta) * before[stage] + theta * next[stage];
        expect(Math.abs(between[stage] - line)).toBeLessThanOrEqual(scale);
        expect(between[stage]).toBeGreaterThanOrEqual(last[stage] - scale);
      }
      last = between;
    }
    for (const stage of [0, 1] as const) {
      expect(next[stage]).toBeGreaterThanOrEqual(last[stage] - scale);
    }
    before = next;
    last = next;
  }
}

describe("a ladder", () => {
  it.each(seeds(20))("is monotone and straight between nodes (seed %d)", (seed) => {
    const chance = seededChance(seed);
    const terms = { ...ladderTerms(chance), initialAtLeastMaintenance: false };
    expectSteady(terms, randomBook(chance, { legsMax: 6 }), 3);
  });

  it.each(seeds(20))("is so for options that expire within days (seed %d)", (seed) => {
    const chance = seededChance(900 + seed);
    const terms = { ...ladderTerms(chance), initialAtLeastMaintenance: false };
    expectSteady(terms, randomBook(chance, { legsMax: 6, nearExpiry: true }), 3);
  });

  it.each(seeds(12))("is so with resting orders under the house's terms (seed %d)", (seed) => {
    const chance = seededChance(1800 + seed);
    const terms = { ...houseTerms, offsets: { groups: [] }, initialAtLeastMaintenance: false };
    expectSteady(terms, randomBook(chance, { legsMax: 6, ordersMax: 5 }), 3);
  });

  it.each(seeds(8))("is monotone even across a kink of the floor (seed %d)", (seed) => {
    const chance = seededChance(2700 + seed);
    const terms = { ...ladderTerms(chance), initialAtLeastMaintenance: true };
    const at = sweep(terms, randomBook(chance, { legsMax: 10 }));
    let last = 0;
    for (let i = 1; i <= 80; i++) {
      const [initial] = at(0.00625 * i);
      expect(initial).toBeGreaterThanOrEqual(last * (1 - 1e-12));
      last = initial;
    }
  });

  it.each(seeds(16))("is monotone where short gamma pays beyond its edge (seed %d)", (seed) => {
    const chance = seededChance(3600 + seed);
    const tiers = [
      { above: 0.5, multiplier: 1, gammaNodes: 2 },
      { above: 5, multiplier: 1.5, gammaNodes: 6 },
    ];
    const of = changed(houseUnderlying, {
      liquidity: { depthUsd: chance.pick([1, 1e5, 1e6]), inside: chance.yes(0.5), tiers },
    });
    const terms = termsOfAll(of, { initialAtLeastMaintenance: false });
    const at = sweep(terms, randomBook(chance, { legsMax: 4, nearExpiry: seed % 2 === 0 }));
    let last: readonly [number, number] = [0, 0];
    for (let i = 1; i <= 60; i++) {
      const next = at(0.008 * i);
      for (const stage of [0, 1] as const) {
        expect(next[stage]).toBeGreaterThanOrEqual(last[stage] * (1 - 1e-9));
      }
      last = next;
    }
  });

  it("holds a short fly three days before expiry, where scaled nodes fall", () => {
    const fly = bookOf({
      instruments: [104, 108, 112].map((strike) =>
        option(`C-${strike}`, { strike, secondsToExpiry: 3 * 86_400 }, { vol: 0.5 }),
      ),
      positions: { "C-104": -1, "C-108": 2, "C-112": -1 },
    });
    const of = (recipe: "ladder" | "points") =>
      termsOfAll(
        changed(bareUnderlying, {
          scenarios: { recipe, tails: recipe === "ladder" ? usualTails : null },
          regime: { assetClass: "crypto", mode: "replace" },
        }),
      );
    const points = sweep(of("points"), fly);
    expect(points(0.2)[0]).toBeLessThan(points(0.16)[0]);
    expectSteady(of("ladder"), fly, 20);
  });

  it("does not jump at a node, from either side", () => {
    const chance = seededChance(42);
    const book = randomBook(chance, { legsMax: 20 });
    const at = sweep(houseTerms, book);
    for (let node = 1; node < 24; node++) {
      const exact = at(node * 0.02)[0];
      for (const beside of [1e-7, -1e-7, 1e-12, -1e-12, 1e-15, -1e-15]) {
        expect(Math.abs(at(node * 0.02 + beside)[0] - exact)).toBeLessThanOrEqual(1e-4 * exact);
      }
    }
  });

  it("prices nothing again when a published range moves within the spare nodes", () => {
    const book = withRanges(randomBook(seededChance(5), { legsMax: 10 }), 0.1);
    const ranges = new Map(book.market.ranges);
    const context = contextOf(houseTerms, { ...book, market: { ...book.market, ranges } }, 25);
    const before = accountMargin(context, book.account);
    for (const [id, range] of ranges) {
      ranges.set(id, { ...range, slideRange: { initial: 0.31, maintenance: 0.3 } });
    }
    const after = accountMargin(context, book.account);
    const wide = marginOf(houseTerms, withRanges(book, 0.31));
    expect(after.underlyings[0]!.initial.scanningRisk).toBe(
      wide.underlyings[0]!.initial.scanningRisk,
    );
    expect(after.positions[0]!.leg.arrays[0]).toBe(before.positions[0]!.leg.arrays[0]);
  });
});
