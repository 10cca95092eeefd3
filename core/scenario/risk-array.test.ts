import { describe, expect, it } from "vitest";
import type { MarketInstrument } from "../book.ts";
import {
  bond,
  bookOf,
  contextOf,
  future,
  inverse,
  option,
  perpetual,
  spot,
} from "../margin/book.test-kit.ts";
import { seededChance, seeds } from "../margin/chance.test-kit.ts";
import { randomBook } from "../margin/random-book.test-kit.ts";
import { discountTerms, randomTerms, skewTerms } from "../margin/random-terms.test-kit.ts";
import {
  bareUnderlying,
  changed,
  row,
  termsOfAll,
  usualTails,
  usualVol,
} from "../margin/terms.test-kit.ts";
import type { UnderlyingView } from "../margin/view.ts";
import { black } from "../pricing/black76.ts";
import type { RowTerms, Terms, UnderlyingTerms } from "../terms.ts";
import { rowFamilies } from "../terms.ts";
import { skewCodes, volCodes } from "./grid.ts";
import { optionValueAt } from "./risk-array.ts";
import { shockVol } from "./vol-shock.ts";

const DAY = 86_400;
const YEAR = 365 * DAY;

/** The P&L of `leg` under `rows`, by row. */
function pnl(
  leg: MarketInstrument,
  rows: readonly Partial<RowTerms>[],
  change: Partial<UnderlyingTerms> = {},
  rest: Partial<Terms> = {},
): readonly number[] {
  const of = changed(bareUnderlying, { ...change, scenarios: { rows: rows.map(row) } });
  const book = bookOf({
    underlyings: [{ id: leg.spec.underlying }],
    currencies: [{ id: "USDC", price: 0.9 }],
    instruments: [leg],
  });
  return [...contextOf(termsOfAll(of, rest), book).leg(leg.spec.id).arrays[0]!];
}

const slides = [{ slide: -0.5 }, { slide: -0.16 }, {}, { slide: 0.16 }, { slide: 2 }];

describe("a future", () => {
  it.each([
    ["of one unit", {}, [-50, -16, 0, 16, 200]],
    ["of contract size 10", { contractSize: 10 }, [-500, -160, 0, 160, 2000]],
    ["settled in a currency at 0.9", { settleCurrency: "USDC" }, [-45, -14.4, 0, 14.4, 180]],
  ])("%s moves with the slide", (_, spec, expected) => {
    pnl(future("F", spec), slides).forEach((got, i) => {
      expect(got).toBeCloseTo(expected[i]!, 12);
    });
  });

  it("moves from its own mark, not from the index", () => {
    expect(pnl(future("F", {}, { mark: 110 }), [{ slide: 0.1 }])[0]).toBeCloseTo(11, 12);
  });

  it.each([
    ["shocked", [-10 / 0.9, 0, 10 / 1.1], [90, 100, 110]],
    ["base", [-10 / 0.9, 0, 10 / 1.1], [100, 100, 100]],
    ["rangeEdge", [-10 / 0.9, 0, 10 / 1.1], [95, 100, 105]],
  ] as const)("inverse: coin P&L at the index that '%s' names", (conversion, coins, at) => {
    const of = changed(bareUnderlying, {
      conversion,
      scenarios: { slideRange: 0.05, rows: [-0.1, 0, 0.1].map((slide) => row({ slide })) },
    });
    const leg = future("F", { ...inverse(), contractSize: 100 });
    const book = bookOf({ instruments: [leg] });
    const array = contextOf(termsOfAll(of), book).leg("F").arrays[0]!;
    array.forEach((got, i) => {
      expect(got).toBeCloseTo((coins[i]! / 100) * at[i]!, 12);
    });
  });

  it("inverse, in a coin numeraire, is coin as it is where conversion is shocked", () => {
    const leg = future("F", { ...inverse(), contractSize: 100 });
    const [down, up] = pnl(leg, [{ slide: -0.2 }, { slide: 0.25 }], {}, { numeraire: "BTC" });
    expect(down).toBeCloseTo(100 * (1 / 100 - 1 / 80), 14);
    expect(up).toBeCloseTo(100 * (1 / 100 - 1 / 125), 14);
  });

  it("linear, in a coin numeraire, is divided by the coin's price in the row", () => {
    const [down] = pnl(future(), [{ slide: -0.2 }], {}, { numeraire: "BTC" });
    expect(down).toBeCloseTo(-20 / 80, 14);
  });
});

describe("spot", () => {
  it("moves by its mark and its size", () => {
    expect(pnl(spot("S", { contractSize: 2 }, { mark: 98 }), [{ slide: 0.1 }])[0]).toBeCloseTo(
      19.6,
      12,
    );
  });
});

describe("a tail where futures stop at the range's edge", () => {
  const of = changed(bareUnderlying, {
    scenarios: {
      slideRange: 0.2,
      slidePoints: 3,
      core: ["flat"],
      tails: { ...usualTails, moves: [-0.5, 1], linear: "clampAtRange" },
    },
  });
  const arrays = (leg: MarketInstrument, terms: UnderlyingTerms = of) =>
    contextOf(termsOfAll(terms), bookOf({ instruments: [leg] })).leg(leg.spec.id).arrays[0]!;

  it.each([
    ["a future", future("X"), [-20 / 0.4, 20 / 0.2]],
    ["a perpetual", perpetual("X"), [-20 / 0.4, 20 / 0.2]],
    ["spot, which follows it", spot("X"), [-50, 100]],
  ])("%s counts whole at the edge, whatever the row weighs", (_, leg, expected) => {
    const [, , , down, up] = arrays(leg);
    expect(down).toBeCloseTo(expected[0]!, 12);
    expect(up).toBeCloseTo(expected[1]!, 12);
  });

  it("an option follows it", () => {
    expect(arrays(option("X"))[4]).toBeGreaterThan(90);
  });

  it("the slides themselves are as they were", () => {
    expect([...arrays(future("X"))].slice(0, 3)).toEqual([-20, 0, 20]);
  });

  it("is nothing where its row weighs nothing", () => {
    const none = changed(of, { scenarios: { tails: { ...of.scenarios.tails!, factor: 0 } } });
    expect([...arrays(future("X"), none)].slice(3)).toEqual([0, 0]);
  });
});

describe("a bond", () => {
  it("moves by duration and convexity with the rate alone", () => {
    const of = changed(bareUnderlying, {
      scenarios: { rows: [row({ dr: 0.01 }), row({ dr: -0.01 }), row({ slide: -0.5 })] },
    });
    const book = bookOf({ underlyings: [{ id: "T10Y" }], instruments: [bond()] });
    const array = contextOf(termsOfAll(of), book).leg("T10Y").arrays[0]!;
    expect(array[0]).toBeCloseTo(985 * (-8.1 * 0.01 + (78 * 0.0001) / 2), 10);
    expect(array[1]).toBeCloseTo(985 * (8.1 * 0.01 + (78 * 0.0001) / 2), 10);
    expect(array[2]).toBeCloseTo(0, 12);
  });
});

describe("a given risk array", () => {
  it("is taken by row, in its currency", () => {
    const leg = future("G", { settleCurrency: "USDC", riskArray: { "0": -10, "1": 20 } }, {});
    expect(pnl(leg, [{ slide: 9 }, { weight: 0.5 }])).toEqual([-9, (20 * 0.9) / 0.5]);
  });
});

describe("an option", () => {
  const value = (forward: number, vol: number, seconds: number, rate = 0, call = true) =>
    Math.exp((-rate * seconds) / YEAR) * black(forward, 100, vol * Math.sqrt(seconds / YEAR), call);
  const now = value(100, 0.6, 30 * DAY);
  const flat = { ...usualVol, shortPower: 0, longPower: 0, minShockedVol: 0 };

  it.each([
    ["a slide", { slide: 0.16 }, value(116, 0.6, 30 * DAY)],
    ["a vol up", { vol: "up" }, value(100, 0.9, 30 * DAY)],
    ["a vol down", { vol: "down" }, value(100, 0.45, 30 * DAY)],
    ["a vol of its own", { vol: 0.45 }, value(100, 0.6 * 1.45, 30 * DAY)],
    ["a vol that would be negative", { vol: -1, volPoints: -1 }, value(100, 0, 30 * DAY)],
    ["vol points, last of all", { vol: "up", volPoints: 0.05 }, value(100, 0.95, 30 * DAY)],
    ["a day", { dtDays: 1 }, value(100, 0.6, 29 * DAY)],
    ["its last day", { dtDays: 30, slide: 0.2 }, 20],
    ["more than its last day", { dtDays: 31, slide: 0.2 }, 20],
    ["a rate", { dr: 0.05 }, value(100, 0.6, 30 * DAY, 0.05)],
    ["a fall to nearly nothing", { slide: -0.99999 }, 0],
  ] as const)("is revalued under %s", (_, one, expected) => {
    expect(pnl(option(), [one], { vol: [flat] })[0]).toBeCloseTo(expected - now, 10);
  });

  it.each([
    ["as it is", null, 0.02, 0.07],
    ["at the floor while below it", 0.05, 0.05, 0.07],
    ["at the floor alone", 0.2, 0.2, 0.2],
  ])("is discounted at its rate and what the row adds, %s", (_, rateFloor, at, moved) => {
    const [got] = pnl(option("O", {}, { rate: 0.02 }), [{ dr: 0.05 }], { rateFloor });
    const expected = value(100, 0.6, 30 * DAY, moved) - value(100, 0.6, 30 * DAY, at);
    expect(got).toBeCloseTo(expected, 10);
  });

  it("is never discounted where terms say so", () => {
    const [got] = pnl(option("O", {}, { rate: 0.2 }), [{ dr: 0.5 }], { discountOptions: false });
    expect(got).toBeCloseTo(0, 12);
  });

  it("inverse: coin value over the forward of the row, at the index of the row", () => {
    const leg = option("O", inverse(), { rate: 0.2 });
    const [got] = pnl(leg, [{ slide: 0.25, dr: 0.5 }]);
    const coins = value(125, 0.6, 30 * DAY) / 125 - now / 100;
    expect(got).toBeCloseTo(coins * 125, 10);
  });

  it("moves only the part of its forward that is not yet averaged", () => {
    const leg = option("O", { secondsToExpiry: 600 });
    const [up] = pnl(leg, [{ slide: 0.3 }], { settlementAveragingSeconds: 1800 });
    expect(up).toBeCloseTo(value(110, 0.6, 600) - value(100, 0.6, 600), 10);
  });

  it("stands still where its whole forward is fixed", () => {
    const leg = option("O", { right: "put" }, { forwardFixed: 100 });
    expect(pnl(leg, [{ slide: -0.9 }, { slide: 3 }])).toEqual([0, 0]);
  });

  it("has a forward of at least nothing, even from a fixed part below it", () => {
    const leg = { call: false, forwardMoving: 150, forwardFixed: -50, strike: 100, size: 1 };
    const rest = { vol: 0, rate: 0, rateFloor: null, discounted: true, seconds: 0 };
    const shape = { kind: "option", inverse: false, currencyPrice: 1, ...leg, ...rest } as const;
    expect(optionValueAt(shape, -0.9, 0, 0, 0)).toBe(100);
  });

  it("keeps the tenor of today for its vol shock in a row that takes time", () => {
    const rule = { ...usualVol, minShockedVol: 0 };
    const [got] = pnl(option(), [{ vol: "up", dtDays: 20 }], { vol: [rule] });
    expect(got).toBeCloseTo(value(100, 0.9, 10 * DAY) - now, 10);
  });
});

describe("a skew row", () => {
  const wings = { ...skewTerms, linearBase: 0, absoluteBase: 0, kStarMin: 0.2, widthScale: 0 };
  const tilted = (strike: number, kind: "linear" | "absolute", vol: RowTerms["vol"] = "flat") =>
    pnl(option("O", { strike }), [{ skew: kind, vol }], { skew: wings, vol: [usualVol] })[0]!;
  const at = (strike: number, vol: number) =>
    black(100, strike, vol * Math.sqrt(30 / 365), true) -
    black(100, strike, 0.6 * Math.sqrt(30 / 365), true);

  it.each([
    ["linear", "leaves the money alone", 100, 1],
    ["linear", "raises the upper wing by the slope", 110, 1 + (Math.log(1.1) * 0.15) / 0.2],
    ["linear", "raises it by the cap at most", 150, 1.15],
    ["linear", "lowers the lower wing by the slope", 90, 1 + (Math.log(0.9) * 0.15) / 0.2],
    ["linear", "lowers it by the cap at most", 50, 0.85],
    ["absolute", "leaves the money alone", 100, 1],
    ["absolute", "raises the upper wing", 110, 1 + (Math.log(1.1) * 0.15) / 0.2],
    ["absolute", "raises the lower wing as well", 90, 1 - (Math.log(0.9) * 0.15) / 0.2],
    ["absolute", "raises it by the cap at most", 50, 1.15],
  ] as const)("%s: %s (strike %d)", (kind, _, strike, multiple) => {
    expect(tilted(strike, kind)).toBeCloseTo(at(strike, 0.6 * multiple), 10);
  });

  it("tilts the shocked vol where the row has both", () => {
    expect(tilted(150, "linear", "up")).toBeCloseTo(at(150, 0.9 * 1.15), 10);
  });

  it("has a cap and a width that change with the root of time", () => {
    const rootT = Math.sqrt(30 / 365);
    const cap = -0.05 * rootT + 0.15;
    const width = rootT * 4 * (0.6 - 0.1 * rootT);
    const multiple = 1 + Math.min(cap, (Math.log(1.1) * cap) / Math.max(0.01, width));
    const [got] = pnl(option("O", { strike: 110 }), [{ skew: "linear" }], { skew: skewTerms });
    expect(got).toBeCloseTo(at(110, 0.6 * multiple), 10);
  });

  it("never makes a vol negative", () => {
    const steep = { ...wings, linearCap: 3 };
    const [got] = pnl(option("O", { strike: 50 }), [{ skew: "linear" }], { skew: steep });
    expect(got).toBeCloseTo(at(50, 0), 10);
  });
});

/** The definition, row by row and kind by kind, from the market and nothing prepared. */
function slowPnl(
  { spec, ...says }: MarketInstrument,
  view: UnderlyingView,
  plane: number,
  at: number,
  prices: { readonly currency: number; readonly numeraire: number; readonly own: boolean },
): number {
  const { grid, weight } = view.planes[plane]!;
  const { terms, index } = view;
  const range = plane === view.initial.plane ? view.initial.range : view.maintenance.range;
  const tail = rowFamilies[grid.family[at]!] === "tails";
  const stops = spec.kind === "future" || spec.kind === "perpetual";
  const atEdge = tail && stops && terms.scenarios.tails?.linear === "clampAtRange";
  const edge = (x: number) => Math.min(range, Math.max(-range, x));
  const slide = atEdge ? edge(grid.slide[at]!) : grid.slide[at]!;
  const shifts = { shocked: slide, rangeEdge: edge(slide), base: 0 };
  const converted = index * (1 + shifts[terms.conversion]);
  const coin = prices.own ? (index * (1 + slide)) / converted : converted / prices.numeraire;
  const dollar = prices.own ? 1 / converted : 1 / prices.numeraire;
  const lift = atEdge ? (weight[at]! > 0 ? 1 / weight[at]! : 0) : 1;
  const inverted = spec.settlement === "inverse";
  if (spec.kind !== "option") {
    const mark = says.mark!;
    return inverted
      ? spec.contractSize * (1 / mark - 1 / (mark * (1 + slide))) * coin * lift
      : spec.contractSize * mark * slide * prices.currency * dollar * lift;
  }
  const seconds = spec.secondsToExpiry!;
  const forward = says.forward ?? index;
  const window = terms.settlementAveragingSeconds;
  const moving = seconds >= window ? 1 : seconds / window;
  const vols = shockVol(terms.vol, says.vol!, seconds / DAY, view.volScale);
  const name = Object.entries(volCodes).find(([, code]) => code === grid.volCode[at])![0];
  const vol =
    name === "own"
      ? Math.max(0, says.vol! * (1 + grid.volMove[at]!))
      : vols[name as "up" | "flat" | "down"];
  const price = (slid: number, sigma: number, left: number, dr: number) => {
    const moved = Math.max(0, forward * moving * (1 + slid) + forward * (1 - moving));
    const years = left / YEAR;
    const plain = black(moved, spec.strike!, sigma * Math.sqrt(years), spec.right === "call");
    if (inverted) return plain / moved;
    const rate = Math.max(terms.rateFloor ?? Number.NEGATIVE_INFINITY, says.rate + dr);
    return terms.discountOptions ? plain * Math.exp(-rate * years) : plain;
  };
  const left = Math.max(0, seconds - grid.dtDays[at]! * DAY);
  const shocked = price(slide, Math.max(0, vol + grid.volPoints[at]!), left, grid.dr[at]!);
  const change = shocked - price(0, says.vol!, seconds, 0);
  return change * spec.contractSize * (inverted ? coin : prices.currency * dollar);
}

describe("any leg in any row", () => {
  it.each(seeds(120))("is worth what its definition says (seed %d)", (seed) => {
    const chance = seededChance(seed);
    const terms = randomTerms(chance, { numeraire: chance.pick(["USD", "USDC", "BTC"]) });
    const book = randomBook(chance, { legsMax: 8 });
    const context = contextOf(terms, book);
    for (const leg of book.market.instruments.values()) {
      const view = context.view(leg.spec.underlying);
      const { arrays } = context.leg(leg.spec.id);
      const { currencies, underlyings } = book.market;
      const { settleCurrency, underlying } = leg.spec;
      const prices = {
        currency:
          settleCurrency === terms.numeraire
            ? context.numeraire.price
            : (currencies.get(settleCurrency)?.price ??
              underlyings.get(settleCurrency)?.index ??
              1),
        numeraire: context.numeraire.price,
        own: terms.numeraire === underlying,
      };
      const plane = chance.pick([view.initial.plane, view.maintenance.plane]);
      const scale = view.index * leg.spec.contractSize * Math.max(1, prices.currency);
      arrays[plane]!.forEach((got, at) => {
        if (view.planes[plane]!.grid.skewCode[at] !== skewCodes.none) return;
        const want = slowPnl(leg, view, plane, at, prices);
        expect(Math.abs(got - want)).toBeLessThanOrEqual(1e-12 * scale + 1e-12 * Math.abs(want));
      });
    }
  });
});

describe("a static discount", () => {
  it("is no part of the arrays: it depends on what an expiry is worth", () => {
    const plain = pnl(option(), slides);
    expect(pnl(option(), slides, { staticDiscount: discountTerms })).toEqual(plain);
  });
});
