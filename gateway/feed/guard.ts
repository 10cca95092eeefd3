/**
 * The gate that every mark passes, whatever its feed: what it refuses never reaches the list.
 *
 *      mark ─► figures ─► time ─► one trusted source ──────────────────────────► accepted
 *                             └─► sources side by side ─► smile, band ─► median ─┘
 *      a second of market time ─► review: stale, in doubt, wide ─► OK DEGRADED HALTED ─► command
 *
 * Driven by the time of the events and by nothing else, so the same events give the same marks.
 * Only what is listed is remembered, by declared sources: memory does not grow with what is sent.
 * The lines, their thresholds and what the states do are in docs/marks.md.
 */
import { type GuardSettings, guardSettings } from "../../config/guard.ts";
import { SOURCES_MAX } from "../../config/schema/book.ts";
import type { MarkStateCommand } from "../../core/engine/command.ts";
import { RiskError } from "../../core/errors.ts";
import type { Listing } from "../../core/instrument.ts";
import type { FeedBatch, FeedEvent, FeedMark } from "./feed.ts";
import { Council } from "./guard/council.ts";
import { Names } from "./guard/names.ts";
import { type Refusal, refusals } from "./guard/refusal.ts";
import { Reviewer } from "./guard/review.ts";
import type { MarkStateName } from "./guard/standing.ts";
import { Trusted } from "./guard/trusted.ts";

export { MARK_MAX, PRICE_MIN, VOL_MAX } from "./guard/numbers.ts";
export { type Refusal, refusals } from "./guard/refusal.ts";

/** Latest market time: the last that a Date can hold. */
export const AT_MAX = 8.64e15;

export interface GuardOptions {
  /** Names of the sources whose marks are heard; by default one without a name. */
  readonly sources?: readonly string[];
  /** One source is enough, and needs no confirmation: recorded history, a simulation. */
  readonly trusted?: boolean;
  /** Length of the bars that the market comes in, ms; absent: it comes as it trades. */
  readonly barMs?: number;
  readonly settings?: GuardSettings;
  /** What the list says of the marks already: after a restart, that of the recovered state. */
  readonly told?: MarkStateCommand;
}

export interface Guard {
  /**
   * The event with its accepted marks alone; a batch keeps its time even when no mark is left.
   * Undefined when the time itself is bad. Listings and expiries pass and change what is known.
   */
  pass(event: FeedEvent): FeedEvent | undefined;
  /**
   * What has changed of the marks' state by market time `at`, ms, as a command for the list; at
   * most one a second of market time, undefined when nothing has.
   */
  review(at: number): MarkStateCommand | undefined;
  /** Marks that were not accepted so far, by reason. */
  refused(): Readonly<Record<Refusal, number>>;
  /** Why marks of the newest event were not accepted, by id. */
  why(): ReadonlyMap<string, Refusal>;
  /** How the marks stand: for metrics. */
  standing(): GuardStanding;
}

export interface GuardStanding {
  readonly state: MarkStateName;
  /** Names that are stale, withheld or disputed, and wide. */
  readonly stale: number;
  readonly doubted: number;
  readonly wide: number;
  /** Name and source of what is in quarantine. */
  readonly quarantined: readonly string[];
  /** Sources that repeat themselves to the digit. */
  readonly frozen: number;
}

/** @throws RiskError out_of_bounds when the sources contradict themselves */
export function openGuard(listing: Listing, options: GuardOptions = {}): Guard {
  return new MarkGuard(listing, options);
}

class MarkGuard implements Guard {
  readonly #names: Names;
  readonly #sources: readonly string[];
  readonly #reviewer: Reviewer;
  /** The way of the marks: one of the two. */
  readonly #trusted: Trusted | undefined;
  readonly #council: Council;
  readonly #counts = Object.fromEntries(refusals.map((reason) => [reason, 0])) as Record<
    Refusal,
    number
  >;

  readonly #why = new Map<string, Refusal>();

  constructor(listing: Listing, options: GuardOptions) {
    const { sources = [""], trusted = true, settings = guardSettings, told, barMs } = options;
    refuseContradiction(sources);
    this.#sources = sources;
    const isTrusted = trusted && sources.length === 1;
    const panels = isTrusted ? 0 : sources.length;
    this.#names = new Names(listing, { barMs, told, panels, settings });
    this.#reviewer = new Reviewer(this.#names.slots, settings, told);
    this.#trusted = isTrusted ? new Trusted(this.#names, sources[0]!, settings) : undefined;
    this.#council = new Council(this.#names, sources, settings);
  }

  pass(event: FeedEvent): FeedEvent | undefined {
    if (this.#why.size > 0) this.#why.clear();
    if (!Number.isInteger(event.at) || Math.abs(event.at) > AT_MAX) {
      this.#counts.not_finite += event.kind === "marks" ? event.marks.length : 0;
      return undefined;
    }
    if (event.kind === "marks") {
      return this.#trusted === undefined ? this.#judge(event) : this.#take(event, this.#trusted);
    }
    if (event.kind === "listing") this.#names.list(event.instruments);
    else for (const id of event.instruments) this.#forget(id);
    return event;
  }

  review(at: number): MarkStateCommand | undefined {
    return this.#reviewer.review(at);
  }

  refused(): Readonly<Record<Refusal, number>> {
    return { ...this.#counts };
  }

  why(): ReadonlyMap<string, Refusal> {
    return this.#why;
  }

  standing(): GuardStanding {
    const { at, state, stale, doubted, wide } = this.#reviewer;
    let frozen = 0;
    const quarantined: string[] = [];
    for (const slot of this.#names.slots.values()) {
      frozen += slot.panel?.frozen(slot, at) ?? 0;
      for (const source of slot.panel?.quarantined() ?? []) {
        quarantined.push(`${slot.id} ${this.#sources[source]}`);
      }
    }
    return { state, stale, doubted, wide, quarantined, frozen };
  }

  #refuse(id: string, reason: Refusal): void {
    this.#counts[reason] += 1;
    this.#why.set(id, reason);
  }

  #forget(id: string): void {
    const slot = this.#names.slots.get(id);
    if (slot !== undefined) this.#reviewer.forget(slot);
    this.#names.forget(id);
  }

  /** As it comes, without a copy while every mark is good. */
  #take(batch: FeedBatch, trusted: Trusted): FeedBatch {
    const { marks } = batch;
    let kept: FeedMark[] | undefined;
    for (let i = 0; i < marks.length; i++) {
      const mark = marks[i]!;
      const reason = trusted.take(mark, batch);
      if (reason === undefined) kept?.push(mark);
      else {
        this.#refuse(mark.id, reason);
        kept ??= marks.slice(0, i);
      }
    }
    return kept === undefined ? batch : { ...batch, marks: kept };
  }

  /** Everybody is heard, then each name is judged once. */
  #judge(batch: FeedBatch): FeedBatch {
    const marks: FeedMark[] = [];
    for (const mark of batch.marks) {
      const reason = this.#council.hear(mark, batch.at);
      if (reason !== undefined) this.#refuse(mark.id, reason);
    }
    for (const { id } of batch.marks) {
      const slot = this.#names.slots.get(id);
      if (slot?.panel?.heard !== true) continue;
      const found = this.#council.settle(slot, slot.panel, batch.at);
      if (typeof found === "string") this.#refuse(id, found);
      else marks.push(found);
    }
    return { ...batch, marks };
  }
}

function refuseContradiction(sources: readonly string[]): void {
  const isOne = sources.length > 0 && sources.length <= SOURCES_MAX;
  if (isOne && new Set(sources).size === sources.length) return;
  throw new RiskError("out_of_bounds", {
    path: "sources",
    expected: `1 to ${SOURCES_MAX} names, each once`,
    found: sources.join(", "),
  });
}
