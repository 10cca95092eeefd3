/**
 * Two small books beside the account: a fly that shows why the ladder stands still, and a pair of
 * perpetuals that shows what an offset is.
 */
import type { AccountMargin } from "../../core/margin/account.ts";
import { stages } from "../../core/terms.ts";
import { amount, figure, percent, table } from "./layout.ts";
import { caseText, type Worked, work } from "./worked.ts";

const PAIR = "pair.json";
/** Published ranges at which the fly is margined. */
export const FLY_RANGES = [0.14, 0.15, 0.16, 0.17, 0.18, 0.19, 0.2] as const;

/** Short one fly of calls around 108 at a price of 100, three days before expiry. */
function flyBook(recipe: "ladder" | "points", slideRange: number): unknown {
  const scenarios = { recipe, slideRange, slidePoints: 9, core: ["up", "flat", "down"] };
  const vol = { up: 0.5, down: 0.25, shortPower: 0.3, longPower: 0.13, floorDays: 1 };
  const call = (strike: number) => ({
    kind: "option",
    underlying: "X",
    right: "call",
    strike,
    secondsToExpiry: 3 * 86_400,
    contractSize: 1,
    forward: 100,
    vol: 0.6,
  });
  return {
    slidewire: "book/1",
    terms: { extends: null, perUnderlying: { "*": { scenarios, vol } } },
    market: {
      underlyings: { X: { index: 100 } },
      instruments: { C104: call(104), C108: call(108), C112: call(112) },
    },
    account: {
      id: "fly",
      positions: [
        { instrument: "C104", quantity: -1 },
        { instrument: "C108", quantity: 2 },
        { instrument: "C112", quantity: -1 },
      ],
    },
  };
}

/** Scanning risk of the fly. */
export function flyRisk(recipe: "ladder" | "points", range: number): number {
  return work(flyBook(recipe, range)).raw.initialMargin;
}

/** The fly at each range, on nodes that scale and on the ladder. */
export function flyTable(): string {
  const line = (name: string, recipe: "ladder" | "points") => [
    name,
    ...FLY_RANGES.map((range) => figure(flyRisk(recipe, range), 3)),
  ];
  return table(
    ["published range", ...FLY_RANGES.map((range) => `±${percent(range)}:`)],
    [line("nine nodes that scale with it", "points"), line("the ladder", "ladder")],
  );
}

/** The pair of perpetuals, computed. */
export function pair(): Worked {
  return work(JSON.parse(caseText(PAIR)));
}

/** Losses where the ranges end, and how the group mixes them. */
export function offsetTable({ margin, document }: Worked): string {
  const group = document.offsets[0]!;
  const losses = [...margin.underlyings.map(lossAtEdges), ["both", ...jointAtEdges(margin)]];
  const { credit } = group;
  const lines = [
    ["Σ f standalone", ...stages.map((stage) => amount(group[stage].standaloneSum))],
    ["joint", ...stages.map((stage) => amount(group[stage].joint.loss))],
    [
      `group = ${credit} joint + ${figure(1 - credit, 1)} Σ`,
      ...stages.map((stage) => amount(group[stage].requirement)),
    ],
    ["roll, inside the factor", ...stages.map((stage) => figure(rollOf(margin, stage)))],
    ["requirement", amount(document.initialMargin), amount(document.maintenanceMargin)],
  ];
  return [
    table(["loss at", "the lower edge:", "0:", "the upper edge:"], losses),
    "",
    table(["", "initial:", "maintenance:"], lines),
  ].join("\n");
}

type Underlying = AccountMargin["underlyings"][number];

/** Losses at x = -1, 0 and 1 in the flat rows. */
function edges({ view, pnl, initial }: Underlying): number[] {
  const { grid } = view.planes[initial.stage.plane]!;
  const { nodes } = grid;
  return [-nodes, 0, nodes].map((node) => {
    const row = grid.node.findIndex((at, i) => at === node && grid.volCode[i] === 0);
    return 0 - pnl[row]!;
  });
}

function lossAtEdges(of: Underlying): string[] {
  const { id, initial } = of.view;
  return [`${id}, ±${percent(initial.range)}`, ...edges(of).map((loss) => figure(loss))];
}

function jointAtEdges({ underlyings }: AccountMargin): string[] {
  const all = underlyings.map(edges);
  return [0, 1, 2].map((at) => figure(all.reduce((sum, of) => sum + of[at]!, 0)));
}

function rollOf({ underlyings }: AccountMargin, stage: "initial" | "maintenance"): number {
  return underlyings.reduce((sum, of) => sum + of[stage].charges.roll!, 0);
}
