/**
 * One measurement of one sender: open, warm, measure, wait for the stragglers, close.
 *
 *      ├─ open ─┤─ warm ─┤────────── window ──────────┤─ drain ─┤
 *                        due(first)          due(last)           every mark seen, or given up
 */
import { setTimeout as sleep } from "node:timers/promises";
import { RiskError } from "../core/errors.ts";
import { type CodecName, glance } from "./glance.ts";
import { watchLateness } from "./lateness.ts";
import { fetchReadings, scheduleOf, type Window, windowFrom } from "./schedule.ts";
import { type Ask, openSwarm, type Skew } from "./swarm.ts";
import { openTally, type Tally } from "./tally.ts";
import { wallMs } from "./wire.ts";

/** Time for the first frame to reach everyone, ms. */
export const BEGIN_MS_MAX = 30_000;
/** Frames before the window, so that both sides run compiled code, ms. */
export const WARM_MS = 2_000;
/** How long stragglers are waited for after the window, ms. */
export const DRAIN_MS_MAX = 5_000;
/** From reading the schedule to the first mark that counts, ms. */
const LEAD_MS = 100;
const POLL_MS = 20;

export interface Sender {
  /** `http://127.0.0.1:8787`. */
  readonly url: string;
  readonly subscribers: number;
  readonly seconds: number;
  readonly codec: CodecName;
  /** Market time between two marks, ms. */
  readonly stepMs: number;
  asks(subscriber: number): Promise<readonly Ask[]>;
  readonly signal?: AbortSignal;
}

export interface Measured {
  readonly tally: Tally;
  readonly window: Window;
  /** How late the generator's own bell rang. */
  readonly lateP99Ms: number;
  /** Processor time of the generator over wall time: 1 is a whole core. */
  readonly cpuShare: number;
  /** Lines that ended by themselves. */
  readonly lost: number;
  readonly skew: Skew | undefined;
  /** Wall time by which the sender's market fell behind while it was measured, ms. */
  readonly slippedMs: number;
  /** The sender's own count of frames lost. */
  readonly senderDropped: number;
}

/** @throws RiskError `unreachable`, `not_ready`; the signal's reason when it ended the run */
export async function measure(sender: Sender): Promise<Measured> {
  const { subscribers, codec, url, asks, signal } = sender;
  const tally = openTally(subscribers);
  let lost = 0;
  const swarm = await openSwarm({
    url,
    subscribers,
    codec,
    asks,
    frame(subscriber, payload, atMs) {
      const place = glance(payload, codec);
      if (place !== undefined) tally.frame(subscriber, place, payload.length, atMs);
    },
    lost() {
      lost += 1;
    },
  });
  try {
    await until(() => tally.begun === subscribers, BEGIN_MS_MAX, signal);
    if (tally.begun < subscribers) {
      const found = `${tally.begun} of ${subscribers}`;
      throw new RiskError("not_ready", { expected: "a first frame for everyone", found });
    }
    await pause(WARM_MS, signal);
    const watched = await watch(sender, tally);
    return { tally, lost, skew: swarm.skew, ...watched };
  } finally {
    swarm.close();
  }
}

async function watch(
  sender: Sender,
  tally: Tally,
): Promise<Omit<Measured, "tally" | "lost" | "skew">> {
  const { url, seconds, stepMs, signal } = sender;
  const before = await fetchReadings(url);
  const nowMs = wallMs() + LEAD_MS;
  const window = windowFrom(scheduleOf(before), { nowMs, seconds, stepMs });
  tally.open(window);
  await pause(window.startMs - wallMs(), signal);
  const own = await ownBehaviour(() => pause(window.endMs - wallMs(), signal));
  await until(() => tally.settled(), DRAIN_MS_MAX, signal);
  tally.close(wallMs());
  const after = await fetchReadings(url);
  const change = (name: string) => (after.get(name) ?? 0) - (before.get(name) ?? 0);
  return {
    window,
    ...own,
    slippedMs: change("slidewire_feed_slipped_ms"),
    senderDropped: after.get("slidewire_dropped_total") ?? 0,
  };
}

/** How late and how busy this process is while that goes on. */
async function ownBehaviour(
  goesOn: () => Promise<unknown>,
): Promise<Pick<Measured, "lateP99Ms" | "cpuShare">> {
  const lateness = watchLateness();
  const [fromMs, from] = [wallMs(), process.cpuUsage()];
  try {
    await goesOn();
  } finally {
    lateness.stop();
  }
  const used = process.cpuUsage(from);
  const cpuShare = (used.user + used.system) / 1_000 / (wallMs() - fromMs);
  return { lateP99Ms: lateness.late.quantileMs(0.99), cpuShare };
}

function pause(ms: number, signal?: AbortSignal): Promise<unknown> {
  return sleep(Math.max(0, ms), undefined, signal === undefined ? {} : { signal });
}

async function until(done: () => boolean, msMax: number, signal?: AbortSignal): Promise<void> {
  const lastMs = wallMs() + msMax;
  while (!done() && wallMs() < lastMs) await pause(POLL_MS, signal);
}
