/**
 * Scenario terms: how wide prices are slid, how far vols move, and what stands at the wings.
 *
 * Bounds are those of the document; `tunable` is how far a change may go while the gateway runs.
 * A default is what holds where nothing is inherited: everything that can be off is off.
 */
import {
  choice,
  either,
  flag,
  list,
  nullable,
  number,
  object,
  withDefault,
} from "../../core/shape.ts";
import { recipes, volDirections, volKinds } from "../../core/terms.ts";
import { fraction, measure } from "./measures.ts";

/** Most explicit rows, and most rows of any list inside a recipe. */
export const ROWS_MAX = 256;
export const TAILS_MAX = 32;
export const COPIES_MAX = 8;
export const TENORS_MAX = 64;
export const VOL_RULES_MAX = 4;

const slide = number({
  min: -1,
  aboveMin: true,
  max: 20,
  unit: "fraction",
  meaning: "Relative move of the forward; -0.16 is a fall of 16 %.",
});
const weight = number({
  min: 0,
  max: 100,
  unit: "1",
  meaning: "Factor on the row's P&L, gains too.",
});
const copyDays = measure("days", [0, 365], "Time that passes in the row.");
const rateMove = measure("per year", [-1, 1], "Absolute move of every rate.");

const row = object({
  slide,
  vol: withDefault(
    either([choice(volDirections), number({ min: -1, max: 20, unit: "relative move" })], {
      meaning: "Direction of the vol rule, or a relative move of its own.",
    }),
    "flat",
  ),
  volPoints: withDefault(
    measure("vol", [-10, 10], "Added to the vol last; 0.05 is five points."),
    0,
  ),
  skew: withDefault(
    nullable(choice(["linear", "absolute"]), { meaning: "Wing tilt by the skew terms." }),
    null,
  ),
  weight: withDefault(weight, 1),
  dtDays: withDefault(copyDays, 0),
  dr: withDefault(rateMove, 0),
});

const tails = object({
  moves: list(slide, { min: 1, max: TAILS_MAX, meaning: "Moves beyond the range." }),
  vol: withDefault(choice(volDirections, { meaning: "Vol direction of the tails." }), "up"),
  factor: withDefault(
    number({
      min: 0,
      max: 10,
      unit: "1",
      tunable: { min: 0.25, max: 3 },
      meaning: "Weight of a tail is min(1, factor x range / |move|).",
    }),
    1,
  ),
  weights: withDefault(
    nullable(list(weight, { min: 1, max: TAILS_MAX }), {
      meaning: "Names each weight instead of the rule.",
    }),
    null,
  ),
  dampener: withDefault(measure("USD", [0, 1e12], "Tail loss that is forgiven."), 0),
  dampenerMode: withDefault(
    choice(["subtract", "threshold"], {
      meaning: "The dampener lessens every tail loss, or forgives only smaller ones.",
    }),
    "subtract",
  ),
  linear: withDefault(
    choice(["slide", "clampAtRange"], {
      meaning: "Futures and perpetuals follow the tail, or stop at the range's edge.",
    }),
    "slide",
  ),
});

export const scenarioShape = object({
  recipe: withDefault(
    choice(recipes, { meaning: "How rows are laid out; explicit rows replace it." }),
    "none",
  ),
  slideRange: withDefault(
    fraction(0.01, 0.9, "Half-width of the price axis where no grid is published.", {
      min: 0.05,
      max: 0.6,
    }),
    0.16,
  ),
  slidePoints: withDefault(
    number({
      min: 3,
      max: 41,
      integer: true,
      unit: "count",
      meaning: "Nodes of the points recipe; an even count gets node 0 besides.",
    }),
    9,
  ),
  core: withDefault(
    list(choice(volDirections), { min: 1, max: 3, meaning: "Vol directions at each node." }),
    ["up", "flat", "down"],
  ),
  cross: withDefault(
    object({
      dtDays: withDefault(
        list(copyDays, { max: COPIES_MAX, meaning: "Vol-flat copies of the slides, days on." }),
        [],
      ),
      dr: withDefault(
        list(rateMove, { max: COPIES_MAX, meaning: "Vol-flat copies with rates moved." }),
        [],
      ),
    }),
    {},
  ),
  tails: withDefault(nullable(tails), null),
  ladder: withDefault(
    object({
      step: withDefault(fraction(0.0025, 0.25, "Distance of two price nodes."), 0.02),
      max: withDefault(fraction(0.01, 0.98, "Outermost node."), 0.5),
    }),
    {},
  ),
  rows: withDefault(nullable(list(row, { min: 1, max: ROWS_MAX })), null),
});

const shock = (meaning: string) =>
  number({ min: 0, max: 20, unit: "by kind", tunable: { min: 0, max: 3 }, meaning });

const tenorTable = list(
  object({
    days: measure("days", [0, 36_500], "Tenor of the entry; ascending."),
    up: shock("Up shock at this tenor."),
    down: shock("Down shock at this tenor."),
  }),
  { min: 1, max: TENORS_MAX, meaning: "Linear between entries, flat outside." },
);

const volRule = object({
  kind: withDefault(
    choice(volKinds, {
      meaning: "relative: a share of the vol; absolute: vol points; stdev: deviations of vol.",
    }),
    "relative",
  ),
  up: withDefault(shock("Up shock at the reference tenor."), 0),
  down: withDefault(shock("Down shock at the reference tenor."), 0),
  shortPower: withDefault(
    number({ min: -2, max: 2, unit: "1", meaning: "Power of the tenor rule up to the reference." }),
    0,
  ),
  longPower: withDefault(
    number({ min: -2, max: 2, unit: "1", meaning: "Power of the tenor rule beyond it." }),
    0,
  ),
  referenceDays: withDefault(
    measure("days", [1, 3_650], "Tenor at which a shock is as stated."),
    30,
  ),
  floorDays: withDefault(measure("days", [0.001, 365], "Shorter tenors count as this."), 1),
  minShockedVol: withDefault(
    number({
      min: 0,
      max: 20,
      unit: "vol",
      tunable: { min: 0, max: 2 },
      meaning: "Lowest vol after an up shock.",
    }),
    0,
  ),
  tenorTable: withDefault(nullable(tenorTable), null),
  volOfVol: withDefault(measure("per √year", [0, 20], "Vol of vol of a stdev rule."), 0),
  horizonDays: withDefault(measure("days", [0, 365], "Horizon of a stdev rule."), 1),
});

/** One rule or several; each direction takes the worse. */
export const volShape = either([volRule, list(volRule, { min: 1, max: VOL_RULES_MAX })]);

const wing = (meaning: string) => number({ min: -20, max: 20, unit: "1", meaning });

export const skewShape = object({
  linearBase: withDefault(wing("Cap of the linear tilt, part per √year."), 0),
  linearCap: withDefault(wing("Cap of the linear tilt, fixed part."), 0),
  absoluteBase: withDefault(wing("Cap of the absolute tilt, part per √year."), 0),
  absoluteCap: withDefault(wing("Cap of the absolute tilt, fixed part."), 0),
  kStarMin: number({
    min: 1e-6,
    max: 20,
    unit: "log-moneyness",
    meaning: "Lowest log-moneyness at which a tilt reaches its cap.",
  }),
  widthScale: withDefault(wing("Scale of that log-moneyness."), 0),
  volStatic: withDefault(wing("Its part that time does not change."), 0),
  volScale: withDefault(wing("Its part per √year."), 0),
});

const share = (meaning: string) => number({ min: 0, max: 10, unit: "1", meaning });
const exponent = (meaning: string) => number({ min: -10, max: 10, unit: "1", meaning });

export const staticDiscountShape = object({
  long: withDefault(share("Factor on a shocked expiry value that is not negative."), 1),
  longMult: withDefault(exponent("Its decay per rate and year."), 0),
  longAdd: withDefault(exponent("Its decay per year."), 0),
  short: withDefault(share("Factor on a shocked expiry value that is negative."), 1),
  shortMult: withDefault(exponent("Its growth per rate and year."), 0),
  shortAdd: withDefault(exponent("Its growth per year."), 0),
});

export const onSwitch = (meaning: string, otherwise: boolean) =>
  withDefault(flag({ meaning }), otherwise);
