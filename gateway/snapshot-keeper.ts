/**
 * Keeps a recovery short: a snapshot every so many Turns, every so often, and at an orderly end.
 *
 * A snapshot that cannot be written costs nothing but a longer recovery, so it is tried again with
 * the next one due. One is never taken while another is being written.
 */
import { RiskError } from "../core/errors.ts";
import type { Clock } from "./clock.ts";
import type { Flow } from "./flow.ts";
import type { Journal } from "./journal/journal.ts";
import { SNAPSHOTS_KEPT, type Snapshots } from "./journal/snapshots.ts";

/** Turns and wall time between two snapshots. */
export const SNAPSHOT_TURNS = 20_000;
export const SNAPSHOT_MS = 300_000;

export interface SnapshotKeeper {
  /** Takes the last one, when anything was folded since. */
  close(): Promise<void>;
  /** Takes none any more. */
  abandon(): Promise<void>;
}

export interface KeeperOptions {
  readonly flow: Flow;
  readonly journal: Journal;
  readonly snapshots: Snapshots;
  readonly clock: Pick<Clock, "now">;
  readonly onFault: (error: unknown) => void;
  readonly everyTurns?: number;
  readonly everyMs?: number;
}

export function keepSnapshots(options: KeeperOptions): SnapshotKeeper {
  const { flow, journal, snapshots, clock, onFault } = options;
  const { everyTurns = SNAPSHOT_TURNS, everyMs = SNAPSHOT_MS } = options;
  const { state } = flow.engine;
  let taken = state.seq;
  let takenMs = clock.now();
  /** Turns up to this number are missing from the journal; 0: none is. */
  let gap = 0;
  let taking: Promise<void> | undefined;

  journal.keepTurns(neededFrom(snapshots));

  const isDue = (): boolean =>
    gap > taken || state.seq - taken >= everyTurns || clock.now() - takenMs >= everyMs;

  async function take(): Promise<void> {
    const { seq } = state;
    takenMs = clock.now();
    try {
      await snapshots.take({ state, regimes: flow.regimes, pairs: flow.pairs() });
      taken = seq;
      journal.keepTurns(neededFrom(snapshots));
      if (gap > 0 && gap <= seq) journal.skipTurns(seq + 1);
      gap = 0;
    } catch (error) {
      // No room on the disk: the next one due tries again.
      if (!(error instanceof RiskError) || error.kind === "fault") onFault(error);
    } finally {
      taking = undefined;
    }
  }

  const stopTurns = flow.onTurn(() => {
    if (taking === undefined && isDue()) taking = take();
  });
  const stopGaps = journal.onGap((seq) => {
    gap = seq;
  });

  async function abandon(): Promise<void> {
    stopTurns();
    stopGaps();
    await taking;
  }

  return {
    abandon,
    async close() {
      await abandon();
      if (state.seq > taken) await take();
    },
  };
}

/**
 * The first Turn that a recovery may need: after the oldest of the newest snapshots, or the first.
 */
function neededFrom(snapshots: Snapshots): number {
  const newest = [...snapshots.newestFirst()].slice(0, SNAPSHOTS_KEPT);
  return newest.length < SNAPSHOTS_KEPT ? 1 : newest.at(-1)!.seq + 1;
}
