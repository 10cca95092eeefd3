/**
 * The context keeps what it has valued; a context that lived through changes must answer with the
 * bits of a fresh one, and must not value again what did not change.
 */
import { describe, expect, it } from "vitest";
import type {
  Book,
  MarketCurrency,
  MarketInstrument,
  MarketUnderlying,
  PublishedRange,
} from "../book.ts";
import type { Terms } from "../terms.ts";
import { accountMargin } from "./account.ts";
import { bookOf, contextOf, future, type marginOf, option, perpetual } from "./book.test-kit.ts";
import { type Chance, seededChance, seeds } from "./chance.test-kit.ts";
import { marginContext } from "./context.ts";
import { randomBook } from "./random-book.test-kit.ts";
import { randomTerms } from "./random-terms.test-kit.ts";
import { bareTerms, bareUnderlying, houseTerms, termsOfAll } from "./terms.test-kit.ts";

const usd = { currency: "USD", price: 1, underlying: null };

/** A market whose maps can be written, as the live engine's can. */
interface Living {
  asOfMs: number;
  readonly underlyings: Map<string, MarketUnderlying>;
  readonly currencies: Map<string, MarketCurrency>;
  readonly instruments: Map<string, MarketInstrument>;
  readonly ranges: Map<string, PublishedRange>;
  readonly credits: Book["market"]["credits"];
}

const living = ({ market }: Book): Living => ({
  asOfMs: market.asOfMs,
  underlyings: new Map(market.underlyings),
  currencies: new Map(market.currencies),
  instruments: new Map(market.instruments),
  ranges: new Map(market.ranges),
  credits: market.credits,
});

function changeOne<V>(map: Map<string, V>, chance: Chance, change: (of: V) => V): void {
  if (map.size === 0) return;
  const id = chance.pick([...map.keys()]);
  map.set(id, change(map.get(id)!));
}

/** One random event of a live market. */
function happen(chance: Chance, market: Living): void {
  const factor = chance.between(0.9, 1.1);
  switch (chance.whole(0, 5)) {
    case 0:
      changeOne(market.underlyings, chance, (of) => ({ ...of, index: of.index * factor }));
      break;
    case 1:
      changeOne(market.instruments, chance, (of) => ({
        ...of,
        ...(of.mark === undefined ? {} : { mark: of.mark * factor }),
        ...(of.vol === undefined ? {} : { vol: of.vol * factor }),
      }));
      break;
    case 2:
      changeOne(market.currencies, chance, (of) =>
        of.price === undefined ? of : { ...of, price: of.price * factor },
      );
      break;
    case 3:
      market.asOfMs += chance.whole(1, 5) * 3_600_000;
      break;
    default: {
      const initial = chance.between(0.1, 0.5);
      const slideRange = { initial, maintenance: chance.between(0.05, initial) };
      market.ranges.set(chance.pick(["BTC", "ETH"]), { slideRange, volScale: factor });
    }
  }
}

function figures({ requirement, equity, underlyings, groups }: ReturnType<typeof marginOf>) {
  return {
    requirement,
    equity,
    groups,
    scans: underlyings.map(({ initial, maintenance, charges, greeks }) => [
      initial.scanningRisk,
      maintenance.scanningRisk,
      charges,
      greeks,
    ]),
  };
}

describe("a context", () => {
  it.each(seeds(40))("answers after any change as a fresh one does (seed %d)", (seed) => {
    const chance = seededChance(seed);
    const terms = randomTerms(chance, seed % 3 === 0 ? { numeraire: "BTC" } : {});
    const book = randomBook(chance, { legsMax: 10, ordersMax: 3 });
    const market = living(book);
    const index = () => market.underlyings.get("BTC")!.index;
    const numeraire = () =>
      terms.numeraire === "BTC"
        ? { currency: "BTC", price: index(), underlying: "BTC" }
        : { currency: terms.numeraire, price: 1, underlying: null };
    let unit = numeraire();
    let kept = marginContext(terms, market, unit, chance.whole(0, 4));
    for (let i = 0; i < 12; i++) {
      happen(chance, market);
      if (numeraire().price !== unit.price) {
        unit = numeraire();
        kept = marginContext(terms, market, unit);
      }
      const fresh = marginContext(terms, market, unit);
      const got = figures(accountMargin(kept, book.account));
      expect(got).toEqual(figures(accountMargin(fresh, book.account)));
    }
  });

  it("follows the index that a leg's settlement coin is priced by, of another underlying", () => {
    const book = bookOf({
      underlyings: [{ id: "BTC" }, { id: "ETH" }],
      instruments: [perpetual("E", { underlying: "ETH", settleCurrency: "BTC" })],
      positions: { E: 1 },
    });
    const market = living(book);
    const kept = marginContext(bareTerms, market, usd);
    expect(kept.leg("E").unit).toBe(100);
    market.underlyings.set("BTC", { ...market.underlyings.get("BTC")!, index: 200 });
    expect(kept.leg("E").unit).toBe(200);
  });

  it("values nothing twice while the market stands still", () => {
    const context = contextOf(bareTerms, bookOf({ instruments: [perpetual()] }));
    expect(context.leg("BTC-PERP")).toBe(context.leg("BTC-PERP"));
    expect(context.view("BTC")).toBe(context.view("BTC"));
  });

  it("values only the leg whose mark moved", () => {
    const book = bookOf({ instruments: [perpetual("P"), future("F")] });
    const market = living(book);
    const context = marginContext(bareTerms, market, usd);
    const [p, f] = [context.leg("P"), context.leg("F")];
    market.instruments.set("P", { ...p.market, mark: 101 });
    expect(context.leg("P").price).toBe(101);
    expect(context.leg("F")).toBe(f);
  });

  it("keeps the grid when only the index moved", () => {
    const market = living(bookOf({ instruments: [option()] }));
    const context = marginContext(houseTerms, market, usd);
    const before = context.view("BTC");
    market.underlyings.set("BTC", { ...market.underlyings.get("BTC")!, index: 90 });
    const after = context.view("BTC");
    expect(after.index).toBe(90);
    expect(after.planes[0]!.grid).toBe(before.planes[0]!.grid);
  });

  it.each([
    ["view", "XRP", "unknown_underlying", "market.underlyings.XRP"],
    ["leg", "XRP-PERP", "unknown_instrument", "market.instruments.XRP-PERP"],
  ] as const)("refuses a %s that is not listed", (what, id, code, path) => {
    const context = contextOf(bareTerms, bookOf({}));
    expect(() => context[what](id)).toThrow(
      expect.objectContaining({ code, detail: { path, expected: "a listed id", found: id } }),
    );
  });

  const groups = [
    { members: ["BTC", "ETH"], credit: 0.5, beta: { ETH: 1.2 } },
    { members: ["*"], credit: 0.1, beta: {} },
  ];
  const grouped: Terms = termsOfAll(bareUnderlying, { offsets: { groups } });

  it.each([
    ["the group that names it", "BTC", 0],
    ["the group of all, unnamed", "XRP", 1],
  ] as const)("finds %s", (_, id, at) => {
    const context = contextOf(grouped, bookOf({}));
    expect(context.group(id)).toBe(groups[at]);
  });

  it("finds no group where none names it", () => {
    const terms = termsOfAll(bareUnderlying, { offsets: { groups: groups.slice(0, 1) } });
    expect(contextOf(terms, bookOf({})).group("XRP")).toBeUndefined();
  });

  it.each([
    ["BTC", 1],
    ["ETH", 1.2],
  ] as const)("gives %s its beta", (id, beta) => {
    const context = contextOf(grouped, bookOf({ underlyings: [{ id: "BTC" }, { id: "ETH" }] }));
    expect(context.view(id).beta).toBe(beta);
  });

  it("takes an underlying's own terms before those of all", () => {
    const own = { ...bareUnderlying, factors: { initial: 2, maintenance: 1 } };
    const terms = termsOfAll(bareUnderlying, {
      perUnderlying: { "*": bareUnderlying, BTC: own },
    });
    const context = contextOf(terms, bookOf({ underlyings: [{ id: "BTC" }, { id: "ETH" }] }));
    expect(context.view("BTC").terms).toBe(own);
    expect(context.view("ETH").terms).toBe(bareUnderlying);
  });
});
