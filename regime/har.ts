/**
 * HAR: tomorrow's variance from the last day's, week's and month's (Corsi 2009).
 *
 *      S² = exp(c + bd log RVd + bw log RVw + bm log RVm)
 *
 * RVd, RVw and RVm are mean daily variances of the newest market day, week and month, of the same
 * winsorised blocks that the damped scale is made of. The coefficients are fitted elsewhere, off
 * the path of marks, and come in as data; here they are only evaluated, with our own exp and log.
 */
import { RiskError, shown } from "../core/errors.ts";
import { exp } from "../core/math/exp.ts";
import { log } from "../core/math/log.ts";
import type { Pace } from "./pace.ts";

export interface HarCoefficients {
  readonly intercept: number;
  readonly day: number;
  readonly week: number;
  readonly month: number;
  /** k that these coefficients were fitted with: quantile of M / (S T) over their history. */
  readonly level: number;
}

/** Logs of mean daily variances. */
export interface HarFeatures {
  readonly day: number;
  readonly week: number;
  readonly month: number;
}

/** Variances of the newest blocks, a market month of them. */
export interface Har {
  /** Ring of shape [blocks of a month]. */
  readonly variances: Float64Array;
  next: number;
  count: number;
}

export const startHar = ({ harBlocks }: Pace): Har => ({
  variances: new Float64Array(harBlocks.month),
  next: 0,
  count: 0,
});

/** A block with marks is over. */
export function foldHar(har: Har, variance: number): void {
  har.variances[har.next] = variance;
  har.next = har.next + 1 === har.variances.length ? 0 : har.next + 1;
  har.count = Math.min(har.count + 1, har.variances.length);
}

/** Undefined until a month of blocks is known. */
export function harFeatures(har: Har, { harBlocks, dayBlocks }: Pace): HarFeatures | undefined {
  if (har.count < har.variances.length) return undefined;
  const mean = (blocks: number): number => log((newest(har, blocks) / blocks) * dayBlocks);
  const { day, week, month } = harBlocks;
  return { day: mean(day), week: mean(week), month: mean(month) };
}

function newest({ variances, next }: Har, count: number): number {
  let sum = 0;
  for (let i = 1; i <= count; i++) {
    const at = next - i;
    sum += variances[at < 0 ? at + variances.length : at]!;
  }
  return sum;
}

/** S of a day, fraction, within [1e-6, 10]. */
export function harScale(coefficients: HarCoefficients, features: HarFeatures): number {
  const { intercept, day, week, month } = coefficients;
  const square = intercept + day * features.day + week * features.week + month * features.month;
  return exp(Math.max(LOG_SCALE_MIN, Math.min(LOG_SCALE_MAX, square / 2)));
}

const LOG_SCALE_MIN = log(1e-6);
const LOG_SCALE_MAX = log(10);

/** How far a coefficient may lie from 0; a fit that gives more has failed. */
export const COEFFICIENT_MAX = 5;
export const INTERCEPT_MAX = 50;
export const LEVEL_BOUNDS = [0.1, 50] as const;

/**
 * Coefficients as they stand in a command.
 *
 * @throws RiskError unknown_key, missing_field, wrong_type or out_of_bounds
 */
export function harCoefficients(found: { readonly [name: string]: unknown }): HarCoefficients {
  for (const name of Object.keys(found))
    if (!Object.hasOwn(bounds, name))
      throw new RiskError("unknown_key", { path: `coefficients.${name}`, expected: names });
  const { intercept, day, week, month, level } = Object.fromEntries(
    Object.entries(bounds).map(([name, [min, max]]) => [name, within(found, name, min, max)]),
  ) as Record<keyof HarCoefficients, number>;
  return { intercept, day, week, month, level };
}

const bounds: Readonly<Record<keyof HarCoefficients, readonly [number, number]>> = {
  intercept: [-INTERCEPT_MAX, INTERCEPT_MAX],
  day: [-COEFFICIENT_MAX, COEFFICIENT_MAX],
  week: [-COEFFICIENT_MAX, COEFFICIENT_MAX],
  month: [-COEFFICIENT_MAX, COEFFICIENT_MAX],
  level: LEVEL_BOUNDS,
};
const names = Object.keys(bounds).join(", ");

function within(found: object, name: string, min: number, max: number): number {
  const path = `coefficients.${name}`;
  const value: unknown = Reflect.get(found, name);
  if (value === undefined) throw new RiskError("missing_field", { path, expected: "a number" });
  if (typeof value !== "number")
    throw new RiskError("wrong_type", { path, expected: "a number", found: shown(value) });
  if (value >= min && value <= max) return value;
  throw new RiskError("out_of_bounds", {
    path,
    expected: `from ${min} to ${max}`,
    found: shown(value),
  });
}
