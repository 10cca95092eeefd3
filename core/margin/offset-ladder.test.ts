/**
 * Offset groups on ladders: rows of unequal ranges meet at equal shares of them.
 *
 * The joint loss is held against a dense sweep over every share, linear between nodes: it is the
 * largest found, and stands on a breakpoint.
 */
import { describe, expect, it } from "vitest";
import type { Book, PublishedRange } from "../book.ts";
import { rowFamilies, type Stage, type Terms, type UnderlyingTerms } from "../terms.ts";
import type { AccountMargin } from "./account.ts";
import { type BookParts, bookOf, future, marginOf, option, perpetual } from "./book.test-kit.ts";
import { seededChance, seeds } from "./chance.test-kit.ts";
import { randomBook } from "./random-book.test-kit.ts";
import { randomTerms } from "./random-terms.test-kit.ts";
import { bareUnderlying, changed, termsOfAll, usualTails } from "./terms.test-kit.ts";
import type { UnderlyingResult } from "./underlying.ts";

const grouped = (of: UnderlyingTerms): Terms =>
  termsOfAll(of, { offsets: { groups: [{ members: ["*"], credit: 0.8, beta: {} }] } });

const margin = (terms: Terms, parts: BookParts) =>
  marginOf(
    terms,
    bookOf({
      underlyings: [{ id: "BTC" }, { id: "ETH" }],
      instruments: [perpetual("B"), perpetual("E", { underlying: "ETH" })],
      ...parts,
    }),
  );

const ladder = changed(bareUnderlying, {
  scenarios: {
    recipe: "ladder",
    core: ["flat"],
    tails: usualTails,
    cross: { dtDays: [1], dr: [] },
  },
  regime: { assetClass: "crypto", mode: "replace" },
});
const ranges = (btc: number, eth: number): Map<string, PublishedRange> =>
  new Map(
    [btc, eth].map((range, i) => [
      i === 0 ? "BTC" : "ETH",
      { slideRange: { initial: range, maintenance: range }, volScale: 1 },
    ]),
  );

describe("ladders of unequal ranges", () => {
  it.each([
    [0.16, 0.24],
    [0.15, 0.31],
    [0.02, 0.4],
    [0.013, 0.4],
    [0.2, 0.2],
  ])("meet at equal shares of them: %d and %d cancel when held so", (btc, eth) => {
    const parts = { positions: { B: 10 / btc, E: -10 / eth }, ranges: ranges(btc, eth) };
    const of = changed(ladder, { scenarios: { tails: null } });
    const [group] = margin(grouped(of), parts).groups;
    expect(group!.initial.standaloneSum).toBeCloseTo(2000, 8);
    expect(group!.initial.joint.loss).toBeCloseTo(0, 8);
  });

  it.each([
    ["the first where a fall hurts", { B: 1, E: 1 }, 0],
    ["the last where a rise hurts", { B: -1, E: -1 }, 32],
    ["one on the side of the rise", { B: -2, E: 1 }, 32],
  ])("number their 33 common places from left to right: %s", (_, positions, worst) => {
    const of = changed(ladder, { scenarios: { tails: null, cross: { dtDays: [], dr: [] } } });
    const [group] = margin(grouped(of), { positions, ranges: ranges(0.16, 0.24) }).groups;
    expect(group!.initial.joint.worst).toBe(worst);
  });

  it.each([
    ["its last whole node", 116, 20],
    ["a node inside", 108, 20],
    ["no node", 107, 10],
  ])("find a peak of loss that stands on %s", (_, middle, loss) => {
    const fly = [-2, 0, 2].map((away) =>
      option(`C${away}`, { strike: middle + away, secondsToExpiry: 0 }),
    );
    const far = option("E", { underlying: "ETH", strike: 900, secondsToExpiry: 0 });
    const parts = {
      instruments: [...fly, far],
      positions: { "C-2": -10, C0: 20, C2: -10, E: 1 },
      ranges: ranges(0.17, 0.17),
    };
    expect(margin(grouped(ladder), parts).groups[0]!.initial.joint.loss).toBeCloseTo(loss, 8);
  });

  it("move a tail by the same for all members", () => {
    const parts = { positions: { B: 50, E: -25 }, ranges: ranges(0.1, 0.2) };
    const [group] = margin(grouped(ladder), parts).groups;
    // At -66 %: 50 x 66 x 0.1/0.66 on one side, 25 x 66 x 0.2/0.66 on the other.
    expect(group!.initial.joint.loss).toBeCloseTo(0, 8);
  });

  it("find a loss that stands between two common nodes", () => {
    const instruments = [option("B", { strike: 104 }), future("E", { underlying: "ETH" })];
    const parts = {
      instruments,
      positions: { B: -100, E: 60 },
      ranges: ranges(0.3, 0.11),
    };
    expectDense(margin(grouped(ladder), parts));
  });
});

interface Seen {
  readonly line: string;
  readonly slide: number;
  readonly loss: number;
}

/** Rows of a member's outer mask; a tail's loss is mixed from the masks by their shares. */
function seen(member: UnderlyingResult, stage: Stage): Seen[] {
  const { view, [stage]: of } = member;
  const { masks, jointPlane } = view[stage];
  const { grid } = view.planes[jointPlane]!;
  const outer = masks.length - 1;
  return [...masks[outer]!.rows].map((at, i) => {
    const family = rowFamilies[grid.family[at]!]!;
    const tail = family === "tails";
    const mixed = masks.reduce(
      (sum, { rows, share }, k) => sum + share * of.scans[k]!.losses[rows.indexOf(at)]!,
      0,
    );
    const loss = tail ? mixed : of.scans[outer]!.losses[i]!;
    return { line: `${family} ${grid.copy[at]}`, slide: grid.slide[at]!, loss };
  });
}

/** The loss of a line at a slide, linear between its nodes. */
function lossAt(nodes: readonly Seen[], slide: number): number {
  const right = nodes.findIndex((node) => node.slide >= slide - 1e-12);
  const [a, b] = [nodes[Math.max(0, right - 1)]!, nodes[right]!];
  if (b.slide - a.slide < 1e-12) return b.loss;
  return a.loss + ((b.loss - a.loss) * (slide - a.slide)) / (b.slide - a.slide);
}

/** Sweeps x densely and over every breakpoint: the joint loss is the largest found, no more. */
function expectDense({ underlyings, groups }: AccountMargin): void {
  for (const stage of ["initial", "maintenance"] as const) {
    const members = underlyings.map((of) => ({
      rows: seen(of, stage),
      range: of.view[stage].range,
      factor: of[stage].factor,
    }));
    const shares = Array.from({ length: 121 }, (_, i) => i / 60 - 1);
    for (const { rows, range } of members) {
      for (const { slide } of rows) if (Math.abs(slide) < range) shares.push(slide / range);
    }
    let most = 0;
    for (const line of new Set(members[0]!.rows.map((of) => of.line))) {
      const tail = line.startsWith("tails");
      for (const x of tail ? [0] : shares) {
        const sum = members.reduce((total, { rows, range, factor }) => {
          const nodes = rows.filter((of) => of.line === line);
          return total + factor * (tail ? nodes[0]!.loss : lossAt(nodes, x * range));
        }, 0);
        most = Math.max(most, sum);
      }
    }
    expect(groups[0]![stage].joint.loss).toBeCloseTo(most, 6);
  }
}

describe("any group on ladders", () => {
  it.each(seeds(25))("loses nowhere between its rows more than on them (seed %d)", (seed) => {
    const chance = seededChance(seed);
    const drawn = randomTerms(chance, { recipe: "ladder" });
    const groups = [{ members: ["*"], credit: chance.between(0, 1), beta: {} }];
    const book = both(randomBook(chance, { legsMax: 6, ordersMax: 2 }));
    expectDense(marginOf({ ...drawn, offsets: { groups } }, book));
  });
});

/** The book with a leg on either underlying at least. */
function both({ market, account }: Book): Book {
  const instruments = new Map(market.instruments);
  const more = ["BTC", "ETH"].map((underlying, i) => {
    const mark = market.underlyings.get(underlying)!.index;
    const leg = future(`z-${underlying}`, { underlying }, { mark });
    instruments.set(leg.spec.id, leg);
    return { instrument: leg.spec.id, quantity: String(i - 0.5), unrealisedFunding: 0 };
  });
  return {
    market: { ...market, instruments },
    account: { ...account, positions: [...account.positions, ...more] },
  };
}
