/**
 * The level k: how many daily scales the covered move of a day is.
 *
 * Filtered historical simulation takes it from what happened: the quantile of M / S over years of
 * completed windows, S being the scale with its kurtosis term, so that a market whose tails are
 * always heavier than its class's keeps its coverage. The tracker needs no memory: its log rises by
 * `gain` when a window exceeds it and falls a little when it does not, so that it settles where the
 * share of exceedances is right. Both always run; the terms say which one acts.
 */
import { exp } from "../core/math/exp.ts";
import { log } from "../core/math/log.ts";
import { type OrderWindow, orderWindow, push, quantile } from "./order-window.ts";
import type { Pace } from "./pace.ts";
import type { LevelTerms, RegimeTerms } from "./terms.ts";

export interface Level {
  /** M / S of the kept windows. */
  readonly ratios: OrderWindow;
  /** Bars since a window was due that was kept. */
  bars: number;
  simulated: number;
  tracked: number;
}

export function startLevel({ sampleCount }: Pace, prior: number): Level {
  return { ratios: orderWindow(sampleCount), bars: 0, simulated: prior, tracked: prior };
}

/**
 * One bar passed. Where the window that is due is not known, the next one that is takes its place:
 * else a bar that is missing every day might leave none at all.
 *
 * @param ratio M / S of the window that it completes; 0 teaches nothing; undefined: it is not known
 */
export function foldLevel(
  level: Level,
  pace: Pace,
  { coverage, level: terms }: Pick<RegimeTerms, "coverage" | "level">,
  ratio: number | undefined,
): void {
  level.bars += 1;
  if (level.bars < pace.sampleBars) return;
  if (ratio === undefined) return;
  level.bars %= pace.sampleBars;
  if (!(ratio > 0 && ratio < Number.POSITIVE_INFINITY)) return;
  push(level.ratios, ratio);
  const exceeded = ratio > level.tracked ? 1 : 0;
  const next = exp(log(level.tracked) + pace.gain * (exceeded - (1 - coverage)));
  level.tracked = clamp(next, terms);
  if (level.ratios.count >= pace.sampleCountMin)
    level.simulated = clamp(quantile(level.ratios, coverage)!, terms);
}

/** The level that acts. */
export function levelOf(level: Level, mode: LevelTerms["mode"]): number {
  return mode === "fhs" ? level.simulated : level.tracked;
}

const clamp = (x: number, { min, max }: LevelTerms): number => Math.max(min, Math.min(max, x));
