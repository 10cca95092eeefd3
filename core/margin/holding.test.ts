import { describe, expect, it } from "vitest";
import {
  bond,
  bookOf,
  contextOf,
  future,
  holding,
  inverse,
  option,
  order,
  perpetual,
  spot,
} from "./book.test-kit.ts";
import { seededChance, seeds } from "./chance.test-kit.ts";
import {
  byLeg,
  grouped,
  isDerivative,
  isOption,
  isPerpetual,
  restingOrder,
  withoutOrders,
  worstAbsolute,
  worstGross,
} from "./holding.ts";
import { bareTerms } from "./terms.test-kit.ts";

const book = bookOf({
  underlyings: [{ id: "BTC" }, { id: "T10Y" }],
  currencies: [{ id: "USDC", price: 0.9 }],
  instruments: [
    perpetual("P"),
    future("F", { contractSize: 10, settleCurrency: "USDC" }),
    perpetual("I", { ...inverse(), contractSize: 10 }),
    option("O", {}, { mark: 9 }),
    option("OI", inverse()),
    spot("S"),
    bond("B"),
  ],
});
const context = contextOf(bareTerms, book);
const rest = (...of: Parameters<typeof order>) => restingOrder(order(...of), context.leg(of[0]));

describe("a resting order", () => {
  it("is its leg, its side and its size", () => {
    expect(rest("P", "buy", 3)).toMatchObject({ instrument: "P", direction: 1, quantity: 3 });
    expect(rest("P", "sell", 2)).toMatchObject({ direction: -1, quantity: 2 });
    expect(rest("P", "buy", 3).leg).toBe(context.leg("P"));
  });

  it.each<[string, Parameters<typeof order>, number]>([
    ["nothing at the mark", ["P", "buy", 3, 100], 0],
    ["nothing for a buy below it", ["P", "buy", 3, 99], 0],
    ["nothing for a sell above it", ["P", "sell", 3, 101], 0],
    ["the distance of a buy above it", ["P", "buy", 3, 101], 3],
    ["the distance of a sell below it", ["P", "sell", 3, 98], 6],
    ["by contract size and currency", ["F", "buy", 3, 101], 3 * 10 * 0.9],
    [
      "an inverse buy in coin, at the index",
      ["I", "buy", 3, 125],
      3 * 10 * (1 / 100 - 1 / 125) * 100,
    ],
    ["an inverse sell in coin", ["I", "sell", 3, 80], 3 * 10 * (1 / 80 - 1 / 100) * 100],
    ["nothing for an inverse buy below", ["I", "buy", 3, 80], 0],
    ["a bond by percent of face", ["B", "buy", 2, 99.5], 2 * 1000 * 0.01],
    ["spot", ["S", "sell", 2, 97], 6],
  ])("costs %s", (_, of, penalty) => {
    expect(rest(...of).penalty).toBeCloseTo(penalty, 10);
  });

  it("of an option is held against its model value, not against its mark", () => {
    const { price } = context.leg("O");
    expect(price).not.toBeCloseTo(9, 0);
    expect(rest("O", "buy", 2, price + 1).penalty).toBeCloseTo(2, 10);
    expect(rest("O", "buy", 2, price).penalty).toBe(0);
  });

  it("of an inverse option costs coin", () => {
    const { price } = context.leg("OI");
    expect(rest("OI", "sell", 2, price - 0.01).penalty).toBeCloseTo(2 * 0.01 * 100, 10);
  });
});

describe("the order of orders", () => {
  it.each(seeds(40))("does not depend on how they were listed (seed %d)", (seed) => {
    const chance = seededChance(seed);
    const all = Array.from({ length: 8 }, () =>
      rest(
        chance.pick(["P", "F", "O"]),
        chance.pick(["buy", "sell"] as const),
        chance.whole(1, 3),
        chance.pick([99, 100, 101]),
      ),
    );
    const told = (list: typeof all) =>
      list.map(({ instrument, direction, quantity, penalty }) => [
        instrument,
        direction,
        quantity,
        penalty,
      ]);
    const sorted = told([...all].sort(byLeg));
    expect(told(chance.shuffled(all).sort(byLeg))).toEqual(sorted);
    expect(told([...all].reverse().sort(byLeg))).toEqual(sorted);
  });

  it("is by instrument, then side, then size, then cost", () => {
    const sorted = [
      rest("F", "sell", 9),
      rest("P", "sell", 9),
      rest("P", "buy", 1, 100),
      rest("P", "buy", 1, 101),
      rest("P", "buy", 2, 100),
    ];
    expect([...sorted].reverse().sort(byLeg)).toEqual(sorted);
  });
});

const hold = (id: string, quantity: number, ends?: readonly [number, number]) =>
  holding(context, id, quantity, ends ?? [quantity, quantity]);
const one = () => 1;

describe("holdings", () => {
  it.each([
    ["both ends of what only longs could make larger", [hold("P", 1, [1, 5])], 5],
    ["the short end where it is larger", [hold("P", 1, [-7, 5])], 7],
    ["ends of one side together", [hold("P", 0, [-1, 4]), hold("F", 0, [-6, 2])], 7],
    ["what nets", [hold("P", 5), hold("F", -3)], 2],
  ])("reach at most %s", (_, holdings, expected) => {
    expect(worstAbsolute(holdings, one)).toBe(expected);
  });

  it("turn their ends round where a contract is worth less than nothing", () => {
    expect(worstAbsolute([hold("P", 0, [-1, 4])], () => -2)).toBe(8);
    expect(
      worstAbsolute([hold("P", 3), hold("F", 3)], ({ market }) =>
        market.spec.id === "P" ? 2 : -1,
      ),
    ).toBe(3);
  });

  it.each([
    ["longs and shorts alike", [hold("P", 5), hold("F", -3)], 8],
    ["the larger end of each", [hold("P", 0, [-6, 4]), hold("F", 1, [1, 2])], 8],
  ])("are gross %s", (_, holdings, expected) => {
    expect(worstGross(holdings, one)).toBe(expected);
    expect(worstGross(holdings, () => -2)).toBe(2 * expected);
  });

  it("without orders are what is held", () => {
    const [plain] = withoutOrders([hold("P", 2, [-5, 9])]);
    expect(plain).toMatchObject({ quantity: 2, low: 2, high: 2 });
  });

  it("are grouped in order of first appearance", () => {
    const all = [hold("P", 1), hold("F", 2), hold("O", 3), hold("I", 4)];
    const groups = grouped(all, ({ seconds }) => seconds);
    expect([...groups].map(([key, of]) => [key, of.map(({ quantity }) => quantity)])).toEqual([
      [0, [1, 4]],
      [30 * 86_400, [2, 3]],
    ]);
  });
});

describe("a kind", () => {
  it.each([
    ["P", false, true, true],
    ["F", false, false, true],
    ["O", true, false, true],
    ["S", false, false, false],
    ["B", false, false, false],
  ] as const)("of %s: option %s, perpetual %s, derivative %s", (id, opt, perp, derivative) => {
    const of = hold(id, 1);
    expect([isOption(of), isPerpetual(of), isDerivative(of)]).toEqual([opt, perp, derivative]);
  });
});
