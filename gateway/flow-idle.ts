/**
 * Ticks where no mark comes: one Turn for every wall second in which none was closed.
 *
 * Market time passes with marks, so a silent feed would leave options undecayed and nobody told
 * that the figures grow old. This is the one place where the wall's clock touches the list, and all
 * that it writes is a Turn with a Tick: a replay finds it there and needs no clock.
 */
import type { Flow } from "./flow.ts";

export const IDLE_MS = 1000;

/**
 * @param marketNow market time by the wall, ms, where the feed is live; absent: a replay or a
 * simulation, whose time stands still between events
 * @returns stops it
 */
export function tickWhenIdle(flow: Flow, marketNow?: () => number): () => void {
  let closed = false;
  const hush = flow.onTurn(() => {
    closed = true;
  });
  const timer = setInterval(() => {
    if (!closed) flow.idle(marketNow?.());
    closed = false;
  }, IDLE_MS);
  timer.unref();
  return () => {
    clearInterval(timer);
    hush();
  };
}
