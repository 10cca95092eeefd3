/**
 * The main phase: the start hour that a file is judged by, 00:00 UTC wherever it can be.
 *
 * A file of another clock (two- and four-hour steps by turns, a daily break at midnight) may have
 * no close there; then it is the first hour after it that is as good as any other.
 */
const DAY_MS = 86_400_000;
/** Of the days on which the commonest close of a file stands in it. */
const MAIN_SHARE_MIN = 0.5;

/** The phase from midnight on that is taken for the main one. */
export function mainPhaseOf(closes: Iterable<number>, barMs: number, dayBars: number): number {
  const counts = new Float64Array(dayBars);
  for (const ms of closes) counts[Math.floor((ms % DAY_MS) / barMs) % dayBars]! += 1;
  const most = counts.reduce((max, count) => Math.max(max, count), 0);
  return counts.findIndex((count) => count >= MAIN_SHARE_MIN * most);
}
