/**
 * Open orders of any book against every way in which they could fill.
 *
 * Each order fills not at all, by half or wholly, in every combination; a filled order is a
 * position and has cost its distance from the mark. The scan must equal the worst of them, row
 * masks apart; what stands behind charges and groups must be at least that.
 */
import { describe, expect, it } from "vitest";
import type { Book } from "../book.ts";
import type { Terms } from "../terms.ts";
import type { AccountMargin } from "./account.ts";
import { marginOf, perpetual, position } from "./book.test-kit.ts";
import { seededChance, seeds } from "./chance.test-kit.ts";
import type { RestingOrder } from "./holding.ts";
import { type GroupResult, offsetGroup } from "./offset.ts";
import { randomBook } from "./random-book.test-kit.ts";
import { everyRecipe, randomTerms } from "./random-terms.test-kit.ts";
import { type UnderlyingResult, underlyingRequirement } from "./underlying.ts";

interface Filled {
  /** In the order of the account's underlyings. */
  readonly results: readonly UnderlyingResult[];
  /** What the fills cost against the marks, by underlying. */
  readonly penalties: readonly number[];
}

const SHARES = [0, 0.5, 1];

/** Every share of every order: 3^n rows of n. */
function everyFill(count: number): number[][] {
  if (count === 0) return [[]];
  return everyFill(count - 1).flatMap((fill) => SHARES.map((share) => [...fill, share]));
}

function filled({ underlyings }: AccountMargin): Filled[] {
  const orders = underlyings.flatMap(({ input }) => input.orders);
  return everyFill(orders.length).map((fill) => {
    const share = new Map(orders.map((order, i) => [order, fill[i]!]));
    return {
      results: underlyings.map((result) => withFills(result, share)),
      penalties: underlyings.map(({ input }) =>
        input.orders.reduce((sum, order) => sum + share.get(order)! * order.penalty, 0),
      ),
    };
  });
}

/** The underlying as if each order had filled by its share, and none were left. */
function withFills({ input }: UnderlyingResult, share: Map<RestingOrder, number>) {
  const holdings = input.holdings.map(({ leg, quantity: held }) => {
    const own = input.orders.filter((order) => order.leg === leg);
    const quantity = own.reduce(
      (sum, order) => sum + order.direction * order.quantity * share.get(order)!,
      held,
    );
    return { leg, quantity, low: quantity, high: quantity };
  });
  return underlyingRequirement({ ...input, holdings, orders: [] });
}

const most = (values: readonly number[]) => values.reduce((max, x) => Math.max(max, x));

function drawn(seed: number, recipe: (typeof everyRecipe)[number], ordersMax: number) {
  const chance = seededChance(seed);
  const terms = randomTerms(chance, { recipe, linear: true });
  const book = randomBook(chance, { legsMax: 5, ordersMax });
  return { terms, book };
}

/** Requirement of the members after what their group saves. */
function together(members: readonly UnderlyingResult[], { initial }: GroupResult): number {
  const sum = members.reduce((total, { initial: of }) => total + of.requirement, 0);
  return sum + initial.betaExtra - initial.saved;
}

/** A book with both underlyings, in one group with a credit of 0.8. */
function grouped(seed: number): { readonly terms: Terms; readonly book: Book } {
  const { terms, book } = drawn(seed, "ladder", 4);
  const offsets = { groups: [{ members: ["*"], credit: 0.8, beta: {} }] };
  const legs = ["BTC", "ETH"].map((id) =>
    perpetual(`z-${id}`, { underlying: id }, { mark: book.market.underlyings.get(id)!.index }),
  );
  const instruments = new Map(book.market.instruments);
  for (const leg of legs) instruments.set(leg.spec.id, leg);
  const more = legs.map(({ spec }, i) => position(spec.id, i === 0 ? 2 : -30));
  return {
    terms: { ...terms, offsets },
    book: {
      market: { ...book.market, instruments },
      account: { ...book.account, positions: [...book.account.positions, ...more] },
    },
  };
}

const cases = everyRecipe.flatMap((recipe) => seeds(14).map((seed) => ({ recipe, seed })));

describe("resting orders", () => {
  it.each(cases)("cost exactly their worst fills ($recipe, seed $seed)", ({ recipe, seed }) => {
    const { terms, book } = drawn(seed, recipe, 4);
    const margin = marginOf(terms, book);
    const all = filled(margin);
    margin.underlyings.forEach(({ initial, maintenance }, u) => {
      const { maintenance: share } = terms.perUnderlying["*"]!.charges.openOrders;
      initial.scans.forEach(({ loss }, mask) => {
        const worst = most(
          all.map(
            ({ results, penalties }) => results[u]!.initial.scans[mask]!.loss + penalties[u]!,
          ),
        );
        expectNear(loss, worst);
      });
      if (share === 0) {
        const idle = all[0]!.results[u]!;
        expect(maintenance.scanningRisk).toBe(idle.maintenance.scanningRisk);
      }
    });
  });

  it.each(cases)("bound every charge from above ($recipe, seed $seed)", ({ recipe, seed }) => {
    const { terms, book } = drawn(300 + seed, recipe, 4);
    const margin = marginOf(terms, book);
    const all = filled(margin);
    margin.underlyings.forEach(({ charges }, u) => {
      for (const [name, { initial }] of Object.entries(charges)) {
        const of = all.map(({ results }) => results[u]!.charges[name as keyof typeof charges]!);
        const worst = most(of.map((amount) => amount.initial));
        expect([name, initial >= worst * (1 - 1e-12)]).toEqual([name, true]);
      }
    });
  });

  it.each(seeds(30))("bound a group from above (seed %d)", (seed) => {
    const { terms, book } = grouped(600 + seed);
    const margin = marginOf(terms, book);
    const group = margin.groups[0]!;
    const rows = group.initial.requirement;
    const whole = together(margin.underlyings, group);
    for (const { results, penalties } of filled(margin)) {
      const spent = results.reduce(
        (sum, { initial }, u) => sum + initial.factor * penalties[u]!,
        0,
      );
      const of = offsetGroup(group.credit, results);
      expect(rows).toBeGreaterThanOrEqual((of.initial.requirement + spent) * (1 - 1e-12));
      expect(whole).toBeGreaterThanOrEqual(together(results, of) * (1 - 1e-12));
    }
  });

  it.each(seeds(4))("cost exactly the worst of 729 fills of six orders (seed %d)", (seed) => {
    const chance = seededChance(50 + seed);
    const terms = randomTerms(chance, { recipe: "ladder", linear: true, bare: true });
    const book = randomBook(chance, { legsMax: 3, ordersMax: 6 });
    const margin = marginOf(terms, book);
    const all = filled(margin);
    margin.underlyings.forEach(({ initial }, u) => {
      initial.scans.forEach(({ loss }, mask) => {
        expectNear(
          loss,
          most(all.map((of) => of.results[u]!.initial.scans[mask]!.loss + of.penalties[u]!)),
        );
      });
    });
  });
});

function expectNear(got: number, want: number): void {
  expect(Math.abs(got - want)).toBeLessThanOrEqual(1e-10 * Math.max(1, Math.abs(want)));
}
