import { describe, expect, it } from "vitest";
import type { Book, PublishedRange } from "../book.ts";
import type { UnderlyingTerms } from "../terms.ts";
import { rowFamilies, type ScenarioTerms, type Stage, type Terms } from "../terms.ts";
import type { AccountMargin } from "./account.ts";
import {
  type BookParts,
  bookOf,
  future,
  marginOf,
  option,
  order,
  perpetual,
} from "./book.test-kit.ts";
import { seededChance, seeds } from "./chance.test-kit.ts";
import { offsetGroup } from "./offset.ts";
import { randomBook } from "./random-book.test-kit.ts";
import { randomTerms } from "./random-terms.test-kit.ts";
import { bareUnderlying, changed, row, termsOfAll, usualTails } from "./terms.test-kit.ts";
import type { UnderlyingResult } from "./underlying.ts";

const two = { underlyings: [{ id: "BTC" }, { id: "ETH" }] };
const pair = [perpetual("B"), perpetual("E", { underlying: "ETH" })];

function grouped(
  of: UnderlyingTerms,
  options: {
    readonly credit?: number;
    readonly beta?: number;
    readonly own?: UnderlyingTerms;
  } = {},
): Terms {
  const { credit = 0.8, beta, own } = options;
  return termsOfAll(of, {
    ...(own === undefined ? {} : { perUnderlying: { "*": of, ETH: own } }),
    offsets: {
      groups: [{ members: ["BTC", "ETH"], credit, beta: beta === undefined ? {} : { ETH: beta } }],
    },
    initialAtLeastMaintenance: false,
  });
}

const margin = (terms: Terms, parts: BookParts) =>
  marginOf(terms, bookOf({ ...two, instruments: pair, ...parts }));
const flat = (change: Partial<ScenarioTerms> = {}) =>
  changed(bareUnderlying, { scenarios: { core: ["flat"], slidePoints: 3, ...change } });

describe("a group of two", () => {
  it.each([
    ["a full hedge in part", { B: 10, E: -10 }, 0.8, 0, 320, 64],
    ["a full hedge wholly where the credit is 1", { B: 10, E: -10 }, 1, 0, 320, 0],
    ["nothing where the credit is 0", { B: 10, E: -10 }, 0, 0, 320, 320],
    ["half a hedge by what is left over", { B: 10, E: -5 }, 0.8, 80, 240, 0.8 * 80 + 0.2 * 240],
    ["nothing of two risks on one side", { B: 10, E: 10 }, 0.8, 320, 320, 320],
  ])("credits %s", (_, positions, credit, joint, sum, requirement) => {
    const [group] = margin(grouped(flat(), { credit }), { positions }).groups;
    expect(group).toMatchObject({ members: ["BTC", "ETH"], credit });
    expect(group!.initial.joint.loss).toBeCloseTo(joint, 10);
    expect(group!.initial.standaloneSum).toBeCloseTo(sum, 10);
    expect(group!.initial.requirement).toBeCloseTo(requirement, 10);
    expect(group!.initial.saved).toBeCloseTo(sum - requirement, 10);
    expect(group!.initial.betaExtra).toBe(0);
  });

  it.each([
    ["the first row where the fall hurts", { B: 10, E: 10 }, 0],
    ["the last row where the rise hurts", { B: -10, E: -10 }, 2],
    ["the first of all where none hurts", { B: 10, E: -10 }, 0],
  ])("names %s", (_, positions, worst) => {
    expect(margin(grouped(flat()), { positions }).groups[0]!.initial.joint.worst).toBe(worst);
  });

  it("has each stage's factor on joint and sum alike", () => {
    const of = changed(flat(), { factors: { initial: 1.5, maintenance: 0.5 } });
    const { groups, requirement } = margin(grouped(of), { positions: { B: 10, E: -5 } });
    expect(groups[0]!.initial.requirement).toBeCloseTo(1.5 * (0.8 * 80 + 0.2 * 240), 10);
    expect(groups[0]!.maintenance.requirement).toBeCloseTo(0.5 * (0.8 * 80 + 0.2 * 240), 10);
    expect(requirement.initial).toBeCloseTo(groups[0]!.initial.requirement, 10);
    expect(requirement.maintenance).toBeCloseTo(groups[0]!.maintenance.requirement, 10);
  });

  it("has each member's own factor", () => {
    const of = changed(flat(), { factors: { initial: 2, maintenance: 1 } });
    const { groups } = margin(grouped(flat(), { own: of }), { positions: { B: 10, E: -5 } });
    expect(groups[0]!.initial.joint.loss).toBeCloseTo(0, 10);
    expect(groups[0]!.initial.standaloneSum).toBeCloseTo(160 + 160, 10);
    expect(groups[0]!.maintenance.joint.loss).toBeCloseTo(80, 10);
  });

  it("meets tails by index", () => {
    const of = flat({ tails: { ...usualTails, moves: [-0.5, 1] } });
    const instruments = [
      option("B", { strike: 60, right: "put" }),
      option("E", { underlying: "ETH", strike: 60, right: "put" }),
    ];
    const { groups } = margin(grouped(of), { instruments, positions: { B: -10, E: 10 } });
    expect(groups[0]!.initial.joint.loss).toBeCloseTo(0, 10);
    const naked = margin(grouped(of), { instruments, positions: { B: -10, E: 1 } });
    expect(naked.groups[0]!.initial.joint.worst).toBe(3);
  });
});

describe("a minimum that a tree holds against rows", () => {
  const held = changed(flat(), {
    combine: { sum: [{ max: ["slides", "minimum"] }, "charges"] },
    charges: { minimumDelta: { net: 0.02, hedged: 0.02, inside: false } },
  });

  it("is held after the credit as before", () => {
    const { requirement } = margin(grouped(held, { credit: 1 }), { positions: { B: 10, E: -10 } });
    expect(requirement.initial).toBeCloseTo(2 * 0.02 * 1000, 10);
  });

  it("takes nothing from rows that stand above it", () => {
    const { requirement } = margin(grouped(held), { positions: { B: 10, E: -10 } });
    expect(requirement.initial).toBeCloseTo(64, 10);
  });

  it("is not made good by a hedge that only rests as an order", () => {
    const contracts = changed(held, {
      charges: {
        minimumDelta: null,
        nakedShort: {
          perStrike: true,
          initial: 0,
          maintenance: 0,
          minimumPerContract: 2,
          inside: false,
        },
      },
    });
    const far = option("F", { underlying: "ETH", strike: 1e6, secondsToExpiry: 86_400 });
    const parts = { instruments: [...pair, far], positions: { B: 10, F: 100 } };
    const of = (contractCount: number) =>
      margin(grouped(contracts, { credit: 1 }), {
        ...parts,
        openOrders: contractCount === 0 ? [] : [order("E", "sell", contractCount)],
      }).requirement.initial;
    expect(of(0)).toBeCloseTo(160 + 200, 10);
    for (const contractCount of [0.01, 1, 5, 10, 12, 30]) {
      expect(of(contractCount)).toBeGreaterThanOrEqual(360 - 1e-9);
    }
  });
});

describe("a beta", () => {
  it("moves a member by more in the group, and its standalone with it", () => {
    const [group] = margin(grouped(flat(), { beta: 1.5 }), { positions: { B: 15, E: -10 } }).groups;
    expect(group!.initial.joint.loss).toBeCloseTo(0, 10);
    expect(group!.initial.standaloneSum).toBeCloseTo(240 + 240, 10);
    expect(group!.initial.betaExtra).toBeCloseTo(80, 10);
    expect(group!.initial.requirement).toBeCloseTo(0.2 * 480, 10);
  });

  it("keeps the wider of the plain and the beta rows", () => {
    const [group] = margin(grouped(flat(), { beta: 0.5 }), { positions: { B: 5, E: -10 } }).groups;
    expect(group!.initial.joint.loss).toBeCloseTo(0, 10);
    expect(group!.initial.standaloneSum).toBeCloseTo(80 + 160, 10);
    expect(group!.initial.betaExtra).toBe(0);
  });

  it("is what the account is asked for, charges beside it", () => {
    const of = changed(flat(), {
      charges: { perp: { initial: 0.01, maintenance: 0, inside: false } },
    });
    const { requirement } = margin(grouped(of, { beta: 1.5, credit: 0 }), {
      positions: { B: 15, E: -10 },
    });
    expect(requirement.initial).toBeCloseTo(480 + 25, 10);
  });
});

describe("members whose rows do not meet", () => {
  it.each([
    ["a ladder beside points", flat(), flat({ recipe: "ladder" }), "BTC: points, ETH: ladder"],
    ["more points on one side", flat(), flat({ slidePoints: 5 }), "BTC: points, ETH: points"],
    [
      "more vol directions on a ladder",
      flat({ recipe: "ladder" }),
      flat({ recipe: "ladder", core: ["up", "flat"] }),
      "BTC: ladder, ETH: ladder",
    ],
    [
      "explicit rows beside a ladder",
      flat({ recipe: "ladder" }),
      flat({ recipe: "ladder", rows: [row({ slide: 0.1 })] }),
      "BTC: ladder, ETH: ladder",
    ],
  ])("are refused: %s", (_, of, own, found) => {
    expect(() => margin(grouped(of, { own }), { positions: { B: 1, E: 1 } })).toThrow(
      expect.objectContaining({
        code: "terms_invalid",
        detail: {
          path: "offsets.groups",
          expected: "members with the same rows, or all on ladders",
          found,
        },
      }),
    );
  });
});

const ladder = changed(
  flat({ recipe: "ladder", tails: usualTails, cross: { dtDays: [1], dr: [] } }),
  {
    regime: { assetClass: "crypto", mode: "replace" },
  },
);
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

describe("a group without rows", () => {
  it("needs and saves nothing", () => {
    const { underlyings } = margin(grouped(flat({ recipe: "none" })), {
      positions: { B: 1, E: 1 },
    });
    expect(offsetGroup(0.5, underlyings).initial).toEqual({
      standaloneSum: 0,
      joint: { loss: 0, worst: -1 },
      requirement: 0,
      betaExtra: 0,
      saved: 0,
    });
  });
});
