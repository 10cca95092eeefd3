/**
 * The flow: from a feed's events to folded Turns, and back from the regime as commands.
 *
 *      event ─► guard ─► what is due ─► sequencer ─► list ─► engine.fold ─► regime ─► next Turn
 *                                                                      └─► bell
 *
 * The regime folds a Turn's index bars after its close, exactly as a replay would, and answers with
 * commands: so yesterday's margin can be computed again without it. All of it runs in one thread
 * and `accept` returns when the Turns that the event closed are folded.
 */
import { regimeTerms } from "../config/regime.ts";
import type { AdmissionOptions, Admitted } from "../core/engine/admission.ts";
import type { Submission } from "../core/engine/command.ts";
import { dueSettlements } from "../core/engine/due.ts";
import { type Engine, openEngine } from "../core/engine/engine.ts";
import { emptyState } from "../core/engine/state.ts";
import type { Turn } from "../core/engine/turn.ts";
import { RiskError } from "../core/errors.ts";
import type { AssetClass, Listing } from "../core/instrument.ts";
import type { Terms } from "../core/terms.ts";
import { createRegime, foldBar, type RegimeOutcome, type RegimeState } from "../regime/index.ts";
import type { FeedEvent, FileBar } from "./feed/feed.ts";
import { type Guard, openGuard } from "./feed/guard.ts";
import { openCommandChain } from "./flow-chain.ts";
import { answers, declaredPrices, listingOf, regimeCommands } from "./flow-commands.ts";
import { memoryList, type OrderedList } from "./journal/list.ts";
import { type ClosedTurn, openSequencer } from "./sequencer.ts";

export interface FlowOptions {
  readonly listing: Listing;
  readonly barMs: number;
  readonly terms: Terms;
  readonly termsHash: string;
  /** 32 hex digits. */
  readonly lineage: string;
  /** The chain of Turns. */
  readonly list: OrderedList;
  /** The account chain; in memory when absent. */
  readonly commands?: OrderedList;
  /** Market time of the first Turn, ms; 0 when absent. */
  readonly startMs?: number;
  /** Told of every command that the flow made itself and admission refused. */
  readonly onRefused?: (error: RiskError, command: Submission) => void;
}

/** A command that is in the list. */
export interface Applied {
  /** Its number in the account chain of `lineage`. */
  readonly seq: number;
  readonly lineage: string;
  readonly version: number | null;
  /** It was on disk before it was folded. */
  readonly durable: boolean;
  /** Its key had been applied before. */
  readonly replayed: boolean;
}

export type SubmitOptions = Pick<AdmissionOptions, "expectedVersion">;

export interface Flow {
  readonly engine: Engine;
  readonly guard: Guard;
  readonly regimes: ReadonlyMap<string, RegimeState>;
  /** Folds bars from before the start into the regime. */
  warm(bars: AsyncIterable<FileBar>): Promise<void>;
  /** Takes an event of the feed and folds the Turns that it closes. */
  accept(event: FeedEvent): void;
  /**
   * Admits a command, to join the first Turn that closes once it is durable.
   *
   * @throws RiskError why it may not enter the list
   */
  submit(submission: unknown, options?: SubmitOptions): Admitted;
  /**
   * Admits a command; resolves when it is folded. @throws as `submit`, or what kept it from disk
   */
  apply(submission: unknown, options?: SubmitOptions): Promise<Applied>;
  /** Closes and folds what is gathered. */
  drain(): void;
  /**
   * A wall second passed without marks: folds a Turn with a Tick, market time `at` or as it was.
   */
  idle(at?: number): void;
  /** Commands of the flow itself that admission refused. */
  refused(): number;
  /** Why the newest Turn that could not be written was not; undefined: every one was. */
  unwritten(): unknown;
  /** Rings after every folded Turn; the answer stops it. */
  onTurn(ring: (turn: Turn, concerned: readonly string[]) => void): () => void;
}

export function openFlow(options: FlowOptions): Flow {
  const { listing, list, lineage, terms, termsHash, startMs = 0 } = options;
  const engine = openEngine(emptyState(lineage, terms, termsHash));
  const { state } = engine;
  const sequencer = openSequencer(state);
  const commands = options.commands ?? memoryList();
  const chain = openCommandChain(commands, sequencer, { released: drain, failed });
  const guard = openGuard(listing);
  const regimes = openRegimes(listing, options.barMs);
  const rings = new Set<(turn: Turn, concerned: readonly string[]) => void>();
  let waiters: Waiter[] = [];
  let refused = 0;
  let unwritten: unknown;

  function drain(): void {
    for (let closed = sequencer.close(); closed !== undefined; closed = sequencer.close()) {
      foldClosed(closed);
    }
  }

  function foldClosed({ turn, bytes, hash }: ClosedTurn): void {
    // A Turn that a crash loses may be issued again: margins go on whatever becomes of its write.
    list.append([bytes], turn.seq)?.catch((error: unknown) => {
      unwritten = error;
    });
    const concerned = engine.fold(turn, hash);
    sequencer.folded();
    for (const command of regimeCommands(turn, regimes, state.names)) submitOwn(command);
    for (const waiter of waiting(({ seq }) => seq <= state.commands)) waiter.folded();
    for (const ring of rings) ring(turn, concerned);
  }

  /** Waiters that are done with, taken off the list. */
  function waiting(done: (waiter: Waiter) => boolean): Waiter[] {
    const gone = waiters.filter(done);
    waiters = waiters.filter((waiter) => !done(waiter));
    return gone;
  }

  function failed(error: unknown, from: number): void {
    for (const waiter of waiting(({ seq }) => seq >= from)) waiter.failed(error);
  }

  function write(admitted: Admitted): Promise<void> | undefined {
    return admitted.replayed ? undefined : chain.write(admitted);
  }

  function submit(submission: unknown, by: SubmitOptions = {}): Admitted {
    const admitted = sequencer.submit(submission, by);
    // Whoever submits does not wait; a failed write has taken the command back.
    write(admitted)?.catch(() => undefined);
    return admitted;
  }

  function submitOwn(command: Submission): void {
    try {
      submit(command);
    } catch (error) {
      if (!(error instanceof RiskError) || error.kind === "fault") throw error;
      refused += 1;
      options.onRefused?.(error, command);
    }
  }

  /** Opens the Turn of market time `at`: what time makes due stands first in it. */
  function open(at: number, declared: ReadonlyMap<string, number>): void {
    if (sequencer.spans(at)) drain();
    sequencer.offer(at, []);
    for (const due of dueSettlements(sequencer.ahead(), at, declared)) submitOwn(due);
  }

  sequencer.offer(startMs, []);
  submit({ kind: "TermsChange", terms, hash: termsHash });
  submit({ kind: "Listing", ...listing, delisted: [] });
  drain();

  return {
    engine,
    guard,
    regimes,
    async warm(bars) {
      const newest = new Map<string, RegimeOutcome>();
      for await (const bar of bars) {
        const regime = regimes.get(bar.underlying);
        if (regime === undefined) continue;
        const { change } = foldBar(regime, { ...bar, stale: bar.volume === 0 });
        if (change !== undefined) newest.set(bar.underlying, { change });
      }
      // What history made of a range holds from the first Turn on.
      for (const outcome of newest.values()) for (const own of answers(outcome)) submitOwn(own);
    },
    accept(event) {
      const passed = guard.pass(event);
      if (passed === undefined) return;
      open(passed.at, declaredPrices(passed));
      if (passed.kind === "marks") sequencer.offer(passed.at, passed.marks);
      if (passed.kind === "listing") submitOwn(listingOf(passed.instruments));
      drain();
    },
    submit,
    async apply(submission, by = {}) {
      const admitted = sequencer.submit(submission, by);
      await write(admitted);
      const { seq, version, replayed } = admitted;
      if (seq > state.commands) {
        await new Promise<void>((folded, failed) => {
          waiters.push({ seq, folded, failed });
          drain();
        });
      }
      return { seq, lineage, version, durable: commands.durable, replayed };
    },
    drain,
    idle(at = state.at) {
      open(at, new Map());
      sequencer.idle(at);
      drain();
    },
    refused: () => refused,
    unwritten: () => unwritten,
    onTurn(ring) {
      rings.add(ring);
      return () => rings.delete(ring);
    },
  };
}

/** Somebody who waits until command `seq` is folded. */
interface Waiter {
  readonly seq: number;
  readonly folded: () => void;
  readonly failed: (error: unknown) => void;
}

function openRegimes(listing: Listing, barMs: number): Map<string, RegimeState> {
  return new Map(
    listing.underlyings.map(({ id, assetClass }) => [
      id,
      createRegime(regimeTerms(assetClass satisfies AssetClass), barMs, id),
    ]),
  );
}
