/**
 * Charge terms: amounts that no scenario row shows. Every charge is off until it is named, and
 * stands beside the factor of its stage unless `inside` is true.
 */
import {
  choice,
  list,
  nullable,
  number,
  object,
  type Shape,
  withDefault,
} from "../../core/shape.ts";
import { fraction, measure, nameText } from "./measures.ts";
import { onSwitch } from "./scenarios.ts";

export const TIERS_MAX = 16;

const inside = onSwitch("Whether the stage's factor multiplies the charge.", false);
const rate = (meaning: string) => fraction(0, 10, meaning, { min: 0, max: 0.5 });
const staged = {
  initial: withDefault(rate("Share for the initial requirement."), 0),
  maintenance: withDefault(rate("Share for the maintenance requirement."), 0),
};
const off = <T>(shape: Shape<T>) => withDefault(nullable(shape), null);

const roll = object({
  minMove: withDefault(rate("Least move of an expiry against the others."), 0),
  annualisedMove: withDefault(rate("Move per year to expiry."), 0),
  inside,
});

const basis = object({
  up: fraction(-0.99, 10, "Slide of the forwards upward."),
  down: fraction(-0.99, 10, "Slide of the forwards downward."),
  add: measure("1", [0, 100], "Factor on the worse loss, fixed part."),
  mult: measure("per year", [0, 100], "Factor on the worse loss, part per year to expiry."),
  inside,
});

const nakedShort = object({
  perStrike: onSwitch("Net shorts per expiry and strike; false nets across strikes.", true),
  ...staged,
  minimumPerContract: withDefault(
    measure("USD per unit", [0, 1e9], "Floor per contract and unit of its size, long and short."),
    0,
  ),
  inside,
});

const perp = object({ ...staged, inside });

const oracle = object({
  threshold: fraction(0, 1, "Confidence from which nothing is added."),
  rate: rate("Share of notional per unit of lacking confidence."),
  inside,
});

const peg = object({
  currency: nameText("The stable whose price is watched."),
  threshold: measure("USD", [0, 2], "Price from which nothing is added."),
  factor: measure("1", [0, 100], "Added to the initial factor per USD below it."),
});

const deltaShock = object({
  thresholdUsd: measure("USD", [0, 1e15], "Delta cash from which the charge grows."),
  increment: measure("1", [0, 100], "Growth of the move per unit of index beyond it."),
  max: fraction(0, 10, "Largest move."),
  inside,
});

const minimumDelta = object({
  net: rate("Share of the net delta."),
  hedged: rate("Share of the hedged delta, (gross - |net|) / 2."),
  inside,
});

const gamma = object({
  hours: measure("hours", [0, 8_760], "Legs that expire within this time."),
  multiplier: measure("deviations", [0, 100], "Size of the move in deviations."),
  dtDays: measure("days", [0, 365], "Time over which it happens."),
  inside,
});

const funding = object({
  intervals: measure("count", [0, 1_000], "Funding intervals still to be paid."),
  inside,
});

const stableBasis = object({
  tiers: list(
    object({
      sizeUsd: measure("USD", [0, 1e15], "Width of the bracket."),
      rate: rate("Share of the hedged size inside it."),
    }),
    { min: 1, max: TIERS_MAX },
  ),
  inside,
});

/** Never off by silence: an order that may fill is a risk. Shares of 0, or null, switch it off. */
const openOrders = object({
  initial: withDefault(fraction(0, 1, "Share of the open-order term, initial."), 1),
  maintenance: withDefault(fraction(0, 1, "Share of the open-order term, maintenance."), 0),
  method: withDefault(
    choice(["subsets", "worstSide"], {
      meaning: "Bound over every subset of fills, or the worse side of each instrument.",
    }),
    "subsets",
  ),
});

export const chargeShape = object({
  roll: off(roll),
  basis: off(basis),
  nakedShort: off(nakedShort),
  perp: off(perp),
  oracle: off(oracle),
  peg: off(peg),
  deltaShock: off(deltaShock),
  minimumDelta: off(minimumDelta),
  gamma: off(gamma),
  funding: off(funding),
  stableBasis: off(stableBasis),
  openOrders: withDefault(openOrders, {}),
});

export const liquidityShape = object({
  depthUsd: number({
    min: 1,
    max: 1e15,
    unit: "USD",
    tunable: { min: 10_000, max: 1e12 },
    meaning: "Size that the market takes without moving; declared, never taken from own fills.",
  }),
  inside,
  tiers: list(
    object({
      above: measure("multiples of depth", [0, 1e6], "Lower edge of the bracket; ascending."),
      multiplier: measure("1", [1, 100], "Range multiplier inside the bracket."),
      gammaNodes: withDefault(
        number({
          min: 0,
          max: 100,
          integer: true,
          unit: "ladder nodes",
          meaning: "Also charge the loss between the range and this many nodes beyond.",
        }),
        0,
      ),
    }),
    { min: 1, max: TIERS_MAX },
  ),
});
