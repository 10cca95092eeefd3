/**
 * The margin statement: the figures of an account as one tree, in float64 and as rounded amounts.
 *
 * `statementFigures` is what the stream sends (without `scenarioPnl` and `explain`) and what the
 * offline door adds under `raw`: the same function, so the same bits. `statementDocument` is the
 * tree for people and ledgers: amounts as decimal strings, rounded once, requirements up, equity
 * down.
 */
import type { Book, PublishedRange } from "../book.ts";
import { skewCodes, volCodes } from "../scenario/grid.ts";
import { chargeNames, type Stage, type Staged, stages, type Terms } from "../terms.ts";
import { type AccountMargin, headroom } from "./account.ts";
import { accountCharges } from "./account-charges.ts";
import type { MarginContext } from "./context.ts";
import { explain } from "./explain.ts";
import { liquidationPrice } from "./liquidation-price.ts";
import type { GroupResult, GroupStage } from "./offset.ts";
import { basisIsWorst, staged, type UnderlyingResult } from "./underlying.ts";
import type { UnderlyingView } from "./view.ts";

/** Confidence at which a published range is calibrated, and over what horizon. */
export const CALIBRATED_LEVEL = 0.995;
export const CALIBRATED_HOURS = 24;

export type Tree = { readonly [name: string]: unknown };

/** What the caller knows beside the arithmetic. */
export interface StatementFrame {
  /** Number of the Turn that the figures belong to; null offline. */
  readonly turn: number | null;
  readonly termsHash: string;
  readonly marks: MarksState;
  /** What the regime said of an underlying's range. */
  readonly told: (underlying: string) => RangeTold | undefined;
}

export type RangeTold = Pick<PublishedRange, "state" | "evidence">;

export interface MarksState {
  /** Age of the oldest mark used, ms of market time; null where no times are known. */
  readonly oldestAgeMs: number | null;
  /** Of the names that the account depends on. */
  readonly stale: readonly string[];
  readonly quarantined: readonly string[];
  readonly state: "OK" | "DEGRADED" | "HALTED";
}

/** The statement in float64, without liquidation prices, `scenarioPnl` and `explain`. */
export function statementFigures(
  context: MarginContext,
  margin: AccountMargin,
  frame: StatementFrame,
): Tree {
  const { terms, numeraire, market } = context;
  const { equity, requirement, worth } = margin;
  const free = headroom(margin);
  const usd = margin.balances.reduce((sum, balance) => sum + balance.usd, 0);
  return {
    account: margin.account.id,
    mode: margin.account.mode,
    turn: frame.turn,
    asOf: new Date(market.asOfMs).toISOString(),
    numeraire: numeraire.currency,
    terms: { name: terms.name, version: terms.version, hash: frame.termsHash },
    grids: gridsOf(margin, frame),
    confidence: confidenceOf(margin, context),
    status: margin.status,
    missing: margin.missing,
    equity,
    collateralValue: usd / numeraire.price,
    collateral: margin.collateral,
    ...worth,
    initialMargin: requirement.initial,
    maintenanceMargin: requirement.maintenance,
    marginRatio: equity.maintenance > 0 ? requirement.maintenance / equity.maintenance : null,
    headroom: free,
    net: free,
    marks: { ...frame.marks, worstConfidence: worstConfidence(margin) },
    perUnderlying: margin.underlyings.map(underlyingFigures),
    offsets: margin.groups.map(groupFigures),
    charges: chargeTotals(margin),
    modes: margin.modes,
    capitalEfficiency: efficiency(margin),
  };
}

/**
 * The same with the liquidation prices: some dozen revaluations for each underlying. None while a
 * mark that the account depends on is withheld: they would be advice on a price that nobody stands
 * by.
 */
export function withLiquidation(
  figures: Tree,
  book: Book,
  margin: AccountMargin,
  terms: Terms,
): Tree {
  const { quarantined } = figures["marks"] as MarksState;
  const prices = quarantined.length > 0 ? {} : liquidationPrices(book, terms, margin);
  return { ...figures, liquidationPrice: prices };
}

/** The whole statement in float64: figures with liquidation prices, scenario P&L and explain. */
export function wholeStatement(
  figures: Tree,
  margin: AccountMargin,
  { told }: Pick<StatementFrame, "told">,
): Tree {
  const rows = new Map(margin.underlyings.map((result) => [result.view.id, scenarioPnl(result)]));
  return {
    ...figures,
    grids: Object.fromEntries(
      Object.entries(figures["grids"] as Tree).map(([id, grid]) => {
        const evidence = told(id)?.evidence;
        return [id, evidence === undefined ? grid : { ...(grid as Tree), evidence }];
      }),
    ),
    perUnderlying: (figures["perUnderlying"] as Tree[]).map((of) => ({
      ...of,
      scenarioPnl: rows.get(of["underlying"] as string),
    })),
    explain: explain(margin),
  };
}

function gridsOf({ underlyings }: AccountMargin, { told }: StatementFrame): Tree {
  return Object.fromEntries(
    underlyings.map(({ view }) => [
      view.id,
      {
        initial: { slideRange: view.initial.range },
        maintenance: { slideRange: view.maintenance.range },
        volScale: view.volScale,
        ...stateOf(told(view.id)),
      },
    ]),
  );
}

const stateOf = (told: RangeTold | undefined) =>
  told?.state === undefined ? {} : { state: told.state };

function confidenceOf({ underlyings }: AccountMargin, { market }: MarginContext): Tree {
  return Object.fromEntries(
    underlyings.map(({ view: { id, terms } }) => {
      const follows = market.ranges.has(id) && terms.regime.mode !== "off";
      const basis = follows && terms.regime.mode !== "scale" ? "calibrated" : "declared";
      return [id, { level: CALIBRATED_LEVEL, horizonHours: CALIBRATED_HOURS, basis }];
    }),
  );
}

function worstConfidence({ positions, balances, underlyings }: AccountMargin): number {
  const all = [
    ...positions.flatMap(({ leg: { market } }) => [
      market.confidence,
      market.forwardConfidence,
      market.volConfidence,
      market.rateConfidence,
    ]),
    ...balances.map(({ confidence }) => confidence),
    ...underlyings.map(({ view }) => view.confidence),
  ];
  return all.reduce((least, confidence) => Math.min(least, confidence), 1);
}

function underlyingFigures(result: UnderlyingResult): Tree {
  const { view, greeks } = result;
  const { index } = view;
  return {
    underlying: view.id,
    scanningRisk: staged((stage) => result[stage].scanningRisk),
    worst: {
      initial: worstRow(result, "initial"),
      maintenance: worstRow(result, "maintenance"),
    },
    charges: result.charges,
    initialMargin: result.initial.requirement,
    maintenanceMargin: result.maintenance.requirement,
    greeks: {
      delta: greeks.delta,
      deltaCash: greeks.delta * index,
      gamma: greeks.gamma,
      gammaCash: greeks.gamma * index * index,
      vega: greeks.vega,
      theta: greeks.theta,
      rho: greeks.rho,
    },
  };
}

/** The row that sets a stage's scan, named by its position among the rows of `scenarioPnl`. */
function worstRow(result: UnderlyingResult, name: Stage): Tree | null {
  const { view } = result;
  const stage = result[name];
  const shown = shownRows(result);
  if (basisIsWorst(result, stage)) {
    return {
      kind: "basis",
      index: shown.length,
      slide: 0,
      vol: "flat",
      dtDays: 0,
      dr: 0,
      weight: 1,
    };
  }
  const outer = stage.stage.masks.length - 1;
  const mask = stage.stage.masks[outer]!;
  const at = stage.scans[outer]!.worst;
  if (at < 0) return null;
  const { grid } = view.planes[stage.stage.plane]!;
  const row = mask.rows[at]!;
  const sameRows = stage.stage.plane === view.initial.plane;
  const index = sameRows ? shown.indexOf(row) : at;
  return {
    kind: "row",
    index: index < 0 ? at : index,
    slide: grid.slide[row]!,
    vol: volName(grid.volCode[row]!, grid.volMove[row]!),
    skew: skewName(grid.skewCode[row]!),
    dtDays: grid.dtDays[row]!,
    dr: grid.dr[row]!,
    weight: mask.weights[at]!,
  };
}

function volName(code: number, move: number): string | number {
  if (code === volCodes.own) return move;
  return code === volCodes.up ? "up" : code === volCodes.down ? "down" : "flat";
}

function skewName(code: number): string | null {
  if (code === skewCodes.none) return null;
  return code === skewCodes.linear ? "linear" : "absolute";
}

/** Rows scanned for the initial range (the outer set of a ladder), in row order. */
function shownRows({ initial }: UnderlyingResult): Int32Array {
  const { masks } = initial.stage;
  return masks[masks.length - 1]!.rows;
}

/** Weighted P&L by row, before orders, after the terms' say on gains and small tail losses. */
function scenarioPnl(result: UnderlyingResult): number[] {
  const { initial } = result;
  const outer = initial.scans[initial.scans.length - 1]!;
  return Array.from(outer.positions, (loss) => 0 - loss);
}

function groupFigures(group: GroupResult): Tree {
  return {
    members: group.members,
    credit: group.credit,
    initial: groupStageFigures(group.initial),
    maintenance: groupStageFigures(group.maintenance),
  };
}

function groupStageFigures({ standaloneSum, joint, requirement }: GroupStage): Tree {
  return {
    standaloneSum,
    joint: { loss: joint.loss, worst: { index: joint.worst } },
    requirement,
  };
}

/** Charges over all underlyings by name, then those of the account; an offset is negative. */
function chargeTotals(margin: AccountMargin): Tree {
  const totals: Record<string, Staged> = {};
  for (const name of chargeNames) {
    const of = margin.underlyings.flatMap(({ charges }) => charges[name] ?? []);
    if (of.length > 0) {
      totals[name] = staged((stage) => of.reduce((sum, amount) => sum + amount[stage], 0));
    }
  }
  for (const name of accountCharges) {
    const amount = margin.accountCharges[name];
    if (stages.some((stage) => amount[stage] !== 0)) totals[name] = amount;
  }
  if (margin.groups.length > 0) {
    totals["offset"] = staged((stage) =>
      margin.groups.reduce((sum, group) => sum - group[stage].saved, 0),
    );
  }
  return totals;
}

function efficiency({ modes }: AccountMargin): number | null {
  if (modes.isolated === null || !(modes.isolated.capital > 0)) return null;
  return 1 - modes.portfolio.capital / modes.isolated.capital;
}

function liquidationPrices(
  book: Book,
  terms: Terms,
  { underlyings, missing }: AccountMargin,
): Tree {
  if (missing.length > 0) return {};
  return Object.fromEntries(
    underlyings.map(({ view }: { view: UnderlyingView }) => [
      view.id,
      liquidationPrice(book, terms, view.id),
    ]),
  );
}
