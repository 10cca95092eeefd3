import { describe, expect, it } from "vitest";
import type { OpenOrder } from "../book.ts";
import type { ScenarioTerms, Terms, UnderlyingTerms } from "../terms.ts";
import { type BookParts, bookOf, marginOf, option, order, perpetual } from "./book.test-kit.ts";
import { offsetGroup } from "./offset.ts";
import { bareUnderlying, changed, row, termsOfAll, usualTails } from "./terms.test-kit.ts";

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

  it("credits as well beside resting orders, whose worst it has in every row", () => {
    // The buy of 2 costs 32 where the price falls: 160 - 160 + 32 there, 160 - 160 where it rises.
    const held = { positions: { B: 10, E: -10 }, openOrders: [order("E", "buy", 2)] };
    const [group] = margin(grouped(flat()), held).groups;
    expect(group!.initial.joint.loss).toBeCloseTo(32, 10);
    expect(group!.initial.saved).toBeCloseTo(320 - (0.8 * 32 + 0.2 * 320), 10);
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

describe("what a tree does with rows", () => {
  const held = changed(flat(), {
    combine: { sum: [{ max: ["slides", "minimum"] }, "charges"] },
    charges: { minimumDelta: { net: 0.02, hedged: 0.02, inside: false } },
  });

  it("holds a minimum after the credit as before", () => {
    const { requirement } = margin(grouped(held, { credit: 1 }), { positions: { B: 10, E: -10 } });
    expect(requirement.initial).toBeCloseTo(2 * 0.02 * 1000, 10);
  });

  it("takes nothing by a minimum from rows that stand above it", () => {
    const { requirement } = margin(grouped(held), { positions: { B: 10, E: -10 } });
    expect(requirement.initial).toBeCloseTo(64, 10);
  });

  it("stays as it is where orders count for nothing", () => {
    const held10 = { positions: { B: 10, E: -10 } };
    const resting = { ...held10, openOrders: [order("E", "buy", 2)] };
    const of = (parts: BookParts) => margin(grouped(held), parts).requirement.maintenance;
    expect(of(resting)).toBeCloseTo(64, 10);
    expect(of(held10)).toBeCloseTo(64, 10);
  });

  it("counts them as often as the tree that counts them most, beside resting orders", () => {
    const often = changed(flat({ cross: { dtDays: [0], dr: [] } }), {
      combine: { sum: ["slides", "theta"] },
    });
    const of = changed(often, { combine: { max: ["slides", "theta"] } });
    const asked = (openOrders: readonly OpenOrder[]) =>
      margin(grouped(of, { own: often }), { positions: { B: 10, E: -10 }, openOrders }).requirement
        .initial;
    // A fifth of 160 and a fifth of 160 twice; an order of next to nothing must not lower that.
    expect(asked([])).toBeCloseTo(32 + 64, 10);
    expect(asked([order("E", "buy", 1e-9)])).toBeGreaterThanOrEqual(96);
  });

  it("makes no minimum good by a hedge that only rests as an order", () => {
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

  it("asks for rows that only it moves far enough to lose", () => {
    const instruments = [
      option("B", { strike: 500, secondsToExpiry: 0 }),
      option("E", { underlying: "ETH", strike: 120, secondsToExpiry: 0 }),
    ];
    const parts = { instruments, positions: { B: 1, E: -10 } };
    const { requirement, groups } = margin(grouped(flat(), { beta: 1.5 }), parts);
    expect(groups[0]!.initial).toMatchObject({ saved: expect.closeTo(0, 10) });
    expect(groups[0]!.initial.betaExtra).toBeCloseTo(40, 10);
    expect(requirement.initial).toBeCloseTo(40, 10);
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
