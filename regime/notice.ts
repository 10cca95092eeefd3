/**
 * Notice: the maintenance side follows the initial side only when it has stood for a while.
 *
 *      maintenance(t) = min of initial over [t - notice, t]
 *
 * So it is never above the initial range, widens after notice, and loosens with it. On bars longer
 * than the notice it is the least of the last two closes.
 */
import type { Pace } from "./pace.ts";

export interface Notice {
  /** Published values at the newest closes, ring of shape [noticeBars]. */
  readonly recent: Float64Array;
  next: number;
}

export function startNotice({ noticeBars }: Pace, value: number): Notice {
  return { recent: new Float64Array(noticeBars).fill(value), next: 0 };
}

export function foldNotice(notice: Notice, value: number): void {
  notice.recent[notice.next] = value;
  notice.next = notice.next + 1 === notice.recent.length ? 0 : notice.next + 1;
}

/** What holds after notice. */
export function noticed({ recent }: Notice): number {
  let least = recent[0]!;
  for (let i = 1; i < recent.length; i++) least = Math.min(least, recent[i]!);
  return least;
}

/** One step of the maintenance side that is already certain, should nothing fall meanwhile. */
export interface NoticeStep {
  readonly at: number;
  readonly value: number;
}

/** How the maintenance side will rise from the close at `closeMs` on; empty when it will not. */
export function noticePath({ recent, next }: Notice, closeMs: number, barMs: number): NoticeStep[] {
  const path: NoticeStep[] = [];
  let reached = noticed({ recent, next });
  for (let i = 1; i < recent.length; i++) {
    const value = leastFrom(recent, next, i);
    if (value > reached) path.push({ at: closeMs + i * barMs, value });
    reached = Math.max(reached, value);
  }
  return path;
}

/** Least of the values that are left once the oldest `skip` have gone. */
function leastFrom(recent: Float64Array, next: number, skip: number): number {
  let least = Number.POSITIVE_INFINITY;
  for (let i = skip; i < recent.length; i++)
    least = Math.min(least, recent[(next + i) % recent.length]!);
  return least;
}
