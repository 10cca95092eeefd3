/**
 * The traffic light of the Basel Committee (1996), for any promised share.
 *
 * Of 250 windows, so many exceedances are green as happen with less than 95 % chance, red as happen
 * with 99.99 %, yellow between: at 1 % that is 0 to 4, 10 and more, 5 to 9.
 */
import { exp } from "../../core/math/exp.ts";
import { log } from "../../core/math/log.ts";

export const TRAFFIC_LIGHT_DAYS = 250;
const YELLOW_FROM = 0.95;
const RED_FROM = 0.9999;

export const trafficLights = ["green", "yellow", "red"] as const;
export type TrafficLight = (typeof trafficLights)[number];

/** The zone of `exceedances` out of `windows` at the promised share, in (0, 1). */
export function trafficLight(exceedances: number, windows: number, share: number): TrafficLight {
  const upTo = chanceUpTo(exceedances, windows, share);
  if (upTo < YELLOW_FROM) return "green";
  return upTo < RED_FROM ? "yellow" : "red";
}

/** Chance of at most `x` of `n`, each with chance `share`. */
export function chanceUpTo(x: number, n: number, share: number): number {
  let term = exp(n * log(1 - share));
  let sum = term;
  for (let i = 1; i <= x; i++) {
    term *= ((n - i + 1) / i) * (share / (1 - share));
    sum += term;
  }
  return Math.min(1, sum);
}
