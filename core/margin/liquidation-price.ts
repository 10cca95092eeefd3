/**
 * The account's liquidation price per underlying: where maintenance margin meets equity.
 *
 * The whole account is revalued at each trial index, so other positions and shared collateral
 * count. The search looks outward from the index in growing steps and then closes in on the first
 * crossing by regula falsi (Illinois variant, Dowell and Jarratt 1971). `null`: no crossing within
 * the steps, or the account is already past it.
 */
import type { Book } from "../book.ts";
import type { Terms } from "../terms.ts";
import { accountMargin, headroom } from "./account.ts";
import { marginContext } from "./context.ts";
import { moveIndex } from "./move.ts";
import { numeraireOf } from "./prices.ts";

export interface LiquidationPrice {
  readonly up: number | null;
  readonly down: number | null;
}

/** Trial moves on each side, as factors of the index. */
export const STEPS_DOWN: readonly number[] = [0.98, 0.95, 0.9, 0.8, 0.65, 0.45, 0.25, 0.1, 0.02];
export const STEPS_UP: readonly number[] = [1.02, 1.05, 1.1, 1.2, 1.4, 1.8, 2.6, 4.5, 8];
/** Iterations that close in on a crossing, and the relative width at which they stop. */
const ITERATIONS_MAX = 60;
const WIDTH = 1e-13;

/** USD index at which the account would be liquidated, moving `underlying` alone. */
export function liquidationPrice(book: Book, terms: Terms, underlying: string): LiquidationPrice {
  const index = book.market.underlyings.get(underlying)?.index;
  const slack = (factor: number) => slackAt(book, terms, underlying, factor);
  const now = slack(1);
  if (index === undefined || !(now > 0)) return { up: null, down: null };
  const crossing = (steps: readonly number[]) => {
    const factor = firstCrossing(slack, now, steps);
    return factor === null ? null : factor * index;
  };
  return { up: crossing(STEPS_UP), down: crossing(STEPS_DOWN) };
}

/** Maintenance headroom with the index times `factor`. */
function slackAt(book: Book, terms: Terms, underlying: string, factor: number): number {
  const moved = factor === 1 ? book : moveIndex(book, underlying, factor);
  const context = marginContext(terms, moved.market, numeraireOf(moved, terms));
  return headroom(accountMargin(context, moved.account)).maintenance;
}

function firstCrossing(
  slack: (factor: number) => number,
  now: number,
  steps: readonly number[],
): number | null {
  let near = 1;
  let nearSlack = now;
  for (const far of steps) {
    const farSlack = slack(far);
    if (farSlack <= 0) return closeIn(slack, [near, nearSlack], [far, farSlack]);
    near = far;
    nearSlack = farSlack;
  }
  return null;
}

type Point = readonly [factor: number, slack: number];

/**
 * Narrows the bracket until it is as wide as float64 resolves, and returns its far end: the first
 * factor at which the slack is used up.
 */
function closeIn(slack: (factor: number) => number, from: Point, to: Point): number {
  let [near, nearSlack] = from;
  let [far, farSlack] = to;
  let lastSide = 0;
  for (let i = 0; i < ITERATIONS_MAX && farSlack !== 0; i++) {
    const width = Math.abs(far - near);
    if (width <= WIDTH * near) break;
    // Every fourth step halves: a kink may hold falsi at one end for long.
    const falsi = far - (farSlack * (far - near)) / (farSlack - nearSlack);
    const middle = (near + far) / 2;
    const trial = i % 4 === 3 || !(Math.abs(falsi - middle) < width / 2) ? middle : falsi;
    const found = slack(trial);
    const side = found > 0 ? 1 : -1;
    if (side > 0) [near, nearSlack] = [trial, found];
    else [far, farSlack] = [trial, found];
    if (side === lastSide && side > 0) farSlack /= 2;
    if (side === lastSide && side < 0) nearSlack /= 2;
    lastSide = side;
  }
  return far;
}
