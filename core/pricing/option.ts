/**
 * What an option is priced with: its inputs, their limits, and the two figures made of them before
 * Black's formula: the standard deviation s = vol √T and the discount e^(-rT).
 *
 * The limits lie far outside any market and inside float64: they keep nonsense out, and leave every
 * extreme that a test of the arithmetic may ask for.
 */
import { RiskError, shown } from "../errors.ts";
import type { Right } from "../instrument.ts";
import { productTail, quotientRest } from "../math/exact.ts";
import { expOfSum } from "../math/exp.ts";

/** Highest forward and strike. */
export const PRICE_MAX = 1e308;
export const VOL_MAX = 1e6;
export const YEARS_MAX = 1e4;
/** Largest rate of either sign. */
export const RATE_MAX = 100;

/** One European option, without its vol or price. */
export interface OptionTerms {
  /** Price of the underlying at expiry, 0 to {@link PRICE_MAX}. */
  readonly forward: number;
  /** 0 to {@link PRICE_MAX}. */
  readonly strike: number;
  /** Time to expiry, 0 to {@link YEARS_MAX}. */
  readonly years: number;
  /** Continuous, per year; negative ones are legal, to {@link RATE_MAX} either way. */
  readonly rate: number;
  readonly right: Right;
}

/** One European option and its vol. */
export interface OptionInput extends OptionTerms {
  /** Annualised, as a fraction: 0.65 is 65 %; 0 to {@link VOL_MAX}. */
  readonly vol: number;
}

/** @throws RiskError not_finite, out_of_bounds, naming the field */
export function checkTerms({ forward, strike, years, rate }: OptionTerms): void {
  within(forward, 0, PRICE_MAX, "forward");
  within(strike, 0, PRICE_MAX, "strike");
  within(years, 0, YEARS_MAX, "years");
  within(rate, -RATE_MAX, RATE_MAX, "rate");
}

/** @throws RiskError not_finite, out_of_bounds, with `path` the name */
export function within(x: number, min: number, max: number, path: string): void {
  if (x >= min && x <= max) return;
  const code = Number.isFinite(x) ? "out_of_bounds" : "not_finite";
  throw new RiskError(code, { path, expected: `number ${min} to ${max}`, found: shown(x) });
}

/** A figure on its way out. @throws RiskError not_finite when float64 cannot hold it */
export function finite(x: number, path: string): number {
  if (Number.isFinite(x)) return x;
  throw new RiskError("not_finite", {
    path,
    expected: "a figure that float64 holds",
    found: shown(x),
  });
}

/** What {@link stdDevOf} rounded off, at index 0; holds until the next call. */
export const stdDevTail = new Float64Array(1);

/** vol √years. */
export function stdDevOf(vol: number, years: number): number {
  const root = Math.sqrt(years);
  const rootTail = root > 0 ? quotientRest(years, root, root) / (2 * root) : 0;
  const stdDev = vol * root;
  stdDevTail[0] = productTail(vol, root, stdDev) + vol * rootTail;
  return stdDev;
}

/** e^(-rate years): worth today of one unit of money at expiry. */
export function discountOf(rate: number, years: number): number {
  const product = -rate * years;
  return expOfSum(product, productTail(-rate, years, product));
}
