/**
 * What holds for any book under any terms: sums, order, direction of rounding, stages.
 *
 * Books and terms are drawn by a seed that stands in the title of each case.
 */
import { describe, expect, it } from "vitest";
import type { Book } from "../book.ts";
import type { Terms } from "../terms.ts";
import { accountMargin } from "./account.ts";
import { contextOf, marginOf, statementOf } from "./book.test-kit.ts";
import { type Chance, seededChance, seeds } from "./chance.test-kit.ts";
import { explain } from "./explain.ts";
import { randomBook, reordered } from "./random-book.test-kit.ts";
import { randomTerms } from "./random-terms.test-kit.ts";
import { statementFigures, wholeStatement } from "./statement.ts";
import { houseTerms } from "./terms.test-kit.ts";

interface Drawn {
  readonly chance: Chance;
  readonly terms: Terms;
  readonly book: Book;
}

/**
 * Every fifth case is under the house's own terms, every fifth has rows that know a sign, every
 * tenth has up to 60 legs.
 */
function drawn(seed: number, legsMax = seed % 10 === 0 ? 60 : 15): Drawn {
  const chance = seededChance(seed);
  const signed = seed % 5 === 0;
  const terms = seed % 5 === 1 ? houseTerms : randomTerms(chance, { signed });
  return { chance, terms, book: randomBook(chance, { legsMax, ordersMax: signed ? 0 : 5 }) };
}

describe("any book", () => {
  it.each(seeds(150))("gives the same bits in any order of its parts (seed %d)", (seed) => {
    const { chance, terms, book } = drawn(seed);
    const figures = figuresOf(terms, book);
    expect(figuresOf(terms, reordered(chance, book))).toBe(figures);
  });

  it.each(seeds(6))("prints the same document in any order of its parts (seed %d)", (seed) => {
    const { chance, terms, book } = drawn(seed, 6);
    const text = JSON.stringify(statementOf(terms, book));
    expect(JSON.stringify(statementOf(terms, reordered(chance, book)))).toBe(text);
  });

  it.each(seeds(150))("asks as much to open as to keep, where terms say so (seed %d)", (seed) => {
    const { terms, book } = drawn(1000 + seed);
    const margin = marginOf({ ...terms, initialAtLeastMaintenance: true }, book);
    const { initial, maintenance } = margin.portfolio.requirement;
    expect(initial).toBeGreaterThanOrEqual(maintenance);
    expect(margin.portfolio.unfloored.maintenance).toBe(maintenance);
  });

  it.each(seeds(150))("has explain lines that add up (seed %d)", (seed) => {
    const { terms, book } = drawn(2000 + seed);
    const margin = marginOf(terms, book);
    const sum = explain(margin).reduce((total, { amount }) => total + amount, 0);
    expectNear(sum, margin.requirement.initial);
  });

  it.each(seeds(150))("keeps joint at most group at most sum (seed %d)", (seed) => {
    const { terms, book } = drawn(3000 + seed);
    for (const group of marginOf(terms, book).groups) {
      for (const stage of [group.initial, group.maintenance]) {
        const { joint, requirement, standaloneSum, saved } = stage;
        const slack = 1e-9 * standaloneSum;
        expect(saved).toBeGreaterThanOrEqual(-slack);
        expect(joint.loss).toBeLessThanOrEqual(requirement + slack);
        expect(requirement).toBeLessThanOrEqual(standaloneSum + slack);
      }
    }
  });

  it.each(seeds(15))("rounds against the account, by less than a step (seed %d)", (seed) => {
    const { terms, book } = drawn(4000 + seed, 5);
    const { document, raw } = statementOf(terms, book);
    const { step } = terms;
    const rounded = amountsOf(document, raw);
    expect(rounded.length).toBeGreaterThan(20);
    for (const { path, text, figure } of rounded) {
      const up = /Margin$|capital$|scanningRisk|charges|standaloneSum|loss$|requirement/;
      const toward = (Number(text) - figure) * (up.test(path) ? 1 : -1);
      const within = toward <= step + 1e-15 * Math.abs(figure);
      expect([path, toward >= 0, within]).toEqual([path, true, true]);
    }
  });

  it.each(seeds(100))("never asks less than nothing, nor anything of nobody (seed %d)", (seed) => {
    const { terms, book } = drawn(5000 + seed);
    const margin = marginOf(terms, book);
    for (const result of margin.underlyings) {
      for (const { requirement, scanningRisk } of [result.initial, result.maintenance]) {
        expect(requirement).toBeGreaterThanOrEqual(0);
        expect(scanningRisk).toBeGreaterThanOrEqual(0);
      }
      for (const [name, charge] of Object.entries(result.charges)) {
        expect([name, charge.initial >= 0, charge.maintenance >= 0]).toEqual([name, true, true]);
      }
    }
    const flat = { ...book.account, positions: [], openOrders: [], balances: [] };
    const { requirement, equity } = accountMargin(contextOf(terms, book), flat);
    expect([requirement, equity]).toEqual([
      { initial: 0, maintenance: 0 },
      { initial: 0, maintenance: 0 },
    ]);
  });
});

const frame = {
  turn: null,
  termsHash: "0".repeat(64),
  marks: { oldestAgeMs: null, stale: [], quarantined: [], state: "OK" as const },
  told: () => undefined,
};

/** The statement without liquidation prices as a text: a float prints its shortest form. */
function figuresOf(terms: Terms, book: Book): string {
  const context = contextOf(terms, book);
  const margin = accountMargin(context, book.account);
  return JSON.stringify(wholeStatement(statementFigures(context, margin, frame), margin, frame));
}

function expectNear(got: number, want: number): void {
  expect(Math.abs(got - want)).toBeLessThanOrEqual(1e-9 * Math.max(1, Math.abs(want)));
}

interface Rounded {
  readonly path: string;
  readonly text: string;
  readonly figure: number;
}

/** Every place at which the document has a text and the raw tree a number. */
function amountsOf(document: unknown, raw: unknown, path = ""): Rounded[] {
  if (typeof raw === "number" && typeof document === "string") {
    return [{ path, text: document, figure: raw }];
  }
  if (raw === null || typeof raw !== "object" || path.endsWith("explain")) return [];
  return Object.entries(raw).flatMap(([name, inner]) =>
    amountsOf((document as Record<string, unknown>)[name], inner, `${path}.${name}`),
  );
}
