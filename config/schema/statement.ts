/**
 * The margin statement as it leaves by the offline door: amounts as decimal strings.
 *
 * Requirements are rounded toward +∞, equity and credits toward -∞, once, to the numeraire's step.
 * `raw`, when asked for, is the same tree with amounts in float64.
 */
import { accountModes } from "../../core/book.ts";
import { statuses } from "../../core/margin/status.ts";
import {
  anything,
  choice,
  either,
  list,
  map,
  nullable,
  number,
  object,
  optional,
  type Shape,
  text,
} from "../../core/shape.ts";
import { volDirections } from "../../core/terms.ts";
import { LEGS_MAX, ORDERS_MAX } from "./book.ts";
import { fraction, nameText } from "./measures.ts";
import { MEMBERS_MAX, UNDERLYINGS_MAX } from "./terms.ts";

const BIG = Number.MAX_VALUE;
const figure = (unit: string, meaning: string) => number({ min: -BIG, max: BIG, unit, meaning });
const amount = (meaning: string) =>
  text({
    max: 400,
    pattern: /^-?\d+(\.\d+)?$/,
    form: "decimal string",
    meaning: `${meaning} Numeraire.`,
  });
const staged = (meaning: string) =>
  object({ initial: amount(meaning), maintenance: amount(meaning) });
const remark = text({ min: 0, max: 1_000 });
const perUnderlying = <T>(shape: Shape<T>) => map(nameText(), shape, { max: UNDERLYINGS_MAX });

const mode = object({
  initialMargin: amount("To open."),
  maintenanceMargin: amount("To keep."),
  capital: amount("Requirement less what the positions are worth."),
});

const worst = nullable(
  object({
    kind: choice(["row", "basis"]),
    index: number({ min: 0, max: 1e6, integer: true, unit: "row" }),
    slide: figure("fraction", "Move of the forward."),
    vol: either([choice(volDirections), figure("fraction", "Relative move of the vol.")]),
    skew: optional(nullable(choice(["linear", "absolute"]))),
    dtDays: figure("days", "Time that passed."),
    dr: figure("per year", "Move of the rates."),
    weight: figure("1", "Share of the P&L that counted."),
  }),
);

const greeks = object({
  delta: figure("units", "dV/dF."),
  deltaCash: figure("USD", "Delta x index."),
  gamma: figure("units²", "d²V/dF²."),
  gammaCash: figure("USD", "Gamma x index²."),
  vega: figure("per 1.00 of vol", "dV/dvol."),
  theta: figure("per year", "dV/dt with F, vol and r held."),
  rho: figure("per 1.00 of rate", "dV/dr with F held."),
});

const charge = map(nameText(), staged("Charge; an offset is negative."), { max: 64 });

const underlying = object({
  underlying: nameText(),
  scanningRisk: staged("Worst weighted loss, at least 0."),
  worst: object({ initial: worst, maintenance: worst }),
  scenarioPnl: list(amount("Weighted P&L by row."), { max: 10_000 }),
  charges: charge,
  initialMargin: amount("To open."),
  maintenanceMargin: amount("To keep."),
  greeks,
});

const groupStage = object({
  standaloneSum: amount("Sum of the members alone."),
  joint: object({
    loss: amount("Worst loss of all members in one row."),
    worst: object({ index: number({ min: -1, max: 1e6, integer: true, unit: "row" }) }),
  }),
  requirement: amount("With the credit."),
});

const grid = object({
  initial: object({ slideRange: fraction(0, 1, "Half-width of the price axis.") }),
  maintenance: object({ slideRange: fraction(0, 1, "Half-width of the price axis.") }),
  volScale: figure("1", "Scale on both vol shocks."),
  state: optional(anything()),
  evidence: optional(anything()),
});

const explainLine = object({
  kind: nameText("What the line is."),
  ref: remark,
  amount: figure("numeraire", "Its part of the raw initial requirement; 0 where a max left it."),
  value: figure("numeraire", "What it came to by itself."),
  share: figure("1", "Share of the ladder's node set that the line belongs to."),
  range: optional(figure("fraction", "Half-width of that node set.")),
  row: optional(number({ min: 0, max: 1e6, integer: true, unit: "row" })),
});

export const statementShape = object({
  account: nameText(),
  mode: choice(accountModes),
  turn: nullable(number({ min: 0, max: 2 ** 53, integer: true, unit: "count" })),
  asOf: text({ max: 32, meaning: "Market time, ISO 8601." }),
  numeraire: nameText(),
  terms: object({ name: nameText(), version: text({ max: 64 }), hash: text({ min: 64, max: 64 }) }),
  grids: perUnderlying(grid),
  confidence: perUnderlying(
    object({
      level: fraction(0, 1, "Share of moves that the range is to cover."),
      horizonHours: figure("hours", "Over this time."),
      basis: choice(["calibrated", "declared"]),
    }),
  ),
  status: choice(statuses),
  missing: list(remark, { max: LEGS_MAX + ORDERS_MAX, meaning: "What has no price, and why." }),
  equity: staged("After haircuts."),
  collateralValue: amount("Balances before haircuts."),
  collateral: staged("Balances after haircuts."),
  spotValue: amount("Spot and fx."),
  bondValue: amount("Bonds."),
  optionValue: amount("Options at model value."),
  unrealisedPnl: amount("Futures and perpetuals."),
  unrealisedFunding: amount("Funding not yet paid."),
  markResidual: amount("What option marks say beyond the model value."),
  initialMargin: amount("To open."),
  maintenanceMargin: amount("To keep."),
  marginRatio: nullable(figure("1", "MM over equity; null when that equity is not above 0.")),
  headroom: staged("Equity less requirement."),
  net: staged("The same, by the name that some venues give it."),
  marks: object({
    oldestAgeMs: nullable(
      figure("ms", "Age of the oldest mark used; null where times are unknown."),
    ),
    stale: list(nameText(), { max: 100_000 }),
    quarantined: list(nameText(), { max: 100_000 }),
    worstConfidence: fraction(0, 1, "Least confidence of anything used."),
    state: choice(["OK", "DEGRADED", "HALTED"]),
  }),
  perUnderlying: list(underlying, { max: UNDERLYINGS_MAX }),
  offsets: list(
    object({
      members: list(nameText(), { max: MEMBERS_MAX }),
      credit: fraction(0, 1, "Share of the joint loss."),
      initial: groupStage,
      maintenance: groupStage,
    }),
    { max: UNDERLYINGS_MAX },
  ),
  charges: charge,
  modes: object({
    full: nullable(mode),
    isolated: nullable(mode),
    cross: nullable(mode),
    portfolio: mode,
  }),
  capitalEfficiency: nullable(figure("1", "1 - portfolio / isolated; null at 0.")),
  liquidationPrice: perUnderlying(
    object({
      up: nullable(figure("USD", "Index above at which maintenance breaks.")),
      down: nullable(figure("USD", "Index below.")),
    }),
  ),
  explain: list(explainLine, { max: 100_000 }),
  journal: optional(
    choice(["full", "failed"], {
      meaning: "Live only: why the account can be read and not written; absent where it can.",
    }),
  ),
  raw: optional(anything({ meaning: "The same tree in float64, before rounding." })),
});
