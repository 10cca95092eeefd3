/**
 * Gaps of a price file: where bars are missing, and how many.
 *
 * In a continuous market any step over one bar and a half is a gap. In a market with sessions time
 * stands still between bars, so only a break that no holiday explains is one, and nothing is filled
 * in.
 */
import type { Bar } from "../bar.ts";

/** No exchange closes for so long in ordinary times. */
export const SESSION_BREAK_MS = 6 * 86_400_000;

export interface Gap {
  /** Start of the last bar before it and of the first one after it, ms. */
  readonly fromMs: number;
  readonly toMs: number;
  /** Bars that were filled in; 0 between sessions. */
  readonly missing: number;
}

export function gapsOf(bars: readonly Bar[], barMs: number, continuous: boolean): Gap[] {
  const gaps: Gap[] = [];
  for (let i = 1; i < bars.length; i++) {
    const [fromMs, toMs] = [bars[i - 1]!.openMs, bars[i]!.openMs];
    const missing = Math.floor((toMs - fromMs) / barMs + 0.5) - 1;
    const isGap = continuous ? missing > 0 : toMs - fromMs > Math.max(SESSION_BREAK_MS, 3 * barMs);
    if (isGap) gaps.push({ fromMs, toMs, missing: continuous ? missing : 0 });
  }
  return gaps;
}

/** The longest gaps, the longest first. */
export function longest(gaps: readonly Gap[], count: number): Gap[] {
  return [...gaps].sort((a, b) => b.toMs - b.fromMs - (a.toMs - a.fromMs)).slice(0, count);
}
