/**
 * The terms document: every number and switch of a margin model, declared once.
 *
 * `termsShape` is the whole document with its defaults; `patchShape` is what a file may say, since
 * a file names only what differs from the terms that it extends: every field optional, null
 * removes.
 */
import { patchOf } from "../../core/patch.ts";
import {
  choice,
  either,
  list,
  map,
  named,
  nullable,
  number,
  object,
  optional,
  type Shape,
  type TypeOf,
  text,
  withDefault,
} from "../../core/shape.ts";
import {
  type CombineNode,
  chargeNames,
  conversions,
  gainRules,
  regimeModes,
  rowFamilies,
  stages,
} from "../../core/terms.ts";
import { chargeShape, liquidityShape, TIERS_MAX } from "./charges.ts";
import { assetClass, fraction, measure, nameText, remark } from "./measures.ts";
import { onSwitch, scenarioShape, skewShape, staticDiscountShape, volShape } from "./scenarios.ts";

export const UNDERLYINGS_MAX = 1_000;
export const CURRENCIES_MAX = 1_000;
export const GROUPS_MAX = 64;
export const MEMBERS_MAX = 64;
export const COMBINE_WIDTH_MAX = 16;

const combineLeaves = [
  ...rowFamilies,
  "basis",
  "charges",
  "minimum",
  "zero",
  ...chargeNames.map((name) => `charges.${name}` as const),
] as const;

export const combineShape: Shape<CombineNode> = named("combine", (): Shape<CombineNode> => {
  const branch = list(combineShape, { min: 1, max: COMBINE_WIDTH_MAX });
  return either([choice(combineLeaves), object({ max: branch }), object({ sum: branch })]);
});

const factor = (meaning: string) =>
  number({ min: 0, max: 100, unit: "1", tunable: { min: 0.1, max: 10 }, meaning });

const underlying = object({
  scenarios: withDefault(scenarioShape, {}),
  vol: withDefault(volShape, {}),
  skew: withDefault(nullable(skewShape), null),
  staticDiscount: withDefault(nullable(staticDiscountShape), null),
  settlementAveragingSeconds: withDefault(
    measure("seconds", [0, 86_400], "Last seconds in which an option's forward is averaged away."),
    0,
  ),
  discountOptions: onSwitch("Whether linear options are discounted at their rate.", true),
  rateFloor: withDefault(
    nullable(measure("per year", [-1, 1], "Lowest rate that options are discounted at.")),
    null,
  ),
  conversion: withDefault(
    choice(conversions, { meaning: "Index at which coin P&L of inverse contracts is converted." }),
    "shocked",
  ),
  gains: withDefault(choice(gainRules, { meaning: "Whether a row's gain counts." }), "count"),
  lossDecimals: withDefault(
    nullable(
      number({
        min: 0,
        max: 12,
        integer: true,
        unit: "decimals of the numeraire",
        meaning: "Digits that a worst loss keeps before factors, half up, where a venue rounds it.",
      }),
    ),
    null,
  ),
  charges: withDefault(chargeShape, {}),
  combine: withDefault(
    { ...combineShape, meaning: "How rows and charges make one requirement." },
    {
      sum: [{ max: ["slides", "tails", "theta", "rates", "skew"] }, "charges"],
    },
  ),
  factors: withDefault(
    object({
      initial: withDefault(factor("Factor of the initial requirement."), 1),
      maintenance: withDefault(factor("Factor of the maintenance requirement."), 1),
    }),
    {},
  ),
  liquidity: withDefault(nullable(liquidityShape), null),
  regime: withDefault(
    object({
      assetClass: withDefault(assetClass, "crypto"),
      mode: withDefault(
        choice(regimeModes, { meaning: "What a published range may do to the terms' own." }),
        "off",
      ),
    }),
    {},
  ),
});

/** Named, because it stands under `perUnderlying` and under every asset class. */
export const underlyingShape = named("underlying", () => underlying);

const haircut = (meaning: string) => fraction(0, 1, meaning, { min: 0, max: 0.9 });

export const collateralShape = object({
  initialHaircut: withDefault(haircut("Share not counted, initial."), 0),
  maintenanceHaircut: withDefault(haircut("Share not counted, maintenance."), 0),
  tiers: withDefault(
    list(
      object({
        aboveUsd: measure("USD", [0, 1e15], "Lower edge of the bracket; ascending."),
        haircut: haircut("Share not counted inside it, both stages."),
      }),
      { max: TIERS_MAX },
    ),
    [],
  ),
  cap: withDefault(nullable(measure("USD", [0, 1e15], "Value counted at most.")), null),
  onlyPositive: onSwitch("Whether only a positive balance counts.", false),
  inScenarios: onSwitch("Whether the coin equity slides with its underlying.", false),
  haircutInScenarios: withDefault(
    choice(["none", "unhedged", "full"], {
      meaning: "Haircut of a balance that slides: none, on what no short hedges, or all.",
    }),
    "full",
  ),
});

const location = object({
  haircut: withDefault(haircut("Share not counted of what lies there."), 0),
  cap: withDefault(nullable(measure("USD", [0, 1e15], "Value counted at most.")), null),
  finalitySeconds: withDefault(
    measure("seconds", [0, 31_536_000], "Time until an arrival is final."),
    0,
  ),
});

const group = object({
  members: list(nameText("An underlying, or * for all."), {
    min: 1,
    max: MEMBERS_MAX,
    meaning: "Underlyings whose rows meet; * for all.",
  }),
  credit: fraction(0, 1, "Share of the joint loss in the group's requirement.", {
    min: 0,
    max: 0.95,
  }),
  beta: withDefault(
    map(nameText(), number({ min: -10, max: 10, unit: "1" }), {
      max: MEMBERS_MAX,
      meaning: "Factor on a member's slides; 1 where unnamed.",
    }),
    {},
  ),
});

const rate = (meaning: string) => fraction(0, 10, meaning);
const stagedShare = object({
  initial: withDefault(rate("Share of value, initial."), 0),
  maintenance: withDefault(rate("Share of value, maintenance."), 0),
});

const linear = object({
  initial: withDefault(rate("Share of notional, initial."), 0),
  maintenance: withDefault(rate("Share of notional, maintenance."), 0),
  step: withDefault(measure("per unit", [0, 1], "Added to both per unit of size."), 0),
});

const shortOption = object({
  initialMax: withDefault(rate("Share of index before the out-of-the-money amount."), 0),
  initialMin: withDefault(rate("Least share of index."), 0),
  maintenance: withDefault(rate("Share of index, maintenance."), 0),
  liquidationFee: withDefault(rate("Share of index kept for closing."), 0),
  entryPremium: onSwitch("Whether the premium counts max(entry, mark).", true),
  maximumLossCap: onSwitch("Whether an expiry's maximum loss caps it in cross mode.", false),
});

const standard = object({
  linear: withDefault(nullable(linear), null),
  shortOption: withDefault(nullable(shortOption), null),
  spot: withDefault(stagedShare, {}),
  bond: withDefault(stagedShare, {}),
});

const liquidation = object({
  target: object({
    restore: choice(stages, { meaning: "Requirement that is to fit again." }),
    ratio: fraction(0.05, 1, "Requirement over equity to be reached."),
  }),
  feeRate: withDefault(fraction(0, 1, "Share of the equity that is left."), 0),
  rounds: withDefault(
    number({ min: 1, max: 1_000, integer: true, unit: "count", meaning: "Most rounds." }),
    10,
  ),
  mayHedge: onSwitch("Whether a plan may open hedges.", false),
});

const header = {
  slidewire: withDefault(
    choice(["terms/1"], { meaning: "Kind and version of the document." }),
    "terms/1",
  ),
  name: withDefault(nameText("Name in statements."), "inline"),
  version: withDefault(text({ max: 64, meaning: "Version in statements." }), "0"),
  source: withDefault(remark("Where the model is published."), ""),
};

export const termsShape = object({
  ...header,
  numeraire: withDefault(nameText("A currency, or coin: the account's one coin."), "USD"),
  step: withDefault(
    number({
      min: 1e-12,
      max: 1e6,
      unit: "numeraire",
      meaning: "Smallest unit of a published amount.",
    }),
    0.01,
  ),
  method: withDefault(choice(["slides"], { meaning: "How rows come about." }), "slides"),
  perUnderlying: withDefault(map(nameText(), underlyingShape, { max: UNDERLYINGS_MAX }), {}),
  assetClasses: withDefault(
    map(assetClass as Shape<string>, map(nameText(), underlyingShape, { max: UNDERLYINGS_MAX }), {
      max: 7,
      meaning: "By asset class of the book: what differs from perUnderlying, by underlying or *.",
    }),
    {},
  ),
  offsets: withDefault(object({ groups: withDefault(list(group, { max: GROUPS_MAX }), []) }), {}),
  collateral: withDefault(map(nameText(), collateralShape, { max: CURRENCIES_MAX }), {}),
  locations: withDefault(map(nameText(), location, { max: CURRENCIES_MAX }), {}),
  initialAtLeastMaintenance: onSwitch("Whether IM is at least MM, once per account.", false),
  status: withDefault(
    object({
      callAt: withDefault(
        fraction(0.01, 1, "MM over equity from which a margin call is out.", { min: 0.5, max: 1 }),
        0.9,
      ),
    }),
    {},
  ),
  standard: withDefault(nullable(standard), null),
  liquidation: withDefault(nullable(liquidation), null),
});

export type TermsDocument = TypeOf<typeof termsShape>;

/** Fields that only a file has; they are told, not computed with. */
const told = {
  extends: optional(
    nullable(text({ max: 1_024 }), { meaning: "Name or path of the terms to start from." }),
  ),
  asOf: optional(
    text({
      max: 10,
      pattern: /^\d{4}(-\d{2}(-\d{2})?)?$/,
      form: "a date: YYYY, YYYY-MM or YYYY-MM-DD",
      meaning: "Date of the source, as exact as it states one.",
    }),
  ),
  notReproduced: optional(
    list(remark("What the published facts do not allow to be computed."), { max: 64 }),
  ),
};

/** What a terms file may say. */
export const patchShape = patchOf(termsShape, told);
