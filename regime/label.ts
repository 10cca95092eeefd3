/**
 * The label that people read: where the range stands against its own median.
 *
 * Nothing computes with it. Once given it holds until the range has left its band by the
 * hysteresis.
 */
import { type OrderWindow, orderWindow, push, quantile } from "./order-window.ts";
import type { Pace } from "./pace.ts";
import type { LabelTerms } from "./terms.ts";

export const labels = ["calm", "normal", "elevated", "stress"] as const;
export type Label = (typeof labels)[number];

/** Two years of daily values: what is ordinary for this underlying. */
export interface Medians {
  bars: number;
  readonly scale: OrderWindow;
  readonly range: OrderWindow;
}

export function startMedians({ medianDays }: Pace): Medians {
  return { bars: 0, scale: orderWindow(medianDays), range: orderWindow(medianDays) };
}

/** One bar passed; once a day the values are kept. */
export function foldMedians(m: Medians, pace: Pace, scale: number, range: number): void {
  m.bars += 1;
  if (m.bars < pace.dayBars) return;
  m.bars = 0;
  push(m.scale, scale);
  push(m.range, range);
}

/** The median, or the prior until the window is full. */
export function medianOr(window: OrderWindow, prior: number): number {
  return window.count === window.ring.length ? quantile(window, 0.5)! : prior;
}

/** The label of a range that is `share` of its median, given the label so far. */
export function nextLabel(current: Label, share: number, terms: LabelTerms): Label {
  const plain = labelAt(share, terms);
  const eased = labelAt(share * (1 + terms.hysteresis), terms);
  const raised = labelAt(share * (1 - terms.hysteresis), terms);
  if (plain === current || eased === current || raised === current) return current;
  return plain;
}

function labelAt(share: number, { normal, elevated, stress }: LabelTerms): Label {
  if (share >= stress) return "stress";
  if (share >= elevated) return "elevated";
  return share >= normal ? "normal" : "calm";
}
