/**
 * Books that are the same thing said otherwise, or that differ by nothing.
 */
import { describe, expect, it } from "vitest";
import type { Book, Position } from "../book.ts";
import { headroom } from "./account.ts";
import { bookOf, inverse, marginOf, option, perpetual, position } from "./book.test-kit.ts";
import { type Chance, seededChance, seeds } from "./chance.test-kit.ts";
import { randomBook } from "./random-book.test-kit.ts";
import { everyRecipe, randomTerms } from "./random-terms.test-kit.ts";

const cases = everyRecipe.flatMap((recipe) => seeds(40).map((seed) => ({ recipe, seed })));

const withPositions = ({ market, account }: Book, positions: readonly Position[]): Book => ({
  market,
  account: { ...account, positions },
});

function near(got: number, want: number, scale = 1): void {
  expect(Math.abs(got - want)).toBeLessThanOrEqual(1e-9 * Math.max(scale, Math.abs(want)));
}

describe("two books together", () => {
  it.each(cases)("never have more scanning risk than apart ($recipe, seed $seed)", (one) => {
    const chance = seededChance(one.seed);
    const terms = randomTerms(chance, { recipe: one.recipe, linear: true, bare: true });
    const drawn = randomBook(chance, { legsMax: 16 });
    const book = { ...drawn, account: { ...drawn.account, balances: [] } };
    const { positions } = book.account;
    const split = chance.whole(0, positions.length);
    const risk = (held: readonly Position[]) =>
      marginOf(terms, withPositions(book, held)).underlyings.reduce(
        (sum, { initial }) => sum + initial.scanningRisk,
        0,
      );
    const apart = risk(positions.slice(0, split)) + risk(positions.slice(split));
    expect(risk(positions)).toBeLessThanOrEqual(apart * (1 + 1e-9) + 1e-9);
  });
});

describe("nothing", () => {
  it.each(cases)("changes nothing where it is held ($recipe, seed $seed)", ({ recipe, seed }) => {
    const chance = seededChance(500 + seed);
    const terms = randomTerms(chance, { recipe });
    const book = randomBook(chance, { legsMax: 8, ordersMax: 2 });
    const idle = perpetual("q", { underlying: chance.pick(["BTC", "ETH"]) }, { confidence: 0.1 });
    const more: Book = {
      market: {
        ...book.market,
        instruments: new Map(book.market.instruments).set("q", idle),
      },
      account: {
        ...book.account,
        positions: [...book.account.positions, position("q", 0, { entryPrice: 50 })],
        balances: [...book.account.balances, { currency: "ETH", amount: "0", location: "chain" }],
      },
    };
    const [before, after] = [marginOf(terms, book), marginOf(terms, more)];
    near(after.requirement.initial, before.requirement.initial);
    near(after.requirement.maintenance, before.requirement.maintenance);
    near(after.equity.initial, before.equity.initial);
    expect(after.status).toBe(before.status);
  });

  it.each(seeds(60))("but headroom is changed by cash, dollar for dollar (seed %d)", (seed) => {
    const chance = seededChance(900 + seed);
    const terms = randomTerms(chance, { numeraire: "USD" });
    const book = randomBook(chance, { legsMax: 8, ordersMax: 2 });
    const balances = [...book.account.balances, { currency: "USD", amount: "1000" }];
    const rich = { ...book, account: { ...book.account, balances } };
    const [before, after] = [marginOf(terms, book), marginOf(terms, rich)];
    expect(after.requirement).toEqual(before.requirement);
    near(headroom(after).initial - headroom(before).initial, 1000, before.equity.initial);
  });
});

/** A call and a put of one strike, expiry and vol, and what they are together: a forward. */
function parity(chance: Chance, settlement: "linear" | "inverse"): Book {
  const index = chance.between(100, 1000);
  const spec = {
    ...(settlement === "inverse" ? inverse() : {}),
    strike: index * chance.between(0.5, 1.6),
    secondsToExpiry: chance.pick([600, 3_600, 86_400, 40 * 86_400]),
  };
  const says = { forward: index * chance.between(0.9, 1.1), vol: chance.between(0.1, 2) };
  return bookOf({
    underlyings: [{ id: "BTC", index }],
    balances: {},
    instruments: [
      option("C", spec, says),
      option("P", { ...spec, right: "put" }, says),
      option("Z", { ...spec, strike: 1e-14 * index }, says),
    ],
    positions: { C: 1, P: -1, Z: -1 },
  });
}

describe("a call against a put", () => {
  it.each(cases)("is a forward in every row ($recipe, seed $seed)", ({ recipe, seed }) => {
    const chance = seededChance(1300 + seed);
    const terms = { ...randomTerms(chance, { recipe, linear: true }), numeraire: "USD" };
    const of = terms.perUnderlying["*"]!;
    const plain = { ...of, discountOptions: false, settlementAveragingSeconds: 0 };
    const book = parity(chance, chance.pick(["linear", "inverse"] as const));
    const margin = marginOf({ ...terms, perUnderlying: { "*": plain }, collateral: {} }, book);
    const { view, pnl } = margin.underlyings[0]!;
    const strike = book.market.instruments.get("C")!.spec.strike!;
    const { settlement } = book.market.instruments.get("C")!.spec;
    const { slide, coinFactor } = view.planes[0]!;
    const { forward } = book.market.instruments.get("C")!;
    // Call less put less a call at nothing is less the strike: flat in dollars, K (1/F - 1/F1) in
    // coin.
    pnl.forEach((got, at) => {
      const moved = forward! * (1 + slide[at]!);
      const coins = strike * (1 / forward! - 1 / moved);
      near(got, settlement === "linear" ? 0 : coins * coinFactor[at]!, view.index);
    });
  });
});

describe("an inverse perpetual marked at the index", () => {
  it.each(seeds(40))("is as many units, converted where the row stands (seed %d)", (seed) => {
    const chance = seededChance(1700 + seed);
    const index = chance.between(100, 1000);
    const dollars = chance.between(-5000, 5000);
    const held = (id: string, quantity: number) =>
      bookOf({
        underlyings: [{ id: "BTC", index }],
        balances: {},
        instruments: [
          perpetual("I", inverse(), { mark: index }),
          perpetual("L", {}, { mark: index }),
        ],
        positions: { [id]: quantity },
      });
    const drawn = randomTerms(chance, { recipe: "ladder", linear: true, numeraire: "USD" });
    const of = { ...drawn.perUnderlying["*"]!, conversion: "shocked" as const };
    const terms = { ...drawn, perUnderlying: { "*": of } };
    const [coin, units] = [
      marginOf(terms, held("I", dollars)),
      marginOf(terms, held("L", dollars / index)),
    ];
    near(coin.requirement.initial, units.requirement.initial);
    near(coin.requirement.maintenance, units.requirement.maintenance);
    near(coin.underlyings[0]!.greeks.delta, units.underlyings[0]!.greeks.delta);
  });
});
