import { describe, expect, it } from "vitest";
import type { UnderlyingTerms } from "../terms.ts";
import {
  type BookParts,
  bookOf,
  contextOf,
  future,
  holding,
  option,
  perpetual,
} from "./book.test-kit.ts";
import { seededChance, seeds } from "./chance.test-kit.ts";
import { portfolioRows } from "./portfolio-rows.ts";
import { randomBook } from "./random-book.test-kit.ts";
import { discountTerms, randomTerms, skewTerms } from "./random-terms.test-kit.ts";
import { bareUnderlying, changed, row, termsOfAll } from "./terms.test-kit.ts";

const DAY = 86_400;
const YEAR = 365 * DAY;

const legs: BookParts = {
  instruments: [
    perpetual("P"),
    future("F"),
    option("C", {}, { rate: 0.05 }),
    option("K", { strike: 120 }, { rate: 0.05 }),
    option("L", { secondsToExpiry: 90 * DAY }, { rate: -0.02 }),
  ],
};
const rows = [row({ slide: -0.1 }), row({}), row({ slide: 0.1 }), row({ skew: "linear" })];
const terms = (change: Partial<UnderlyingTerms> = {}) =>
  changed(bareUnderlying, { ...change, scenarios: { rows } });

function pnl(
  of: UnderlyingTerms,
  held: Readonly<Record<string, number>>,
  coinUsd = 0,
  numeraire = "USD",
): readonly number[] {
  const context = contextOf(termsOfAll(of, { numeraire }), bookOf(legs));
  const holdings = Object.entries(held).map(([id, quantity]) => holding(context, id, quantity));
  return [...portfolioRows(context.view("BTC"), 0, holdings, coinUsd)];
}

function array(of: UnderlyingTerms, id: string): readonly number[] {
  return [...contextOf(termsOfAll(of), bookOf(legs)).leg(id).arrays[0]!];
}

function near(got: readonly number[], want: readonly number[]): void {
  expect(got).toHaveLength(want.length);
  got.forEach((x, i) => {
    expect(x).toBeCloseTo(want[i]!, 9);
  });
}

describe("the P&L of an underlying by row", () => {
  it("is nothing of nothing", () => {
    expect(pnl(terms(), {})).toEqual([0, 0, 0, 0]);
  });

  it("adds up legs by their quantity", () => {
    const [p, c] = [array(terms(), "P"), array(terms(), "C")];
    near(
      pnl(terms(), { P: 3, C: -2 }),
      p.map((x, i) => 3 * x - 2 * c[i]!),
    );
  });

  it("slides coin with the row, in dollars or in the coin itself", () => {
    near(pnl(terms(), {}, 500), [-50, 0, 50, 0]);
    near(pnl(terms(), {}, 500, "BTC"), [-50 / 90, 0, 50 / 110, 0]);
  });
});

describe("a skew row", () => {
  const skewed = terms({ skew: skewTerms });

  it.each([
    ["long", { K: 2 }],
    ["short", { K: -2 }],
  ])("counts the wing of a %s expiry against it", (_, held) => {
    expect(array(skewed, "K")[3]).not.toBe(0);
    expect(pnl(skewed, held)[3]).toBeCloseTo(-2 * Math.abs(array(skewed, "K")[3]!), 12);
  });

  it("nets inside an expiry and adds up over expiries", () => {
    const [c, k, l] = ["C", "K", "L"].map((id) => array(skewed, id)[3]!);
    const expected = -Math.abs(c! - 3 * k!) - Math.abs(2 * l!);
    expect(pnl(skewed, { C: 1, K: -3, L: 2 })[3]).toBeCloseTo(expected, 12);
  });

  it("is about options alone: a future has its own P&L", () => {
    const tilted = changed(skewed, {
      scenarios: { rows: [row({ slide: 0.1, skew: "linear" })] },
    });
    expect(pnl(tilted, { F: 1 })[0]).toBeCloseTo(10, 12);
  });

  it("changes no other row", () => {
    expect(pnl(skewed, { C: 1, K: -3 }).slice(0, 3)).toEqual(
      pnl(terms(), { C: 1, K: -3 }).slice(0, 3),
    );
  });
});

describe("a static discount", () => {
  const discounted = terms({ staticDiscount: discountTerms });
  const value = (id: string) => contextOf(termsOfAll(terms()), bookOf(legs)).leg(id).value;
  const years = 30 / 365;
  const long = 0.95 * Math.exp(-years * (0.05 + 0.08));
  const short = 1.04 * Math.exp(years * (0.05 * 0.5 + 0.08));

  it.each([
    ["what is worth something, by the long factor", 2, long],
    ["what is owed, by the short factor", -2, Math.min(short, Math.exp(0.05 * years))],
  ])("multiplies %s, against the plain value now", (_, quantity, factor) => {
    const plain = array(terms(), "C");
    const now = quantity * value("C");
    near(
      pnl(discounted, { C: quantity }),
      plain.map((x) => (now + quantity * x) * factor - now),
    );
  });

  it("is bounded by what the rate alone does, where the short factor is larger", () => {
    const mild = { ...discountTerms, short: 0.5 };
    const now = -2 * value("C");
    const expected = now * 0.5 * Math.exp(years * (0.025 + 0.08)) - now;
    expect(pnl(terms({ staticDiscount: mild }), { C: -2 })[1]).toBeCloseTo(expected, 9);
  });

  it("takes no rate below nothing", () => {
    const quarter = (90 * DAY) / YEAR;
    const now = value("L");
    const expected = now * 0.95 * Math.exp(-quarter * 0.08) - now;
    expect(pnl(discounted, { L: 1 })[1]).toBeCloseTo(expected, 9);
  });

  it("looks at what an expiry is worth together", () => {
    const [c, k] = [array(terms(), "C"), array(terms(), "K")];
    const now = value("C") - value("K");
    near(
      pnl(discounted, { C: 1, K: -1 }),
      c.map((x, i) => (now + x - k[i]!) * long - now),
    );
  });

  it("leaves what is no option alone", () => {
    near(pnl(discounted, { P: 1 }), [-10, 0, 10, 0]);
  });
});

describe("any holdings", () => {
  it.each(seeds(80))("lose leg by leg what they lose together, less signs (seed %d)", (seed) => {
    const chance = seededChance(seed);
    const signed = seed % 2 === 0;
    const of = randomTerms(chance, { signed });
    const book = randomBook(chance, { legsMax: 12 });
    const context = contextOf(of, book);
    for (const id of book.market.underlyings.keys()) {
      const view = context.view(id);
      const { skew, staticDiscount } = view.terms;
      const holdings = book.account.positions
        .filter(({ instrument }) => context.leg(instrument).market.spec.underlying === id)
        .map(({ instrument, quantity }) => holding(context, instrument, Number(quantity)));
      const coin = chance.between(-100, 100);
      const got = portfolioRows(view, 0, holdings, coin);
      const { grid, linearFactor } = view.planes[0]!;
      got.forEach((x, at) => {
        const legs = holdings.reduce((sum, h) => sum + h.quantity * h.leg.arrays[0]![at]!, 0);
        const plain = legs + coin * grid.slide[at]! * linearFactor[at]!;
        const scale = holdings.reduce(
          (sum, h) => sum + Math.abs(h.quantity * h.leg.arrays[0]![at]!),
          1,
        );
        if (skew === null && staticDiscount === null) {
          expect(Math.abs(x - plain)).toBeLessThanOrEqual(1e-12 * scale);
        } else if (staticDiscount === null && grid.skewCode[at] !== 0) {
          expect(x).toBeLessThanOrEqual(plain + 1e-9 * scale);
        }
      });
    }
  });
});
