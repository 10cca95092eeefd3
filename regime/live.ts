/**
 * The doors of the fold: marks, time and whole bars come in, a grid change goes out.
 *
 * A regime folds what the sequencer closed, never what it saw arrive, so live and replay are one
 * thing. Marks fill the open bar; the first mark or tick past its end closes it. In a continuous
 * market every bar of a gap is folded as stale; between sessions time stands still.
 */
import { RiskError, shown } from "../core/errors.ts";
import type { IndexBar } from "../core/mark.ts";
import { type Bar, flatBar, readable } from "./bar.ts";
import { step } from "./fold.ts";
import { nothing, outcome, type RegimeOutcome } from "./outcome.ts";
import type { RegimeState } from "./state.ts";

/** Stale bars folded for one gap at most; after so long a silence nothing moves any more. */
export const GAP_BARS_MAX = 100_000;

/**
 * Folds one Turn's accepted index marks of this underlying.
 *
 * @param at the Turn's market time, ms; a Turn older than the newest folded one changes nothing
 * @throws RiskError `invariant_broken` for another underlying's marks
 */
export function foldIndex(s: RegimeState, at: number, marks: IndexBar): RegimeOutcome {
  if (s.underlying !== marks.underlying) adopt(s, marks.underlying);
  if (at < s.lastMs) return nothing;
  s.lastMs = at;
  if (s.openMs === 0) s.openMs = startOfBar(at, s.pace.barMs);
  if (s.published.told && at < s.openMs + s.pace.barMs) {
    fill(s, marks);
    return nothing;
  }
  const before = { ...s.published };
  closeUntil(s, at);
  fill(s, marks);
  return outcome(s, before);
}

/** Time has passed to `at`, ms, with or without marks. */
export function foldTime(s: RegimeState, at: number): RegimeOutcome {
  if (s.openMs === 0 || at < s.openMs + s.pace.barMs) return nothing;
  const before = { ...s.published };
  closeUntil(s, at);
  return outcome(s, before);
}

/**
 * Folds a whole bar; those missing before it are folded as stale in a continuous market.
 *
 * A bar that does not start after the newest one came late or twice and changes nothing.
 *
 * @throws RiskError `invariant_broken` while live marks fill a bar
 */
export function foldBar(s: RegimeState, bar: Bar): RegimeOutcome {
  const { barMs } = s.pace;
  if (s.openBar.marks > 0)
    throw new RiskError("invariant_broken", { path: "bar", expected: "no bar open" });
  if (s.openMs === 0) s.openMs = bar.openMs;
  if (bar.openMs <= s.openMs - barMs) return nothing;
  const before = { ...s.published };
  skipGap(s, bar.openMs);
  step(s, readable(bar, s.lastClose));
  s.openMs = bar.openMs + barMs;
  return outcome(s, before);
}

function adopt(s: RegimeState, underlying: string): void {
  if (s.underlying !== "")
    throw new RiskError("invariant_broken", {
      path: "index.underlying",
      expected: s.underlying,
      found: shown(underlying),
    });
  s.underlying = underlying;
}

const startOfBar = (at: number, barMs: number): number => Math.floor(at / barMs) * barMs;

/** Adds a Turn's marks to the open bar. */
function fill({ openBar }: RegimeState, { open, high, low, last, count }: IndexBar): void {
  const first = openBar.marks === 0;
  if (first) openBar.open = open;
  openBar.high = first ? high : Math.max(openBar.high, high);
  openBar.low = first ? low : Math.min(openBar.low, low);
  openBar.close = last;
  openBar.marks += count;
}

/** Closes every bar that has ended by `at`. */
function closeUntil(s: RegimeState, at: number): void {
  const { barMs } = s.pace;
  if (at < s.openMs + barMs) return;
  if (s.openBar.marks > 0) {
    step(s, readable({ openMs: s.openMs, ...s.openBar }, s.lastClose));
    s.openBar.marks = 0;
    s.openMs += barMs;
  }
  skipGap(s, at);
}

/** Folds the bars without marks between the open one and that of `at`. */
function skipGap(s: RegimeState, at: number): void {
  const { barMs } = s.pace;
  const missing = Math.max(0, Math.floor((at - s.openMs) / barMs));
  const folded = s.terms.calendar.kind === "sessions" ? 0 : Math.min(missing, GAP_BARS_MAX);
  const price = s.lastClose;
  for (let i = 0; i < folded; i++) step(s, flatBar(s.openMs + i * barMs, price));
  s.openMs += missing * barMs;
}
