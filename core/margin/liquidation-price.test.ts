import { describe, expect, it } from "vitest";
import type { Book } from "../book.ts";
import { headroom } from "./account.ts";
import {
  type BookParts,
  bookOf,
  future,
  inverse,
  marginOf,
  option,
  perpetual,
  position,
} from "./book.test-kit.ts";
import { seededChance, seeds } from "./chance.test-kit.ts";
import { liquidationPrice, STEPS_DOWN, STEPS_UP } from "./liquidation-price.ts";
import { moveIndex } from "./move.ts";
import { randomBook } from "./random-book.test-kit.ts";
import {
  bareTerms,
  bareUnderlying,
  changed,
  coin,
  houseTerms,
  termsOfAll,
} from "./terms.test-kit.ts";

const flat = termsOfAll(changed(bareUnderlying, { scenarios: { core: ["flat"], slidePoints: 3 } }));
const legs = [perpetual("P"), future("I", { ...inverse(), contractSize: 1 }), option("O")];
const of = (parts: BookParts, terms = flat) =>
  liquidationPrice(bookOf({ instruments: legs, ...parts }), terms, "BTC");

describe("the liquidation price", () => {
  it("of a long lies below, where equity meets the loss of a slide", () => {
    // 200 + 10 (S - 100) = 0.16 x 10 S
    const positions = [position("P", 10, { entryPrice: 100 })];
    const { up, down } = of({ positions, balances: { USD: 200 } });
    expect(up).toBeNull();
    expect(down).toBeCloseTo(800 / 8.4, 8);
  });

  it("of a short lies above", () => {
    // 100 - 5 (S - 100) = 0.16 x 5 S
    const positions = [position("P", -5, { entryPrice: 100 })];
    const { up, down } = of({ positions, balances: { USD: 100 } });
    expect(up).toBeCloseTo(600 / 5.8, 8);
    expect(down).toBeNull();
  });

  it.each([
    ["flat", {}],
    ["so long that nothing reaches it", { balances: { USD: 1e9 }, positions: { P: 1 } }],
  ])("of an account that is %s does not exist", (_, parts) => {
    expect(of(parts)).toEqual({ up: null, down: null });
  });

  it.each([
    ["past it already", { USD: 10 }],
    ["exactly at it", { USD: 160 }],
  ])("of an account %s is not told", (_, balances) => {
    const positions = [position("P", 10, { unrealisedPnl: 0 })];
    expect(of({ balances, positions })).toEqual({ up: null, down: null });
  });

  it("of an underlying that is not listed does not exist", () => {
    const book = bookOf({ instruments: legs, positions: { P: 1 } });
    expect(liquidationPrice(book, flat, "XRP")).toEqual({ up: null, down: null });
  });

  it("counts coin that falls with it", () => {
    const terms = {
      ...flat,
      collateral: { "*": { ...coin, haircutInScenarios: "none" as const } },
    };
    const parts = {
      balances: { BTC: 1 },
      positions: [position("I", 150, { entryPrice: 100 })],
    };
    const { down } = of(parts, terms);
    // 1 coin and 150 dollars long in coin: (1 + 150/100 - 150/S) coins meet the loss of 16 %.
    const slack = (index: number) => {
      const coins = 1 + 1.5 - 150 / index;
      const loss = coins * 0.16 * index + 150 * (1 / (0.84 * index) - 1 / index) * 0.84 * index;
      return coins * index - loss;
    };
    expect(slack(down!)).toBeCloseTo(0, 6);
  });

  it("looks out to a fiftieth and to eight times the index", () => {
    expect([STEPS_DOWN[STEPS_DOWN.length - 1], STEPS_UP[STEPS_UP.length - 1]]).toEqual([0.02, 8]);
    const far = { balances: { USD: 690 }, positions: [position("P", -1, { entryPrice: 100 })] };
    expect(of(far).up).toBeCloseTo(790 / 1.16, 8);
    const farther = { ...far, balances: { USD: 850 } };
    expect(of(farther).up).toBeNull();
  });
});

describe("any liquidation price", () => {
  const slackAt = (book: Book, factor: number) =>
    headroom(marginOf(houseTerms, moveIndex(book, "BTC", factor))).maintenance;

  it.each(seeds(12))(
    "is where maintenance margin meets equity, and the first (seed %d)",
    (seed) => {
      const drawn = randomBook(seededChance(seed), { legsMax: 4 });
      const balances = [{ currency: "USD", amount: "3000000" }];
      const book = { ...drawn, account: { ...drawn.account, balances } };
      const index = book.market.underlyings.get("BTC")!.index;
      const { up, down } = liquidationPrice(book, houseTerms, "BTC");
      const now = slackAt(book, 1);
      for (const [price, steps] of [
        [up, STEPS_UP],
        [down, STEPS_DOWN],
      ] as const) {
        const passed = price === null ? steps : steps.filter((step) => past(step, price / index));
        if (now > 0) {
          for (const step of passed) expect(slackAt(book, step)).toBeGreaterThan(0);
        }
        if (price === null) continue;
        expect(Math.abs(slackAt(book, price / index))).toBeLessThanOrEqual(1e-6 * now);
      }
    },
  );

  it("has none for an account with nothing at all", () => {
    expect(liquidationPrice(bookOf({ balances: {} }), bareTerms, "BTC")).toEqual({
      up: null,
      down: null,
    });
  });
});

/** Whether a step lies between the index and the crossing. */
const past = (step: number, factor: number) =>
  factor > 1 ? step < factor - 1e-9 : step > factor + 1e-9;
