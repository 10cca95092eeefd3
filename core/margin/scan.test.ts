import { describe, expect, it } from "vitest";
import { RiskError } from "../errors.ts";
import type { Mask } from "../scenario/mask.ts";
import { rowFamilies, type ScenarioTerms, type UnderlyingTerms } from "../terms.ts";
import { bookOf, contextOf, marginOf, option, order, perpetual } from "./book.test-kit.ts";
import { restingOrder } from "./holding.ts";
import { discountTerms, skewTerms } from "./random-terms.test-kit.ts";
import { refuseOrdersBeside, type Scan, scan, standalone, tied } from "./scan.ts";
import { bareUnderlying, changed, termsOfAll, usualTails } from "./terms.test-kit.ts";
import type { UnderlyingView } from "./view.ts";

/** Flat slides of -20, -10, 0, +10, +20 %. */
const five: Partial<ScenarioTerms> = { slideRange: 0.2, slidePoints: 5, core: ["flat"] };
const fiveTerms = changed(bareUnderlying, { scenarios: five });

const noOrders = { orders: [], share: 1, worstSide: false };

/** Scans a P&L given by row, all rows in view at weight 1 unless said. */
function scanned(
  pnl: readonly number[],
  options: { readonly terms?: UnderlyingTerms; readonly weights?: readonly number[] } = {},
): Scan {
  const terms = options.terms ?? fiveTerms;
  const { view, mask } = sight(terms, options.weights);
  return scan(view, 0, mask, Float64Array.from(pnl), noOrders);
}

function sight(terms: UnderlyingTerms, weights?: readonly number[]) {
  const view: UnderlyingView = contextOf(termsOfAll(terms), bookOf({})).view("BTC");
  const [whole] = view.initial.masks;
  const mask: Mask = { ...whole!, weights: Float64Array.from(weights ?? whole!.weights) };
  return { view, mask };
}

describe("a scan", () => {
  it.each([
    ["the largest loss", [5, -8, 0, 3, -7], 8, 1],
    ["the lowest row of equal losses", [0, -8, 0, 0, -8], 8, 1],
    ["a loss that is a hair larger than one before", [0, -8, 0, 0, -8 * (1 + 1e-12)], 8, 4],
    ["no later row that is larger by a rounding", [0, -8, 0, 0, -8 * (1 + 2e-15)], 8, 1],
    ["the last row", [1, 2, 3, 4, -5], 5, 4],
    ["the row of least gain, as a negative loss", [5, 4, 3, 2, 6], -2, 3],
    ["the first of all rows when nothing moves", [0, 0, 0, 0, 0], 0, 0],
  ])("finds %s", (_, pnl, loss, worst) => {
    const found = scanned(pnl);
    expect(found.loss).toBeCloseTo(loss, 10);
    expect(found.worst).toBe(worst);
  });

  it("weighs losses and gains alike", () => {
    const found = scanned([-10, -10, -4, 10, 10], { weights: [0.5, 0, 1, 1, 0.25] });
    expect([...found.losses]).toEqual([5, 0, 4, -10, -2.5]);
    expect(found.worst).toBe(0);
  });

  it("sees nothing in a mask without rows", () => {
    const { view } = sight(fiveTerms);
    const empty = { rows: new Int32Array(), weights: new Float64Array(), range: 0, share: 1 };
    const found = scan(view, 0, empty, new Float64Array(5), noOrders);
    expect(found).toMatchObject({ loss: 0, worst: -1 });
    expect([...found.families]).toEqual(rowFamilies.map(() => Number.NEGATIVE_INFINITY));
  });

  it("keeps the largest loss of each family apart", () => {
    const terms = changed(fiveTerms, {
      scenarios: { tails: { ...usualTails, moves: [-0.5, 1] }, cross: { dtDays: [1], dr: [] } },
    });
    const pnl = [-1, -2, 0, 0, 0, -30, 5, 9, 8, 7, 6, 5];
    const { families, worst } = scanned(pnl, { terms, weights: pnl.map(() => 1) });
    expect([...families]).toEqual([2, 30, -5, Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY]);
    expect(worst).toBe(5);
  });

  it.each([
    ["NaN", Number.NaN],
    ["infinity", Number.POSITIVE_INFINITY],
    ["minus infinity", Number.NEGATIVE_INFINITY],
  ])("refuses a row of %s and names it", (_, bad) => {
    expect(() => scanned([1, 2, bad, 4, 5])).toThrow(
      expect.objectContaining({
        code: "risk_not_finite",
        detail: {
          path: "scenarios",
          expected: "a finite loss in every row",
          found: "row 2 of 5",
        },
      }),
    );
  });

  it("refuses infinities that would cancel in a sum", () => {
    expect(() => scanned([Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, 0, 0])).toThrow(
      RiskError,
    );
  });
});

describe("two losses", () => {
  it.each([
    [8, 8, true],
    [9, 8, true],
    [8 - 4e-14, 8, true],
    [8 - 1.6e-13, 8, false],
    [0, 0, true],
    [-1e-20, 0, false],
    [-8 - 4e-14, -8, true],
    [-8 - 1.6e-13, -8, false],
  ])("of which one is %d beside the largest, %d: tied is %s", (loss, largest, expected) => {
    expect(tied(loss, largest)).toBe(expected);
  });
});

describe("the rule on gains", () => {
  const pnl = [4, -3, 0, 2, -1];

  it.each([
    ["count", [-4, 3, 0, -2, 1]],
    ["floorPortfolio", [-4, 3, 0, -2, 1]],
    ["floorUnderlying", [0, 3, 0, 0, 1]],
  ] as const)("'%s' leaves losses of the rows", (gains, expected) => {
    const { losses, positions } = scanned(pnl, { terms: changed(fiveTerms, { gains }) });
    expect([...losses].map((loss) => loss + 0)).toEqual(expected);
    expect([...positions].map((loss) => loss + 0)).toEqual(expected);
  });
});

describe("the dampener", () => {
  const terms = (dampenerMode: "subtract" | "threshold", dampener = 100) =>
    changed(bareUnderlying, {
      scenarios: {
        slidePoints: 3,
        core: ["flat"],
        tails: { ...usualTails, moves: [-0.5, 1, 2], dampener, dampenerMode },
      },
    });
  const pnl = [-150, 0, 10, -150, -99, 70];
  const weights = [1, 1, 1, 1, 1, 1];

  it.each([
    ["subtract", "takes it off a tail loss", 150, 50],
    ["subtract", "leaves nothing of one that equals it", 100, 0],
    ["subtract", "leaves nothing of a smaller one", 99, 0],
    ["subtract", "leaves a hair above it", 100.5, 0.5],
    ["threshold", "leaves a larger tail loss whole", 150, 150],
    ["threshold", "forgives one that equals it", 100, 0],
    ["threshold", "forgives a smaller one", 99, 0],
    ["threshold", "leaves one just above it", 100.5, 100.5],
  ] as const)("that may %s %s", (mode, _, loss, left) => {
    const found = scanned([0, 0, 0, -loss, 0, 0], { terms: terms(mode), weights });
    expect(found.losses[3]).toBe(left);
  });

  it("leaves slides, and gains of tails, as they are", () => {
    const { losses } = scanned(pnl, { terms: terms("subtract"), weights });
    expect([...losses].map((loss) => loss + 0)).toEqual([150, 0, -10, 50, 0, -70]);
  });

  it.each([0])("does nothing at %d", (dampener) => {
    const { losses } = scanned(pnl, { terms: terms("threshold", dampener), weights });
    expect([...losses].map((loss) => loss + 0)).toEqual([150, 0, -10, 150, 99, -70]);
  });

  it("is an amount in USD, in whatever the account is measured", () => {
    const coin = termsOfAll(terms("subtract"), { numeraire: "BTC" });
    const book = bookOf({
      instruments: [perpetual("P", { contractSize: 10 })],
      positions: { P: -10 },
    });
    const { initial } = marginOf(coin, book).underlyings[0]!;
    // +200 % on -100 units at 100 is -20,000 USD, weighted 0.08; the coin is at 300 there.
    expect(initial.scans[0]!.losses[5]).toBeCloseTo((20_000 * 0.08) / 300 - 1, 12);
  });
});

describe("resting orders", () => {
  const legs = [perpetual("P"), option("O")];
  const context = contextOf(termsOfAll(fiveTerms), bookOf({ instruments: legs }));
  const { view, mask } = sight(fiveTerms);
  const rest = (...all: Parameters<typeof order>[]) =>
    all.map((of) => restingOrder(order(...of), context.leg(of[0])));
  const losses = (
    orders: ReturnType<typeof rest>,
    { share = 1, worstSide = false, pnl = [0, 0, 0, 0, 0] } = {},
  ) => [...scan(view, 0, mask, Float64Array.from(pnl), { orders, share, worstSide }).losses];
  const near = (got: readonly number[], want: readonly number[]) => {
    got.forEach((loss, i) => {
      expect(loss).toBeCloseTo(want[i]!, 10);
    });
  };

  it.each([
    ["a buy where the price falls", [["P", "buy", 2]], [40, 20, 0, 0, 0]],
    ["a sell where it rises", [["P", "sell", 2]], [0, 0, 0, 20, 40]],
    [
      "both sides apart: either may fill alone",
      [
        ["P", "buy", 2],
        ["P", "sell", 3],
      ],
      [40, 20, 0, 30, 60],
    ],
    [
      "what it costs to fill, in every row that does not pay it",
      [["P", "buy", 1, 103]],
      [23, 13, 3, 0, 0],
    ],
    ["nothing for a price better than the mark", [["P", "buy", 1, 90]], [20, 10, 0, 0, 0]],
  ] as const)("count %s", (_, orders, expected) => {
    near(losses(rest(...(orders as unknown as Parameters<typeof order>[]))), expected);
  });

  it("are weighted by the row, their cost against the mark is not", () => {
    const half = { ...mask, weights: Float64Array.of(0.5, 0.5, 0.5, 0.5, 0.5) };
    const term = { orders: rest(["P", "buy", 1, 103]), share: 1, worstSide: false };
    near([...scan(view, 0, half, new Float64Array(5), term).losses], [13, 8, 3, 0, 0]);
  });

  it("add to the positions' own loss, and stand apart from it", () => {
    const term = { orders: rest(["P", "buy", 2]), share: 1, worstSide: false };
    const found = scan(view, 0, mask, Float64Array.of(-20, -10, 0, 10, 20), term);
    near([...found.losses], [60, 30, 0, -10, -20]);
    near([...found.positions], [20, 10, 0, -10, -20]);
  });

  it.each([
    [0, [0, 0, 0, 0, 0]],
    [0.5, [20, 10, 0, 0, 0]],
    [1, [40, 20, 0, 0, 0]],
  ])("count by the stage's share of %d", (share, expected) => {
    near(losses(rest(["P", "buy", 2]), { share }), expected);
  });

  it("by the worst side: of each instrument only the worse of its buys and its sells", () => {
    const orders = rest(["P", "buy", 2, 105], ["P", "buy", 1, 100], ["P", "sell", 3, 95]);
    // Against slides of -20 to +20: buys cost (10 - 2 s) and (-s), the sell (15 + 3 s).
    near(losses(orders), [50 + 20, 30 + 10, 10 + 15, 45, 75]);
    near(losses(orders, { worstSide: true }), [70, 40, 15, 45, 75]);
  });

  it("by the worst side: instruments add up", () => {
    const orders = rest(["P", "buy", 1], ["O", "sell", 1, 6]);
    const one = losses(rest(["P", "buy", 1]), { worstSide: true });
    const other = losses(rest(["O", "sell", 1, 6]), { worstSide: true });
    near(
      losses(orders, { worstSide: true }),
      one.map((loss, i) => loss + other[i]!),
    );
  });

  it("follow the rule on gains together with the positions", () => {
    const floored = changed(fiveTerms, { gains: "floorUnderlying" });
    const seen = sight(floored);
    const term = { orders: rest(["P", "buy", 1]), share: 1, worstSide: false };
    const found = scan(seen.view, 0, seen.mask, Float64Array.of(30, 5, 0, 0, 0), term);
    near([...found.losses], [0, 5, 0, 0, 0]);
    near([...found.positions], [0, 0, 0, 0, 0]);
  });

  it.each([
    ["skew rows", { skew: skewTerms }],
    ["a static discount", { staticDiscount: discountTerms }],
  ])("are refused beside %s", (_, change) => {
    expect(() => refuseOrdersBeside(changed(bareUnderlying, change), "BTC")).toThrow(
      expect.objectContaining({
        code: "unsupported",
        detail: {
          path: "account.openOrders",
          expected: "no open orders on BTC: its terms have skew rows or a static discount",
          found: "open orders",
        },
      }),
    );
  });

  it("are taken beside neither", () => {
    expect(() => refuseOrdersBeside(bareUnderlying, "BTC")).not.toThrow();
  });
});

describe("the standalone requirement of rows", () => {
  const mask = (share: number): Mask => ({
    rows: new Int32Array(),
    weights: new Float64Array(),
    range: 0,
    share,
  });
  const of = (loss: number, tails: number): Scan => ({
    losses: new Float64Array(),
    positions: new Float64Array(),
    families: Float64Array.of(loss, tails, 0, 0, 0),
    worst: 0,
    loss,
  });

  it.each([
    ["mixes two masks by their shares", [0.25, 0.75], [10, 20], 17.5],
    ["floors each mask before it mixes", [0.5, 0.5], [-10, 20], 10],
    ["is nothing where every row gains", [1], [-5], 0],
    ["is nothing without masks", [], [], 0],
  ])("%s", (_, shares, losses, expected) => {
    const scans = losses.map((loss) => of(loss, 0));
    expect(standalone(shares.map(mask), scans)).toBe(expected);
  });
});
