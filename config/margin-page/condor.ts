/**
 * The page's account, step by step: an iron condor with a perpetual hedge and coin as collateral.
 *
 * Every step shows what the engine has inside, not a second computation; the test is that one.
 */
import type { Holding } from "../../core/margin/holding.ts";
import type { Leg } from "../../core/margin/leg.ts";
import { tied } from "../../core/margin/scan.ts";
import type { UnderlyingResult } from "../../core/margin/underlying.ts";
import { cdf } from "../../core/pricing/normal.ts";
import { volCodes } from "../../core/scenario/grid.ts";
import { type OptionLeg, optionValueAt, SECONDS_PER_YEAR } from "../../core/scenario/risk-array.ts";
import { shockVol } from "../../core/scenario/vol-shock.ts";
import { rowFamilies, type Stage, stages } from "../../core/terms.ts";
import { figure, percent, signed, table } from "./layout.ts";
import { caseText, type Worked, work } from "./worked.ts";

const CONDOR = "condor.json";

/** The option that is priced on the page, and the tail that is set beside the worst row. */
const PRICED = "BTC-18DEC26-55000-P";
const TAIL = -0.33;
const DAY_SECONDS = 86_400;

/** The account, computed. */
export function condor(): Worked {
  return work(JSON.parse(caseText(CONDOR)));
}

/** The one underlying of the account. */
export function only({ margin }: Worked): UnderlyingResult {
  return margin.underlyings[0]!;
}

/** "short 55,000 put", "perpetual". */
export function legName({ market: { spec } }: Leg): string {
  if (spec.kind !== "option") return spec.kind;
  return `${figure(spec.strike!, 0)} ${spec.right}`;
}

/** Legs and balances as they stand. */
export function accountTable({ margin }: Worked): string {
  const legs = margin.positions.map(({ leg, quantity, entryPrice, unrealisedPnl }) => {
    const { market } = leg;
    const option = market.spec.kind === "option";
    return [
      legName(leg),
      signed(quantity, option ? 0 : 2),
      option ? `vol ${percent(market.vol!)}` : `mark ${figure(market.mark!)}`,
      figure(entryPrice!),
      option ? figure(leg.value) : "",
      option ? figure(quantity * leg.value) : "",
      option ? "" : figure(unrealisedPnl),
      figure(quantity * leg.greeks.delta, 4),
    ];
  });
  const balances = margin.balances.map(({ currency, amount, usd, slidesWith }) => [
    `${currency} balance`,
    figure(amount),
    "",
    "",
    "",
    figure(usd),
    "",
    slidesWith === null ? "" : figure(amount, 4),
  ]);
  const header = ["leg", "quantity:", "mark or vol:", "entry:", "value of one:", "value:", "P&L:"];
  return table([...header, "Δ, BTC:"], [...legs, ...balances]);
}

/** Every option's vols in the three directions. */
export function volTable(worked: Worked): string {
  const { view, input } = only(worked);
  const options = input.holdings.filter(({ leg }) => leg.priced?.kind === "option");
  const days = options[0]!.leg.seconds / DAY_SECONDS;
  const rule = view.terms.vol[0]!;
  const t = (rule.referenceDays / Math.max(days, rule.floorDays)) ** rule.shortPower;
  const rows = options.map(({ leg }) => {
    const { vol } = leg.priced as OptionLeg;
    const { up, down } = shockVol(view.terms.vol, vol, days, view.volScale);
    return [legName(leg), ...[down, vol, up].map((value) => figure(value, 4))];
  });
  const factor = (move: number) => `× ${figure(1 + move * view.volScale * t, 6)}`;
  const header = [`t = (30 / ${days})^${rule.shortPower} = ${figure(t, 6)}`];
  return table([...header, `down ${factor(-rule.down)}:`, "flat:", `up ${factor(rule.up)}:`], rows);
}

/** The rows that the page follows: the worst of the outer set, and a tail. */
function followed({ view, initial }: UnderlyingResult): readonly { row: number; weight: number }[] {
  const outer = initial.stage.masks.length - 1;
  const { rows, weights } = initial.stage.masks[outer]!;
  const { grid } = view.planes[initial.stage.plane]!;
  const tail = rows.findIndex(
    (row) => rowFamilies[grid.family[row]!] === "tails" && grid.slide[row] === TAIL,
  );
  return [initial.scans[outer]!.worst, tail].map((at) => ({
    row: rows[at]!,
    weight: weights[at]!,
  }));
}

/** "-18 %, vol down", "+16 %, a day later". */
function rowName({ view, initial }: UnderlyingResult, row: number): string {
  const { grid } = view.planes[initial.stage.plane]!;
  const slide = `${grid.slide[row]! > 0 ? "+" : ""}${percent(grid.slide[row]!)}`;
  if (grid.dtDays[row]! > 0) return `${slide}, a day later`;
  const code = grid.volCode[row]!;
  return `${slide}, vol ${code === volCodes.up ? "up" : code === volCodes.down ? "down" : "flat"}`;
}

/** One option now and in the followed rows, step by step. */
export function optionTable(worked: Worked): string {
  const result = only(worked);
  const { view } = result;
  const leg = worked.context.leg(PRICED);
  const priced = leg.priced as OptionLeg;
  const years = leg.seconds / SECONDS_PER_YEAR;
  const vols = shockVol(view.terms.vol, priced.vol, leg.seconds / DAY_SECONDS, view.volScale);
  const rows = followed(result);
  const { grid } = view.planes[result.initial.stage.plane]!;
  const cases = [
    { slide: 0, vol: vols.flat },
    ...rows.map(({ row }) => ({
      slide: grid.slide[row]!,
      vol: grid.volCode[row] === volCodes.up ? vols.up : vols.down,
    })),
  ].map(({ slide, vol }) => {
    const forward = priced.forwardMoving * (1 + slide);
    const s = vol * Math.sqrt(years);
    const d1 = Math.log(forward / priced.strike) / s + s / 2;
    const value = optionValueAt(priced, slide, vol, 0, 0);
    return { forward, vol, s, d1, d2: d1 - s, value };
  });
  const line = (name: string, of: (one: (typeof cases)[number]) => number, decimals: number) => [
    name,
    ...cases.map((one) => figure(of(one), decimals)),
  ];
  const discount = Math.exp(-priced.rate * years);
  return table(
    [`${legName(leg)}, one contract`, "now:", ...rows.map(({ row }) => `${rowName(result, row)}:`)],
    [
      line("forward F", ({ forward }) => forward, 2),
      line("vol σ", ({ vol }) => vol, 6),
      line("s = σ √T", ({ s }) => s, 6),
      line("d1 = ln(F/K)/s + s/2", ({ d1 }) => d1, 6),
      line("d2 = d1 - s", ({ d2 }) => d2, 6),
      line("Φ(-d1)", ({ d1 }) => cdf(-d1), 6),
      line("Φ(-d2)", ({ d2 }) => cdf(-d2), 6),
      line("e^(-rT)", () => discount, 6),
      line("value = e^(-rT) (K Φ(-d2) - F Φ(-d1))", ({ value }) => value, 2),
      ["P&L of one long", "", ...cases.slice(1).map(({ value }) => signed(value - leg.value))],
    ],
  );
}

/** Quantity times risk array, leg by leg, in the followed rows. */
export function dotTable(worked: Worked): string {
  const result = only(worked);
  const { input, view, initial, pnl } = result;
  const rows = followed(result);
  const parts = [
    ...input.holdings.map(({ leg, quantity }: Holding) => ({
      name: `${signed(quantity, Number.isInteger(quantity) ? 0 : 2)} × ${legName(leg)}`,
      of: (row: number) => quantity * leg.arrays[initial.stage.plane]![row]!,
    })),
    {
      name: "coin collateral",
      of: (row: number) => input.coinUsd * view.planes[initial.stage.plane]!.grid.slide[row]!,
    },
  ];
  const cells = (of: (one: { row: number; weight: number }) => string) => rows.map(of);
  return table(
    ["", ...rows.map(({ row }) => `${rowName(result, row)}:`)],
    [
      ...parts.map(({ name, of }) => [name, ...cells(({ row }) => signed(of(row)))]),
      ["P&L of the account", ...cells(({ row }) => signed(pnl[row]!))],
      ["weight", ...cells(({ weight }) => figure(weight, 6))],
      ["loss", ...cells(({ row, weight }) => figure(-weight * pnl[row]!))],
    ],
  );
}

/** Every node set's worst loss by family, and each stage's mixture. */
export function setTable(worked: Worked): string {
  const result = only(worked);
  const rows = stages.flatMap((stage) => stageRows(result, stage));
  return table(["", "set", "share:", "slides:", "tails:", "theta:", "worst row", "loss:"], rows);
}

function stageRows(result: UnderlyingResult, stage: Stage): string[][] {
  const { stage: of, scans, scanningRisk } = result[stage];
  const sets = of.masks.map((mask, i) => {
    const { families, losses, loss } = scans[i]!;
    const family = (name: "slides" | "tails" | "theta") => families[rowFamilies.indexOf(name)]!;
    const worst = mask.rows[losses.findIndex((one) => tied(one, loss))]!;
    return [
      stage,
      `±${percent(mask.range)}`,
      figure(mask.share),
      ...(["slides", "tails", "theta"] as const).map((name) => figure(family(name))),
      rowName(result, worst),
      figure(loss),
    ];
  });
  return [...sets, [stage, `**±${percent(of.range)}**`, "", "", "", "", "", figure(scanningRisk)]];
}
