/**
 * The page's account, from its charges to its status: what stands around the scan.
 */
import { haircutUsd } from "../../core/margin/equity.ts";
import { grouped } from "../../core/margin/holding.ts";
import { standardMargin } from "../../core/margin/modes.ts";
import { SECONDS_PER_YEAR } from "../../core/scenario/risk-array.ts";
import { stages } from "../../core/terms.ts";
import { legName, only } from "./condor.ts";
import { amount, figure, percent, table } from "./layout.ts";
import type { Worked } from "./worked.ts";

const STAGED = ["", "initial:", "maintenance:"] as const;

/** The head of the statement document, and its ratios in a sentence. */
export function statementTable({ document: at, raw }: Worked): string {
  const row = (name: string, initial: string, maintenance: string) => [
    name,
    amount(initial),
    amount(maintenance),
  ];
  const of = at.perUnderlying[0]!;
  const { up, down } = raw.liquidationPrice[of.underlying]!;
  const price = (side: string, value: number | null) =>
    `${side} ${value === null ? "none" : figure(value)}`;
  return [
    table(STAGED, [
      row("equity", at.equity.initial, at.equity.maintenance),
      row("requirement", at.initialMargin, at.maintenanceMargin),
      row("headroom", at.headroom.initial, at.headroom.maintenance),
      row("scanning risk", of.scanningRisk.initial, of.scanningRisk.maintenance),
      ...Object.entries(of.charges).map(([name, charge]) =>
        row(`charge ${name}`, charge.initial, charge.maintenance),
      ),
    ]),
    "",
    `Status \`${raw.status}\`; margin ratio ${percent(raw.marginRatio)}; liquidation price of ` +
      `${of.underlying}: ${price("down", down)}, ${price("up", up)}; capital efficiency against ` +
      `isolated margin ${percent(raw.capitalEfficiency)}.`,
  ].join("\n");
}

/** Charges before any factor, with what they are made of. */
export function chargeTable(worked: Worked): string {
  return table(
    ["charge", "how it comes about", "initial:", "maintenance:"],
    [...rollRows(worked), nakedRow(worked), sizeRow(worked)],
  );
}

function rollRows(worked: Worked): string[][] {
  const { view, input, charges } = only(worked);
  const { minMove, annualisedMove } = view.terms.charges.roll!;
  const buckets = [...grouped(input.holdings, ({ seconds }) => seconds).values()].map((legs) => {
    const years = legs[0]!.leg.seconds / SECONDS_PER_YEAR;
    const delta = legs.reduce((sum, { leg, quantity }) => sum + quantity * leg.greeks.delta, 0);
    const move = Math.max(minMove, annualisedMove * years);
    const value = figure(Math.abs(delta) * view.index * move);
    const when = years === 0 ? "T = 0" : `${figure(years * 365, 0)} days`;
    const larger = `max(${percent(minMove)}, ${percent(annualisedMove)} × T)`;
    const how = `${when}: ${figure(Math.abs(delta), 6)} × ${figure(view.index)} × ${larger}`;
    return ["", how, value, value];
  });
  const [initial, maintenance] = stages.map((stage) => figure(charges.roll![stage]));
  return [...buckets, ["roll", "sum over expiries", initial!, maintenance!]];
}

function nakedRow(worked: Worked): string[] {
  const { view, input, charges } = only(worked);
  const rates = view.terms.charges.nakedShort!;
  const strikes = grouped(
    input.holdings.filter(({ leg }) => leg.market.spec.kind === "option"),
    ({ market, seconds }) => `${seconds} ${market.spec.strike}`,
  );
  const short = [...strikes.values()].map((legs) =>
    Math.max(0, -legs.reduce((sum, { quantity }) => sum + quantity, 0)),
  );
  const sum = short.filter((units) => units > 0).join(" + ");
  const both = `${percent(rates.initial)} or ${percent(rates.maintenance)}`;
  return [
    "nakedShort",
    `(${sum}) × ${figure(view.index)} × ${both}`,
    ...stages.map((stage) => figure(charges.nakedShort![stage])),
  ];
}

function sizeRow(worked: Worked): string[] {
  const { view, charges, greeks } = only(worked);
  const usd = Math.abs(greeks.delta) * view.index;
  const depth = `${figure(view.terms.liquidity!.depthUsd, 0)}`;
  return [
    "size",
    `${figure(Math.abs(greeks.delta), 6)} × ${figure(view.index)} = ${figure(usd)}, below ${depth}`,
    ...stages.map((stage) => figure(charges.size![stage])),
  ];
}

/** Factor, rows and charges, summed by stage. */
export function requirementTable(worked: Worked): string {
  const { initial, maintenance, charges } = only(worked);
  const { requirement } = worked.margin.portfolio;
  const line = (name: string, of: (stage: "initial" | "maintenance") => string) => [
    name,
    ...stages.map(of),
  ];
  const result = { initial, maintenance };
  return table(STAGED, [
    line("factor", (stage) => figure(result[stage].factor)),
    line("factor × scanning risk", (stage) =>
      figure(result[stage].factor * result[stage].scanningRisk),
    ),
    line("factor × roll (it stands inside)", (stage) =>
      figure(result[stage].factor * charges.roll![stage]),
    ),
    line("naked short", (stage) => figure(charges.nakedShort![stage])),
    line("requirement, unrounded", (stage) => figure(requirement[stage], 6)),
  ]);
}

/** Equity from its parts. */
export function equityTable(worked: Worked): string {
  const { margin, terms, context } = worked;
  const { view, greeks } = only(worked);
  const coin = margin.balances.find(({ slidesWith }) => slidesWith !== null)!;
  const cash = margin.balances.find(({ slidesWith }) => slidesWith === null)!;
  const hedged = Math.max(0, -greeks.delta) * view.index;
  const open = Math.max(0, coin.usd - hedged);
  const rate = coin.terms.initialHaircut;
  const { worth, equity } = margin;
  return table(
    ["", "USD:"],
    [
      [`${cash.currency}, no haircut`, figure(cash.usd)],
      [`${coin.currency}: ${figure(coin.amount)} × ${figure(view.index)}`, figure(coin.usd)],
      [
        `haircut: ${percent(rate)} of what no short delta hedges, ${figure(coin.usd)} - ` +
          `${figure(-greeks.delta, 6)} × ${figure(view.index)} = ${figure(open)}`,
        figure(-haircutUsd(coin.terms, "initial", open) / context.numeraire.price),
      ],
      ["value of the options", figure(worth.optionValue)],
      ["P&L of the perpetual since its entry", figure(worth.unrealisedPnl)],
      ["funding accrued", figure(worth.unrealisedFunding)],
      [`equity in ${terms.numeraire}, both stages`, figure(equity.initial, 6)],
    ],
  );
}

/** Each leg by the standard formulas, then the modes. */
export function modeTable(worked: Worked): string {
  const { margin, terms, document, context } = worked;
  const legs = margin.positions.map(({ leg, quantity, entryPrice, unrealisedPnl }) => {
    const { index } = context.view(leg.market.spec.underlying);
    const worth = unrealisedPnl + quantity * leg.value * leg.unit;
    const position = { leg, quantity, entryPrice, index, unit: 1, worth };
    const { initial, maintenance } = standardMargin(terms.standard!, position)!;
    const capital = Math.max(0, initial - worth);
    const cells = [initial, maintenance, capital, worth].map((one) => figure(one));
    return [`${legName(leg)} alone`, ...cells];
  });
  const modes = Object.entries(document.modes).map(([name, of]) => [
    `mode \`${name}\``,
    ...[of.initialMargin, of.maintenanceMargin, of.capital].map(amount),
    "",
  ]);
  const header = ["", "initial:", "maintenance:", "capital:", "value and P&L:"];
  return table(header, [...legs, ...modes]);
}
