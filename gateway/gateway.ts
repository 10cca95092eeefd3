/**
 * The gateway over its journal: recovered, announced, warmed, and kept recoverable.
 *
 *      journal, snapshots ─► recover ─► flow ─► board
 *                                        │
 *                                        └─► snapshots, every so many Turns and so often
 *
 * `serve` runs it on files and the machine's clock, the simulation on a disk and a time of its own:
 * both recover by the same lines.
 */
import { RiskError } from "../core/errors.ts";
import type { Terms } from "../core/terms.ts";
import type { Board } from "./board.ts";
import type { Clock } from "./clock.ts";
import type { Feed } from "./feed/feed.ts";
import { guardOf } from "./feed/guard/of-feed.ts";
import { type Flow, openFlow } from "./flow.ts";
import type { Journal } from "./journal/journal.ts";
import type { Snapshots } from "./journal/snapshots.ts";
import { liveBoard } from "./live-board.ts";
import { openRecord, type RegimeRecord } from "./record.ts";
import { recordHistory } from "./record-again.ts";
import { type Recovery, recover } from "./recover.ts";
import { keepSnapshots } from "./snapshot-keeper.ts";

export interface GatewayOptions {
  readonly journal: Journal;
  readonly snapshots: Snapshots;
  readonly terms: Terms;
  readonly termsHash: string;
  /** The market, going on from what was recovered; undefined: from its own start. */
  readonly feed: (from: Recovery | undefined) => Promise<Feed> | Feed;
  /** The market from its own start: its bars had warmed the regimes of an earlier run. */
  readonly history?: Feed;
  readonly clock: Clock;
  /** Told of a defect of ours met while running; figures are not to be trusted any more. */
  readonly onFault: (error: unknown) => void;
}

export interface Gateway {
  readonly feed: Feed;
  readonly flow: Flow;
  readonly board: Board;
  /** What the regimes folded and published, for whoever tunes and studies them. */
  readonly record: RegimeRecord;
  /** What the start was recovered from; undefined: nothing had been written. */
  readonly recovery: Recovery | undefined;
  /** Takes a last snapshot; the journal stays its owner's to close. */
  close(): Promise<void>;
  /** Ends without one: after a fault no state is to be trusted, and none is kept. */
  abandon(): Promise<void>;
}

/** @throws RiskError what recovery refuses, or what keeps the first commands from disk */
export async function openGateway(options: GatewayOptions): Promise<Gateway> {
  const { journal, snapshots, terms, termsHash, clock } = options;
  const chains = { lineage: journal.lineage, account: journal.account, turns: journal.turns };
  const record = openRecord();
  const onFolded = record.follow;
  const recovery = await recover({ chains, snapshots, terms, termsHash, onFolded });
  if (recovery !== undefined) journal.skipTurns(recovery.state.seq + 1);
  const feed = await options.feed(recovery);
  const flow = openFlow({
    listing: feed.listing,
    barMs: feed.barMs,
    guard: guardOf(feed),
    startMs: feed.startMs,
    lineage: journal.lineage,
    list: journal.turns,
    commands: journal.account,
    writable: () => journal.state().state === "open",
    ...{ terms, termsHash },
    ...(recovery === undefined ? {} : { recovered: recovery }),
  });
  flow.onTurn(() => record.follow(flow.regimes));
  await flow.begun;
  await flow.warm(feed.warm(), record.warmed);
  const keeper = keepSnapshots({ flow, journal, snapshots, clock, onFault: options.onFault });
  const remembering = recovery && rememberHistory(options, record);
  return {
    ...{ feed, flow, record, recovery },
    board: liveBoard(flow, feed.barMs, () => {
      const { state } = journal.state();
      return state === "open" ? undefined : state;
    }),
    async close() {
      await remembering?.stop();
      await keeper.close();
    },
    async abandon() {
      await remembering?.stop();
      await keeper.abandon();
    },
  };
}

/** Records beside the running gateway what had warmed it, where somebody still has it. */
function rememberHistory(
  { history, journal, terms, clock, onFault }: GatewayOptions,
  record: RegimeRecord,
): { stop(): Promise<void> } | undefined {
  if (history === undefined) return undefined;
  let isStopped = false;
  const stopped = () => isStopped;
  const { account } = journal;
  const done = recordHistory(record, { feed: history, terms, account, clock, stopped }).catch(
    (error: unknown) => {
      // A file that was moved away since costs the record, and nothing else.
      if (!(error instanceof RiskError) || error.kind === "fault") onFault(error);
    },
  );
  return {
    async stop() {
      isStopped = true;
      await done;
    },
  };
}
