/**
 * When each mark was intended: what starts the clock of every latency.
 *
 *      due(m) = wall + (m - market) / speed      m: market time of the mark
 *
 * The schedule is taken once, before measuring, and kept: when the sender then falls behind and
 * moves its own anchor, that delay belongs to the marks that suffered it.
 */
import { RiskError, shown } from "../core/errors.ts";
import { feedGauges } from "../gateway/feed/meters.ts";

export interface Schedule {
  /** Market time over wall time. */
  readonly speed: number;
  /** Wall time, ms since the epoch, at which market time was `marketMs`. */
  readonly wallMs: number;
  readonly marketMs: number;
}

/** The marks that are measured: `count` of them, `stepMs` of market time apart. */
export interface Window {
  readonly schedule: Schedule;
  readonly stepMs: number;
  /** Market time of the first mark. */
  readonly firstMs: number;
  readonly lastMs: number;
  readonly count: number;
  /** Wall time at which the first is due, and at which the one after the last would be. */
  readonly startMs: number;
  readonly endMs: number;
}

export function dueMs({ speed, wallMs, marketMs }: Schedule, ofMs: number): number {
  return wallMs + (ofMs - marketMs) / speed;
}

/** The marks that are due from `nowMs` on, for `seconds`: at least one. */
export function windowFrom(
  schedule: Schedule,
  { nowMs, seconds, stepMs }: { nowMs: number; seconds: number; stepMs: number },
): Window {
  const { speed, wallMs, marketMs } = schedule;
  const steps = Math.ceil(((nowMs - wallMs) * speed) / stepMs);
  const firstMs = marketMs + steps * stepMs;
  const count = Math.max(1, Math.round((seconds * 1_000 * speed) / stepMs));
  const lastMs = firstMs + (count - 1) * stepMs;
  return {
    schedule,
    stepMs,
    firstMs,
    lastMs,
    count,
    startMs: dueMs(schedule, firstMs),
    endMs: dueMs(schedule, lastMs + stepMs),
  };
}

/** What a sender's `/metrics` says, by name. */
export type Readings = ReadonlyMap<string, number>;

/** @throws RiskError `unreachable` */
export async function fetchReadings(url: string): Promise<Readings> {
  try {
    const answer = await fetch(`${url}/metrics`);
    return readingsOf(await answer.text());
  } catch (cause) {
    const found = shown(cause instanceof Error ? cause.message : String(cause));
    throw new RiskError("unreachable", { path: url, expected: "its metrics", found }, { cause });
  }
}

/** The unlabelled lines of a Prometheus text. */
export function readingsOf(text: string): Readings {
  const found = new Map<string, number>();
  for (const line of text.split("\n")) {
    const [name, value, ...more] = line.split(" ");
    if (name === undefined || value === undefined || more.length > 0 || name === "#") continue;
    if (Number.isFinite(Number(value))) found.set(name, Number(value));
  }
  return found;
}

/** @throws RiskError `not_ready` when the sender has not begun to play */
export function scheduleOf(readings: Readings): Schedule {
  const schedule = {
    speed: readings.get(feedGauges.speed) ?? 0,
    wallMs: readings.get(feedGauges.wallMs) ?? 0,
    marketMs: readings.get(feedGauges.marketMs) ?? 0,
  };
  if (schedule.speed > 0 && schedule.wallMs > 0) return schedule;
  throw new RiskError("not_ready", { path: feedGauges.wallMs, expected: "a feed that plays" });
}
