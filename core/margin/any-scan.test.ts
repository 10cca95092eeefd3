/**
 * The scan against its definition on arrays of objects, over random books.
 */
import { describe, expect, it } from "vitest";
import { rowFamilies, type Terms } from "../terms.ts";
import { bookOf, marginOf, perpetual } from "./book.test-kit.ts";
import { seededChance, seeds } from "./chance.test-kit.ts";
import { randomBook } from "./random-book.test-kit.ts";
import { randomTerms } from "./random-terms.test-kit.ts";
import { tied } from "./scan.ts";
import { bareUnderlying, changed, row, termsOfAll } from "./terms.test-kit.ts";
import type { UnderlyingResult } from "./underlying.ts";

/** The definition on arrays of objects: slow, obvious, and what the scan must equal. */
function slowScan({ view, input, pnl }: UnderlyingResult, terms: Terms, of: number) {
  const { plane, masks } = view.initial;
  const mask = masks[of]!;
  const { tails } = view.terms.scenarios;
  const { initial: share, method } = terms.perUnderlying["*"]!.charges.openOrders;
  const rows = [...mask.rows].map((at, i) => ({
    at,
    weight: mask.weights[i]!,
    family: rowFamilies[view.planes[plane]!.grid.family[at]!]!,
  }));
  const dampened = (loss: number, family: string) => {
    const forgiven = (tails?.dampener ?? 0) * view.unit;
    if (family !== "tails" || forgiven === 0 || loss <= 0) return loss;
    if (tails!.dampenerMode === "subtract") return Math.max(0, loss - forgiven);
    return loss > forgiven ? loss : 0;
  };
  const losses = rows.map(({ at, weight, family }) => {
    const fills = input.orders.map((one) => ({
      instrument: one.instrument,
      direction: one.direction,
      loss: Math.max(
        0,
        one.penalty - weight * one.direction * one.quantity * one.leg.arrays[plane]![at]!,
      ),
    }));
    const total = (all: typeof fills) => all.reduce((sum, { loss }) => sum + loss, 0);
    const instruments = [...new Set(fills.map(({ instrument }) => instrument))];
    const worstSides = instruments.map((id) =>
      Math.max(
        total(fills.filter((one) => one.instrument === id && one.direction > 0)),
        total(fills.filter((one) => one.instrument === id && one.direction < 0)),
      ),
    );
    const resting =
      method === "worstSide" ? worstSides.reduce((sum, x) => sum + x, 0) : total(fills);
    const loss = dampened(-weight * pnl[at]! + share * resting, family);
    return view.terms.gains === "floorUnderlying" ? Math.max(0, loss) : loss;
  });
  const families = rowFamilies.map((name) =>
    Math.max(...losses.filter((_, i) => rows[i]!.family === name)),
  );
  return { losses, families, loss: losses.length === 0 ? 0 : Math.max(...losses) };
}

describe("any scan", () => {
  it.each(seeds(150))("equals its definition on arrays of objects (seed %d)", (seed) => {
    const chance = seededChance(seed);
    const drawn = randomTerms(chance);
    const method = chance.pick(["subsets", "worstSide"] as const);
    const perUnderlying = Object.fromEntries(
      Object.entries(drawn.perUnderlying).map(([id, of]) => [
        id,
        changed(of, { charges: { openOrders: { ...of.charges.openOrders, method } } }),
      ]),
    );
    const terms = { ...drawn, perUnderlying };
    const book = randomBook(chance, { legsMax: 10, ordersMax: 6 });
    for (const result of marginOf(terms, book).underlyings) {
      result.initial.scans.forEach((found, mask) => {
        const slow = slowScan(result, terms, mask);
        const near = (got: number, want: number) =>
          got === want || Math.abs(got - want) <= 1e-12 * Math.max(1, Math.abs(want));
        expect([...found.losses].every((loss, i) => near(loss, slow.losses[i]!))).toBe(true);
        expect([...found.families].every((of, i) => near(of, slow.families[i]!))).toBe(true);
        expect(near(found.loss, slow.loss)).toBe(true);
        const first = slow.losses.findIndex((loss) => tied(loss, slow.loss));
        expect(found.worst).toBe(first);
      });
    }
  });

  it("of explicit rows takes their weights", () => {
    const rows = [row({ slide: 0.1, weight: 3 }), row({ slide: -0.5, weight: 0.5 })];
    const terms = termsOfAll(changed(bareUnderlying, { scenarios: { rows } }));
    const margin = marginOf(
      terms,
      bookOf({ instruments: [perpetual()], positions: { "BTC-PERP": -1 } }),
    );
    expect(margin.underlyings[0]!.initial.scans[0]!.losses[0]).toBeCloseTo(30, 12);
    expect(margin.underlyings[0]!.initial.scans[0]!.losses[1]).toBeCloseTo(-25, 12);
  });
});
