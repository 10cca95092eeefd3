/**
 * Hedges and sizes of any book: what cancels costs nothing, twice as much costs twice as much.
 */
import { describe, expect, it } from "vitest";
import type { Book, MarketInstrument, Position } from "../book.ts";
import { marginOf } from "./book.test-kit.ts";
import { seededChance, seeds } from "./chance.test-kit.ts";
import { randomBook, scaled } from "./random-book.test-kit.ts";
import { everyRecipe, randomTerms } from "./random-terms.test-kit.ts";

/** Every leg once more under the next name, the other way round; nothing else that could slide. */
function hedged({ market, account }: Book): Book {
  const instruments = new Map(market.instruments);
  const positions: Position[] = [];
  for (const position of account.positions) {
    const leg = market.instruments.get(position.instrument)!;
    const twin: MarketInstrument = { ...leg, spec: { ...leg.spec, id: `${leg.spec.id}!` } };
    instruments.set(twin.spec.id, twin);
    const own = { ...position, unrealisedPnl: 1 };
    positions.push(own, {
      ...own,
      instrument: twin.spec.id,
      quantity: String(-Number(position.quantity)),
      unrealisedPnl: -1,
      unrealisedFunding: -position.unrealisedFunding,
    });
  }
  return {
    market: { ...market, instruments },
    account: { ...account, positions, balances: [], openOrders: [] },
  };
}

const recipes = everyRecipe.flatMap((recipe) => seeds(70).map((seed) => ({ recipe, seed })));

describe("a perfect hedge", () => {
  it.each(recipes)("has no scanning risk ($recipe, seed $seed)", ({ recipe, seed }) => {
    const chance = seededChance(seed);
    const terms = randomTerms(chance, { recipe });
    const margin = marginOf(terms, hedged(randomBook(chance, { legsMax: 25 })));
    for (const { initial, maintenance } of margin.underlyings) {
      expect([initial.scanningRisk, maintenance.scanningRisk]).toEqual([0, 0]);
    }
    for (const { initial } of margin.groups) expect(initial.requirement).toBe(0);
  });

  it.each(seeds(60))("leaves only the charges that are gross (seed %d)", (seed) => {
    const chance = seededChance(seed);
    const margin = marginOf(randomTerms(chance), hedged(randomBook(chance, { legsMax: 25 })));
    const gross = new Set(["minimumPerContract", "perp", "oracle", "minimumDelta", "funding"]);
    for (const { charges } of margin.underlyings) {
      for (const [name, { initial }] of Object.entries(charges)) {
        if (!gross.has(name)) expect([name, initial]).toEqual([name, 0]);
      }
    }
  });
});

describe("a book of twice the size", () => {
  it.each(recipes)("needs twice as much in every part ($recipe, seed $seed)", (one) => {
    const chance = seededChance(7000 + one.seed);
    const terms = randomTerms(chance, { recipe: one.recipe, linear: true });
    const { market, account } = randomBook(chance, { legsMax: 25, ordersMax: 4 });
    // Given P&L is an amount and no size; so are balances, which slide.
    const positions = account.positions.map(({ instrument, quantity }) => ({
      instrument,
      quantity,
      unrealisedPnl: 0,
      unrealisedFunding: 0,
    }));
    const book: Book = { market, account: { ...account, positions, balances: [] } };
    const [single, double] = [marginOf(terms, book), marginOf(terms, scaled(book, 2))];
    for (const [i, result] of single.underlyings.entries()) {
      const twice = double.underlyings[i]!;
      expect(twice.initial.scanningRisk).toBe(2 * result.initial.scanningRisk);
      expect(twice.maintenance.scanningRisk).toBe(2 * result.maintenance.scanningRisk);
      expect(twice.initial.requirement).toBe(2 * result.initial.requirement);
      for (const [name, { initial }] of Object.entries(result.charges)) {
        const of = twice.charges[name as keyof typeof twice.charges]!;
        // Below 1e-300 halves have fewer digits than wholes.
        const near = Math.abs(of.initial - 2 * initial) <= 1e-300;
        expect([name, near]).toEqual([name, true]);
      }
    }
    expect(double.requirement.initial).toBe(2 * single.requirement.initial);
    expect(double.requirement.maintenance).toBe(2 * single.requirement.maintenance);
  });
});
