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
import type { Admitted } from "../core/engine/admission.ts";
import type { Submission } from "../core/engine/command.ts";
import { dueSettlements } from "../core/engine/due.ts";
import { type Engine, openEngine } from "../core/engine/engine.ts";
import { EARLIEST_MS } from "../core/engine/instant.ts";
import { emptyState } from "../core/engine/state.ts";
import type { Turn } from "../core/engine/turn.ts";
import { RiskError } from "../core/errors.ts";
import type { AssetClass, Listing } from "../core/instrument.ts";
import type { Terms } from "../core/terms.ts";
import { createRegime, foldBar, type RegimeOutcome, type RegimeState } from "../regime/index.ts";
import type { FeedEvent, FileBar } from "./feed/feed.ts";
import { type Guard, openGuard } from "./feed/guard.ts";
import { type CommandChain, openCommandChain } from "./flow-chain.ts";
import { answers, declaredPrices, listingOf, regimeCommands } from "./flow-commands.ts";
import { memoryList, type OrderedList } from "./journal/list.ts";
import { type ClosedTurn, openSequencer, type Sequencer, type SubmitOptions } from "./sequencer.ts";

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
  /** Market time of the first Turn, ms; when absent, before all time. */
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
  onTurn(ring: Ring): () => void;
}

export function openFlow(options: FlowOptions): Flow {
  return new TurnFlow(options);
}

class TurnFlow implements Flow {
  readonly engine: Engine;
  readonly guard: Guard;
  readonly regimes: ReadonlyMap<string, RegimeState>;
  readonly #options: FlowOptions;
  readonly #commands: OrderedList;
  readonly #sequencer: Sequencer;
  readonly #chain: CommandChain;
  readonly #rings = new Set<Ring>();
  #waiters: Waiter[] = [];
  #refused = 0;
  #unwritten: unknown;

  constructor(options: FlowOptions) {
    const { listing, terms, termsHash, lineage, startMs = EARLIEST_MS } = options;
    this.#options = options;
    this.engine = openEngine(emptyState(lineage, terms, termsHash));
    this.guard = openGuard(listing);
    this.regimes = openRegimes(listing, options.barMs);
    this.#sequencer = openSequencer(this.engine.state);
    this.#commands = options.commands ?? memoryList();
    this.#chain = openCommandChain(this.#commands, this.#sequencer, {
      released: () => this.drain(),
      failed: (error, from) => this.#fail(error, from),
    });
    this.#sequencer.offer(startMs, []);
    this.submit({ kind: "TermsChange", terms, hash: termsHash });
    this.submit({ kind: "Listing", ...listing, delisted: [] });
    this.drain();
  }

  async warm(bars: AsyncIterable<FileBar>): Promise<void> {
    const newest = new Map<string, RegimeOutcome>();
    for await (const bar of bars) {
      const regime = this.regimes.get(bar.underlying);
      if (regime === undefined) continue;
      const { change } = foldBar(regime, { ...bar, stale: bar.volume === 0 });
      if (change !== undefined) newest.set(bar.underlying, { change });
    }
    // What history made of a range holds from the first Turn on.
    for (const outcome of newest.values()) {
      for (const command of answers(outcome)) this.#submitOwn(command);
    }
  }

  accept(event: FeedEvent): void {
    const passed = this.guard.pass(event);
    if (passed === undefined) return;
    this.#open(passed.at, declaredPrices(passed));
    if (passed.kind === "marks") this.#sequencer.offer(passed.at, passed.marks);
    if (passed.kind === "listing") this.#submitOwn(listingOf(passed.instruments));
    this.drain();
  }

  idle(at = this.engine.state.at): void {
    this.#open(at, new Map());
    this.#sequencer.idle(at);
    this.drain();
  }

  submit(submission: unknown, options: SubmitOptions = {}): Admitted {
    const admitted = this.#sequencer.submit(submission, options);
    // Whoever submits does not wait; a failed write has taken the command back.
    this.#write(admitted)?.catch(() => undefined);
    return admitted;
  }

  async apply(submission: unknown, options: SubmitOptions = {}): Promise<Applied> {
    const admitted = this.#sequencer.submit(submission, options);
    await this.#write(admitted);
    const { seq, version, replayed } = admitted;
    if (seq > this.engine.state.commands) await this.#foldedUntil(seq);
    const { lineage } = this.engine.state;
    return { seq, lineage, version, durable: this.#commands.durable, replayed };
  }

  drain(): void {
    const sequencer = this.#sequencer;
    for (let closed = sequencer.close(); closed !== undefined; closed = sequencer.close()) {
      this.#fold(closed);
    }
  }

  refused(): number {
    return this.#refused;
  }

  unwritten(): unknown {
    return this.#unwritten;
  }

  onTurn(ring: Ring): () => void {
    this.#rings.add(ring);
    return () => this.#rings.delete(ring);
  }

  /** Opens the Turn of market time `at`: what time makes due stands first in it. */
  #open(at: number, declared: ReadonlyMap<string, number>): void {
    if (this.#sequencer.spans(at)) this.drain();
    this.#sequencer.offer(at, []);
    const due = dueSettlements(this.#sequencer.ahead(), at, declared);
    for (const command of due) this.#submitOwn(command);
  }

  #fold({ turn, bytes, hash }: ClosedTurn): void {
    const { state } = this.engine;
    // A Turn that a crash loses may be issued again: margins go on whatever becomes of its write.
    this.#options.list.append([bytes], turn.seq)?.catch((error: unknown) => {
      this.#unwritten = error;
    });
    const concerned = this.engine.fold(turn, hash);
    this.#sequencer.folded();
    const decided = regimeCommands(turn, this.regimes, state.names);
    for (const command of decided) this.#submitOwn(command);
    for (const waiter of this.#taken(({ seq }) => seq <= state.commands)) waiter.folded();
    for (const ring of this.#rings) ring(turn, concerned);
  }

  #submitOwn(command: Submission): void {
    try {
      this.submit(command);
    } catch (error) {
      if (!(error instanceof RiskError) || error.kind === "fault") throw error;
      this.#refused += 1;
      this.#options.onRefused?.(error, command);
    }
  }

  #write(admitted: Admitted): Promise<void> | undefined {
    return admitted.replayed ? undefined : this.#chain.write(admitted);
  }

  #foldedUntil(seq: number): Promise<void> {
    return new Promise<void>((folded, failed) => {
      this.#waiters.push({ seq, folded, failed });
      this.drain();
    });
  }

  #fail(error: unknown, from: number): void {
    for (const waiter of this.#taken(({ seq }) => seq >= from)) waiter.failed(error);
  }

  /** Waiters that are done with, taken off the list. */
  #taken(done: (waiter: Waiter) => boolean): Waiter[] {
    const taken = this.#waiters.filter(done);
    this.#waiters = this.#waiters.filter((waiter) => !done(waiter));
    return taken;
  }
}

type Ring = (turn: Turn, concerned: readonly string[]) => void;

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
