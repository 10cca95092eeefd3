import { describe, expect, it } from "vitest";
import type { AccountMode } from "../book.ts";
import type { CombineNode, UnderlyingTerms } from "../terms.ts";
import { type BookParts, bookOf, marginOf, option, perpetual } from "./book.test-kit.ts";
import { seededChance, seeds } from "./chance.test-kit.ts";
import { type ExplainLine, explain } from "./explain.ts";
import { randomBook } from "./random-book.test-kit.ts";
import { randomTerms } from "./random-terms.test-kit.ts";
import {
  bareUnderlying,
  changed,
  houseUnderlying,
  termsOfAll,
  usualStandard,
  usualTails,
} from "./terms.test-kit.ts";

const flat = changed(bareUnderlying, {
  scenarios: { core: ["flat"], slidePoints: 3, tails: { ...usualTails, moves: [-0.5, 1] } },
  charges: {
    perp: { initial: 0.02, maintenance: 0.01, inside: false },
    roll: { minMove: 0.01, annualisedMove: 0, inside: false },
  },
});

function lines(terms: UnderlyingTerms, parts: BookParts = {}, rest = {}): ExplainLine[] {
  const book = bookOf({
    underlyings: [{ id: "BTC" }, { id: "ETH" }],
    instruments: [perpetual("P"), perpetual("E", { underlying: "ETH" }), option("O")],
    positions: { P: 10 },
    ...parts,
  });
  return explain(marginOf(termsOfAll(terms, rest), book));
}

const short = (all: readonly ExplainLine[]) =>
  all.map(({ kind, ref, amount, value, share }) => [
    kind,
    ref,
    ...[amount, value, share].map((x) => Math.round(x * 1e9) / 1e9 + 0),
  ]);

describe("the explanation of a requirement", () => {
  it("has a line for each branch and each charge; losers of a max have their value alone", () => {
    expect(short(lines(flat))).toEqual([
      ["slides", "BTC", 160, 160, 1],
      ["tails", "BTC", 0, 160, 1],
      ["roll", "BTC", 10, 10, 1],
      ["perp", "BTC", 20, 20, 1],
    ]);
  });

  it("names the row that sets a family, and the range of its node set", () => {
    const [slides, tails, roll] = lines(flat);
    expect(slides).toMatchObject({ row: 0, range: 0.16 });
    expect(tails).toMatchObject({ row: 3, range: 0.16 });
    expect(roll).not.toHaveProperty("row");
    expect(roll).toMatchObject({ range: 0.16 });
  });

  it("leaves out a family of which no row is looked at", () => {
    const kinds = lines(flat).map(({ kind }) => kind);
    expect(kinds).not.toContain("theta");
    expect(kinds).not.toContain("skew");
  });

  it("has lines of both node sets of a ladder, each with its share", () => {
    const ladder = changed(houseUnderlying, {
      scenarios: { slideRange: 0.165, tails: null, cross: { dtDays: [], dr: [] } },
      charges: { roll: null, nakedShort: null },
      liquidity: null,
    });
    expect(short(lines(ladder))).toEqual([
      ["slides", "BTC", 0.75 * 160, 160, 0.75],
      ["slides", "BTC", 0.25 * 180, 180, 0.25],
    ]);
    expect(lines(ladder).map(({ range }) => range)).toEqual([0.16, 0.18]);
  });

  it.each<[string, CombineNode, unknown]>([
    [
      "a charge that the tree names, by its plain name",
      { max: ["slides", "charges.perp"] },
      [
        ["slides", "BTC", 160, 160, 1],
        ["perp", "BTC", 0, 20, 1],
      ],
    ],
    [
      "the winner wherever it stands",
      { max: ["charges.roll", { sum: ["charges.perp", "slides"] }, "zero"] },
      [
        ["roll", "BTC", 0, 10, 1],
        ["perp", "BTC", 20, 20, 1],
        ["slides", "BTC", 160, 160, 1],
        ["zero", "BTC", 0, 0, 1],
      ],
    ],
    [
      "nothing inside a branch that loses",
      { max: ["slides", { max: ["charges.roll", "charges.perp"] }] },
      [
        ["slides", "BTC", 160, 160, 1],
        ["roll", "BTC", 0, 10, 1],
        ["perp", "BTC", 0, 20, 1],
      ],
    ],
  ])("counts %s", (_, combine, expected) => {
    expect(short(lines(changed(flat, { combine })))).toEqual(expected);
  });

  it("tells what a group saves, and what its beta rows add", () => {
    const groups = [{ members: ["*"], credit: 1, beta: { ETH: 1.5 } }];
    const rows = changed(bareUnderlying, { scenarios: { core: ["flat"] } });
    const held = { positions: { P: 15, E: -10 } };
    expect(short(lines(rows, held, { offsets: { groups } }))).toEqual([
      ["slides", "BTC", 240, 240, 1],
      ["slides", "ETH", 160, 160, 1],
      ["offset", "BTC+ETH", -480, -480, 1],
      ["beta", "BTC+ETH", 80, 80, 1],
    ]);
    const plain = [{ members: ["*"], credit: 1, beta: {} }];
    const kinds = lines(rows, held, { offsets: { groups: plain } }).map(({ kind }) => kind);
    expect(kinds).toEqual(["slides", "slides", "offset"]);
  });

  it("tells the charges of the account, those that there are", () => {
    const account = { margins: { openOrders: 5, spot: 0, mmp: 7 } };
    expect(short(lines(flat, { account }).slice(-2))).toEqual([
      ["openOrders", "test", 5, 5, 1],
      ["mmp", "test", 7, 7, 1],
    ]);
  });

  it("tells a floor at maintenance, once for the account", () => {
    const heavy = changed(flat, {
      factors: { initial: 1, maintenance: 2 },
      charges: { perp: null },
    });
    const found = lines(heavy);
    expect(short(found.slice(-1))).toEqual([["initialFloor", "test", 160, 160, 1]]);
    const kinds = (rest: object) => lines(heavy, {}, rest).map(({ kind }) => kind);
    expect(kinds({ initialAtLeastMaintenance: false })).not.toContain("initialFloor");
  });

  it("is empty for an account with nothing", () => {
    expect(lines(flat, { positions: {} })).toEqual([]);
  });
});

describe("the explanation of another mode", () => {
  const terms = { standard: usualStandard };
  const of = (mode: AccountMode, rest = terms) =>
    lines(flat, { positions: { P: 10, O: -2 }, account: { mode } }, rest);

  it.each(["full", "isolated", "cross"] as const)("adds up to the requirement (%s)", (mode) => {
    const book = bookOf({
      instruments: [perpetual("P"), option("O")],
      positions: { P: 10, O: -2 },
      account: { mode },
    });
    const { requirement } = marginOf(termsOfAll(flat, terms), book);
    const sum = of(mode).reduce((total, { amount }) => total + amount, 0);
    expect(sum).toBeCloseTo(requirement.initial, 9);
    expect(of(mode).every(({ value, amount }) => value === amount)).toBe(true);
  });

  it("has a line for each position", () => {
    expect(of("cross").map(({ kind, ref }) => [kind, ref])).toEqual([
      ["standard", "O"],
      ["standard", "P"],
    ]);
  });

  it("tells what a cap on an expiry's loss takes off", () => {
    const shortOption = { ...usualStandard.shortOption!, maximumLossCap: true };
    const found = of("cross", { standard: { ...usualStandard, shortOption } });
    expect(found[found.length - 1]).toMatchObject({ kind: "maximumLossCap", ref: "BTC 2592000" });
  });
});

describe("any max", () => {
  it.each(seeds(120))("has one winner, and it is the largest (seed %d)", (seed) => {
    const chance = seededChance(seed);
    const drawn = randomTerms(chance, { groups: false });
    const perUnderlying = Object.fromEntries(
      Object.entries(drawn.perUnderlying).map(([id, of]) => [
        id,
        { ...of, combine: { max: ["slides", "tails", "theta", "rates", "basis", "minimum"] } },
      ]),
    ) as typeof drawn.perUnderlying;
    const book = randomBook(chance, { legsMax: 10, ordersMax: 3 });
    const margin = marginOf({ ...drawn, perUnderlying }, book);
    const all = explain(margin);
    for (const { view, initial } of margin.underlyings) {
      for (const { share, range } of initial.stage.masks) {
        const of = all.filter((one) => one.ref === view.id && one.range === range);
        const largest = Math.max(0, ...of.map(({ value }) => value));
        const amounts = of.filter(({ amount }) => amount !== 0);
        expect(amounts).toHaveLength(largest > 0 ? 1 : 0);
        if (largest > 0) expect(amounts[0]!.amount).toBe(share * largest);
      }
    }
  });
});
