/**
 * A leg: an instrument valued under its underlying's rows, once for all the accounts that hold it.
 *
 * Everything is per ONE long contract. A leg that cannot be priced says why in `missing`, and makes
 * every account that holds it incomplete; it is never worth nothing by silence.
 */
import type { Market, MarketInstrument } from "../book.ts";
import { RiskError } from "../errors.ts";
import { black } from "../pricing/black76.ts";
import { optionGreeks } from "../pricing/greeks.ts";
import { impliedVol } from "../pricing/implied.ts";
import {
  fillRiskArray,
  type OptionLeg,
  optionValueAt,
  type PricedLeg,
  SECONDS_PER_YEAR,
} from "../scenario/risk-array.ts";
import type { UnderlyingTerms } from "../terms.ts";
import { currencyPrice, type Numeraire } from "./prices.ts";
import type { UnderlyingView } from "./view.ts";

/** Of one contract: units of the underlying, USD. Vega per 1.00, theta per year, rho per 1.00. */
export interface Greeks {
  readonly delta: number;
  readonly gamma: number;
  readonly vega: number;
  readonly theta: number;
  readonly rho: number;
}

export interface Leg {
  readonly market: MarketInstrument;
  readonly priced: PricedLeg | undefined;
  /** Why there is no price; undefined when there is one. */
  readonly missing: string | undefined;
  /** Seconds to expiry; 0 on undated instruments and after expiry. */
  readonly seconds: number;
  /** Numeraire per unit of the settle currency. */
  readonly unit: number;
  /** Model value in settle currency (coin when inverse): options, spot and bonds; else 0. */
  readonly value: number;
  /**
   * What the mark says beyond the model value, settle currency; options marked by vol and price.
   */
  readonly residual: number;
  readonly greeks: Greeks;
  /** Price that orders are compared with: the mark, or an option's model value per unit. */
  readonly price: number;
  /** P&L by row in the numeraire, one array per plane of the view. */
  readonly arrays: readonly Float64Array[];
}

const none: Greeks = { delta: 0, gamma: 0, vega: 0, theta: 0, rho: 0 };

/** Values `instrument` under `view`; `before` lends its arrays where their shapes still fit. */
export function valueLeg(
  instrument: MarketInstrument,
  view: UnderlyingView,
  market: Market,
  numeraire: Numeraire,
  before?: Leg,
): Leg {
  const seconds = secondsLeft(instrument, market.asOfMs);
  const price = currencyPrice(market, instrument.spec.settleCurrency, numeraire);
  const unit = price * view.unit;
  const shape = { market: instrument, seconds, unit, residual: 0, greeks: none };
  const priced =
    price > 0 ? pricedLeg(instrument, view, seconds, price) : "a price of its currency";
  if (typeof priced === "string") {
    return { ...shape, priced: undefined, missing: priced, value: 0, price: 0, arrays: [] };
  }
  const absent = priced.kind === "given" ? absentRow(priced.byRow, view) : undefined;
  if (absent !== undefined) {
    return { ...shape, priced: undefined, missing: absent, value: 0, price: 0, arrays: [] };
  }
  return {
    ...shape,
    priced,
    missing: undefined,
    value: modelValue(priced, instrument),
    residual: residualOf(priced, instrument),
    greeks: greeksOf(priced),
    price: priced.kind === "option" ? priced.value0 : (instrument.mark ?? 0),
    arrays: arraysOf(priced, view, before),
  };
}

/** Seconds to expiry at `asOfMs`, never negative. */
export function secondsLeft({ spec }: MarketInstrument, asOfMs: number): number {
  if (spec.secondsToExpiry !== undefined) return Math.max(0, spec.secondsToExpiry);
  if (spec.expiryMs === undefined) return 0;
  return Math.max(0, (spec.expiryMs - asOfMs) / 1000);
}

function arraysOf(priced: PricedLeg, view: UnderlyingView, before?: Leg): Float64Array[] {
  return view.planes.map((plane, i) => {
    const lent = before?.arrays[i];
    const out = lent?.length === plane.grid.count ? lent : new Float64Array(plane.grid.count);
    fillRiskArray(priced, plane, view.terms, view.volScale, out);
    return out;
  });
}

/** What the pricing loop needs, or in words what is missing. */
function pricedLeg(
  instrument: MarketInstrument,
  view: UnderlyingView,
  seconds: number,
  price: number,
): PricedLeg | string {
  const { spec, mark } = instrument;
  if (spec.riskArray !== undefined) {
    return { kind: "given", byRow: spec.riskArray, currencyPrice: price };
  }
  if (spec.kind === "option") return optionLeg(instrument, view, seconds, price);
  if (mark === undefined) return "a mark";
  const currency = spec.settlement === "inverse" ? 1 : price;
  if (spec.kind === "bond") return bondLeg(instrument, mark, price);
  return {
    kind: "linear",
    inverse: spec.settlement === "inverse",
    size: spec.contractSize,
    mark,
    clamps: spec.kind === "future" || spec.kind === "perpetual",
    currencyPrice: currency,
  };
}

function bondLeg({ spec }: MarketInstrument, mark: number, price: number): PricedLeg | string {
  if (spec.modifiedDuration === undefined) return "a modified duration";
  return {
    kind: "bond",
    value: (spec.contractSize * mark) / (spec.quote === "percent" ? 100 : 1),
    modifiedDuration: spec.modifiedDuration,
    convexity: spec.convexity ?? 0,
    currencyPrice: price,
  };
}

function optionLeg(
  instrument: MarketInstrument,
  view: UnderlyingView,
  seconds: number,
  price: number,
): OptionLeg | string {
  const { spec, vol, mark } = instrument;
  const forward = instrument.forward ?? view.index;
  if (spec.strike === undefined || spec.right === undefined) return "a strike and a right";
  if (vol === undefined && mark === undefined && seconds > 0) return "a vol or a mark";
  const inverse = spec.settlement === "inverse";
  const { terms } = view;
  const shape: Omit<OptionLeg, "value0" | "vol"> = {
    kind: "option",
    inverse,
    size: spec.contractSize,
    call: spec.right === "call",
    strike: spec.strike,
    ...splitForward(forward, instrument.forwardFixed, seconds, terms),
    rate: instrument.rate,
    rateFloor: terms.rateFloor,
    discounted: terms.discountOptions && !inverse,
    seconds,
    currencyPrice: inverse ? 1 : price,
  };
  const known = vol ?? (seconds > 0 ? volOfMark(instrument, shape, forward) : 0);
  if (typeof known === "string") return known;
  const leg = { ...shape, vol: known };
  return { ...leg, value0: optionValueAt(leg, 0, known, 0, 0) };
}

/** During settlement averaging only the share of the forward that is not yet averaged moves. */
function splitForward(
  forward: number,
  fixed: number | undefined,
  seconds: number,
  { settlementAveragingSeconds: window }: UnderlyingTerms,
): { forwardMoving: number; forwardFixed: number } {
  if (fixed !== undefined) return { forwardMoving: forward - fixed, forwardFixed: fixed };
  if (seconds >= window) return { forwardMoving: forward, forwardFixed: 0 };
  return {
    forwardMoving: (forward * seconds) / window,
    forwardFixed: (forward * (window - seconds)) / window,
  };
}

function volOfMark(
  { mark, spec }: MarketInstrument,
  leg: Omit<OptionLeg, "value0" | "vol">,
  forward: number,
): number | string {
  try {
    return impliedVol({
      price: leg.inverse ? mark! * forward : mark!,
      forward,
      strike: leg.strike,
      years: leg.seconds / SECONDS_PER_YEAR,
      rate: leg.discounted ? discountRate(leg) : 0,
      right: spec.right!,
    });
  } catch (error) {
    if (error instanceof RiskError && error.code === "price_out_of_bounds") {
      return "a mark that some vol gives";
    }
    throw error;
  }
}

const discountRate = ({ rate, rateFloor }: Pick<OptionLeg, "rate" | "rateFloor">) =>
  rateFloor === null ? rate : Math.max(rateFloor, rate);

function absentRow(byRow: Readonly<Record<string, number>>, view: UnderlyingView) {
  const rows = Math.max(0, ...view.planes.map(({ grid }) => grid.count));
  for (let row = 0; row < rows; row++) {
    if (byRow[String(row)] === undefined) return `row ${row} of its risk array`;
  }
  return undefined;
}

function modelValue(priced: PricedLeg, { spec, mark }: MarketInstrument): number {
  if (priced.kind === "option") return priced.value0 * priced.size;
  if (priced.kind === "bond") return priced.value;
  return spec.kind === "spot" || spec.kind === "fx" ? spec.contractSize * (mark ?? 0) : 0;
}

function residualOf(priced: PricedLeg, { mark, vol }: MarketInstrument): number {
  if (priced.kind !== "option" || mark === undefined || vol === undefined) return 0;
  return (mark - priced.value0) * priced.size;
}

function greeksOf(priced: PricedLeg): Greeks {
  if (priced.kind === "given") return none;
  if (priced.kind === "bond") {
    const rho = -priced.modifiedDuration * priced.value * priced.currencyPrice;
    return { ...none, rho };
  }
  if (priced.kind === "linear") {
    const delta = priced.inverse ? priced.size / priced.mark : priced.size;
    return { ...none, delta };
  }
  return optionGreeksOf(priced);
}

/** An inverse option's delta is that of its coin value held at the index: B' - B / F. */
function optionGreeksOf(leg: OptionLeg): Greeks {
  const forward = leg.forwardMoving + leg.forwardFixed;
  const years = leg.seconds / SECONDS_PER_YEAR;
  const greeks = optionGreeks({
    forward,
    strike: leg.strike,
    years,
    vol: leg.vol,
    rate: leg.discounted ? discountRate(leg) : 0,
    right: leg.call ? "call" : "put",
  });
  const scale = leg.size * leg.currencyPrice;
  const undiscounted = black(forward, leg.strike, leg.vol * Math.sqrt(years), leg.call);
  const inverse = leg.inverse ? undiscounted / forward : 0;
  return {
    delta: (greeks.delta - inverse) * leg.size,
    gamma: greeks.gamma * leg.size,
    vega: greeks.vega * scale,
    theta: greeks.theta * scale,
    rho: leg.discounted ? greeks.rho * scale : 0,
  };
}
