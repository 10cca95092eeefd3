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
import type { Admitted } from "../core/engine/admission.ts";
import type { Submission } from "../core/engine/command.ts";
import { dueSettlements } from "../core/engine/due.ts";
import { type Engine, openEngine } from "../core/engine/engine.ts";
import { EARLIEST_MS } from "../core/engine/instant.ts";
import { type EngineState, emptyState } from "../core/engine/state.ts";
import type { Turn } from "../core/engine/turn.ts";
import { RiskError } from "../core/errors.ts";
import type { Listing } from "../core/instrument.ts";
import type { Terms } from "../core/terms.ts";
import { type Comovement, foldRegimesTurn, type RegimeState } from "../regime/index.ts";
import type { FeedEvent, FileBar } from "./feed/feed.ts";
import { type Guard, type GuardOptions, openGuard } from "./feed/guard.ts";
import { type CommandChain, openCommandChain } from "./flow-chain.ts";
import {
  declaredPrices,
  listingOf,
  newestWord,
  owedSubject,
  unlisted,
  unsaid,
} from "./flow-commands.ts";
import { type OnWarmed, openRegimes, warmings } from "./flow-regimes.ts";
import { memoryList, type OrderedList } from "./journal/list.ts";
import {
  type ClosedTurn,
  type LeftCommand,
  openSequencer,
  type Sequencer,
  type SubmitOptions,
} from "./sequencer.ts";

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
  /** What an earlier run left behind; a new list when absent. */
  readonly recovered?: Recovered;
  /** Whether commands can be written now; what the flow owes waits until then. */
  readonly writable?: () => boolean;
  /** Market time of the first Turn, ms; when absent, before all time. */
  readonly startMs?: number;
  /** How marks are judged; absent: one trusted source, and nothing is said of what is stale. */
  readonly guard?: GuardOptions;
  /** Told of every command that the flow made itself and admission refused. */
  readonly onRefused?: (error: RiskError, command: Submission) => void;
}

/** Where a list goes on: the state of its newest Turn, and what is durable but in no Turn. */
export interface Recovered {
  readonly state: EngineState;
  readonly regimes: ReadonlyMap<string, RegimeState>;
  /** Of the regimes; undefined before the list brought any. */
  readonly pairs?: Comovement | undefined;
  /** Commands of the account chain that no Turn holds, ascending. */
  readonly left: readonly LeftCommand[];
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
  /** Credits between underlyings as they are measured; undefined before the list brought any. */
  pairs(): Comovement | undefined;
  /** Resolves when the terms and the listing are folded: marks before it find no name. */
  readonly begun: Promise<void>;
  /**
   * Folds bars from before the start into regimes that have no history, as a command each; resolves
   * when those are folded.
   */
  warm(bars: AsyncIterable<FileBar>, onWarmed?: OnWarmed): Promise<void>;
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
  readonly regimes: Map<string, RegimeState>;
  readonly begun: Promise<void>;
  readonly #options: FlowOptions;
  #pairs: Comovement | undefined;
  readonly #commands: OrderedList;
  readonly #sequencer: Sequencer;
  readonly #chain: CommandChain;
  readonly #rings = new Set<Ring>();
  /** Commands of the flow itself that could not be written, the newest of each subject. */
  readonly #owed = new Map<string, Submission>();
  #waiters: Waiter[] = [];
  #drains = false;
  #refused = 0;
  #unwritten: unknown;

  constructor(options: FlowOptions) {
    const { listing, lineage, recovered, startMs = EARLIEST_MS } = options;
    this.#options = options;
    const state = recovered?.state ?? emptyState(lineage, options.terms, options.termsHash);
    this.engine = openEngine(state);
    this.regimes = openRegimes(options, recovered?.regimes);
    this.#pairs = recovered?.pairs;
    this.#sequencer = openSequencer(state);
    this.#sequencer.resume(recovered?.left ?? []);
    this.guard = openGuard(listing, { ...options.guard, told: this.#sequencer.ahead().markState });
    this.#commands = options.commands ?? memoryList();
    this.#chain = openCommandChain(this.#commands, this.#sequencer, {
      released: () => this.#drainSoon(),
      failed: (error, taken) => this.#fail(error, taken),
    });
    if (recovered === undefined) this.#sequencer.offer(startMs, []);
    this.#announce();
    if (recovered !== undefined) {
      const left = { regimes: this.regimes, pairs: this.#pairs };
      for (const answer of unsaid(left, this.#sequencer.ahead())) this.#owe(answer);
    }
    if (!this.#commands.durable) this.drain();
    this.begun = this.#foldedUntil(this.#sequencer.ahead().commands);
    // Whoever does not wait for it is told by what he submits.
    this.begun.catch(() => undefined);
  }

  async warm(bars: AsyncIterable<FileBar>, onWarmed?: OnWarmed): Promise<void> {
    const { recovered = {} } = this.#options;
    const commands = await warmings(this.#options, bars, recovered, onWarmed);
    for (const command of commands) this.#submitOwn(command);
    this.drain();
    await this.#foldedUntil(this.#sequencer.ahead().commands);
  }

  accept(event: FeedEvent): void {
    const passed = this.guard.pass(event);
    if (passed === undefined) return;
    this.#open(passed.at, declaredPrices(passed));
    if (passed.kind === "marks") this.#sequencer.offer(passed.at, passed.marks);
    if (passed.kind === "listing") this.#submitOwn(listingOf(passed.instruments));
    this.#review(passed.at);
    this.drain();
  }

  idle(at = this.engine.state.at): void {
    this.#open(at, new Map());
    this.#sequencer.idle(at);
    // A trusted feed says itself when time passes: its silence is this process's own.
    if (this.#options.guard?.trusted === false) this.#review(at);
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
    try {
      await this.#write(admitted);
      await this.#foldedUntil(admitted.seq);
    } catch (error) {
      throw withoutFiles(error);
    }
    const { seq, version, replayed } = admitted;
    const { lineage } = this.engine.state;
    return { seq, lineage, version, durable: this.#commands.durable, replayed };
  }

  drain(): void {
    const sequencer = this.#sequencer;
    for (let closed = sequencer.close(); closed !== undefined; closed = sequencer.close()) {
      this.#fold(closed);
    }
  }

  pairs(): Comovement | undefined {
    return this.#pairs;
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

  /** Commands that became durable together join one Turn. */
  #drainSoon(): void {
    if (this.#drains) return;
    this.#drains = true;
    queueMicrotask(() => {
      this.#drains = false;
      this.drain();
    });
  }

  /** Says what the list does not know yet: the terms of this run, and names that are new. */
  #announce(): void {
    const { terms, termsHash, listing } = this.#options;
    const ahead = this.#sequencer.ahead();
    if (ahead.commands === 0 || ahead.termsHash !== termsHash) {
      this.submit({ kind: "TermsChange", terms, hash: termsHash });
    }
    const fresh = unlisted(listing, ahead.ordinals);
    if (fresh !== undefined) this.submit(fresh);
  }

  /** Opens the Turn of market time `at`: what time makes due stands first in it. */
  #open(at: number, declared: ReadonlyMap<string, number>): void {
    if (this.#sequencer.spans(at)) this.drain();
    this.#sequencer.offer(at, []);
    if (this.#owed.size > 0 && (this.#options.writable?.() ?? true)) this.#payOwed();
    const due = dueSettlements(this.#sequencer.ahead(), at, declared);
    for (const command of due) this.#submitOwn(command);
  }

  /** Says what has become of the marks' state by `at`. */
  #review(at: number): void {
    if (this.#options.guard === undefined) return;
    const told = this.guard.review(at);
    if (told !== undefined) this.#submitOwn(told);
  }

  #fold({ turn, bytes, hash }: ClosedTurn): void {
    const { state } = this.engine;
    // A Turn that a crash loses may be issued again: margins go on whatever becomes of its write.
    this.#options.list.append([bytes], turn.seq)?.catch((error: unknown) => {
      this.#unwritten = error;
    });
    const concerned = this.engine.fold(turn, hash);
    this.#sequencer.folded();
    const { regimes, pairs } = { regimes: this.regimes, pairs: this.#pairs };
    const outcome = foldRegimesTurn({ regimes, pairs }, turn, state.names, this.#options.onRefused);
    this.#pairs = outcome.pairs;
    for (const command of outcome.answers) this.#submitOwn(command);
    for (const waiter of this.#taken(({ seq }) => seq <= state.commands)) waiter.folded();
    for (const ring of this.#rings) ring(turn, concerned);
  }

  #submitOwn(command: Submission): void {
    try {
      this.submit(command);
    } catch (error) {
      if (!(error instanceof RiskError) || error.kind === "fault") throw error;
      if (unwritable.has(error.code)) return;
      this.#refused += 1;
      this.#options.onRefused?.(error, command);
    }
  }

  #write(admitted: Admitted): Promise<void> | undefined {
    return admitted.replayed ? undefined : this.#chain.write(admitted);
  }

  #foldedUntil(seq: number): Promise<void> {
    if (seq <= this.engine.state.commands) return Promise.resolve();
    return new Promise<void>((folded, failed) => {
      this.#waiters.push({ seq, folded, failed });
      this.drain();
    });
  }

  #fail(error: unknown, taken: readonly LeftCommand[]): void {
    const from = taken[0]?.seq ?? Number.POSITIVE_INFINITY;
    for (const waiter of this.#taken(({ seq }) => seq >= from)) waiter.failed(error);
    for (const { command } of taken) this.#owe(command);
  }

  #owe(command: Submission): void {
    const subject = owedSubject(command);
    if (subject === undefined) return;
    this.#owed.set(subject, newestWord(this.#owed.get(subject), command));
  }

  #payOwed(): void {
    const owed = [...this.#owed.values()];
    this.#owed.clear();
    for (const command of owed) this.#submitOwn(command);
  }

  /** Waiters that are done with, taken off the list. */
  #taken(done: (waiter: Waiter) => boolean): Waiter[] {
    const taken = this.#waiters.filter(done);
    this.#waiters = this.#waiters.filter((waiter) => !done(waiter));
    return taken;
  }
}

/** Refusals of the journal, not of admission: what they concern is owed. */
const unwritable: ReadonlySet<string> = new Set(["journal_full", "journal_failed"]);

/** Which file could not be written is for operators: whoever applied a command learns why alone. */
function withoutFiles(error: unknown): unknown {
  if (!(error instanceof RiskError) || !unwritable.has(error.code)) return error;
  const { retryAfterMs } = error.detail;
  const later = retryAfterMs === undefined ? {} : { retryAfterMs };
  return new RiskError(error.code, later, { cause: error });
}

type Ring = (turn: Turn, concerned: readonly string[]) => void;

/** Somebody who waits until command `seq` is folded. */
interface Waiter {
  readonly seq: number;
  readonly folded: () => void;
  readonly failed: (error: unknown) => void;
}
