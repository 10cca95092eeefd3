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
import { regimeTerms } from "../../config/regime.ts";
import type { MarkStateCommand } from "../../core/engine/command.ts";
import { RiskError } from "../../core/errors.ts";
import type { Instrument, Listing } from "../../core/instrument.ts";
import type { FeedBatch, FeedEvent, FeedMark } from "./feed.ts";
import { type Band, openBand } from "./guard/band.ts";
import { believesAlone, believesTrusted } from "./guard/believe.ts";
import { badNumber, type MarkKind } from "./guard/numbers.ts";
import { Panel, SOURCES_MAX, type Together } from "./guard/panel.ts";
import { type Refusal, refusals } from "./guard/refusal.ts";
import { Reviewer } from "./guard/review.ts";
import {
  AT,
  EXTRA,
  isMarked,
  openSlot,
  passTrading,
  type Slot,
  TRADED,
  type TradingClock,
  VALUE,
} from "./guard/slot.ts";
import { Smiles } from "./guard/smile.ts";
import type { MarkStateName } from "./guard/standing.ts";
import { nextVariance } from "./guard/threshold.ts";
import { confidenceOf } from "./guard/wide.ts";

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
  readonly #settings: GuardSettings;
  readonly #options: GuardOptions;
  readonly #trusted: boolean;
  readonly #sources: ReadonlyMap<string, number>;
  readonly #slots = new Map<string, Slot>();
  readonly #bands = new Map<string, Band>();
  readonly #clocks = new Map<string, TradingClock>();
  readonly #smiles: Smiles;
  readonly #reviewer: Reviewer;
  readonly #counts = Object.fromEntries(refusals.map((reason) => [reason, 0])) as Record<
    Refusal,
    number
  >;

  constructor({ underlyings, currencies, instruments }: Listing, options: GuardOptions) {
    const { sources = [""], trusted = true, settings = guardSettings, told } = options;
    refuseContradiction(sources);
    this.#settings = settings;
    this.#options = options;
    this.#trusted = trusted && sources.length === 1;
    this.#sources = new Map(sources.map((name, i) => [name, i]));
    this.#smiles = new Smiles(settings.smile);
    this.#reviewer = new Reviewer(this.#slots, settings, told);
    for (const { id, assetClass } of underlyings) {
      if (regimeTerms(assetClass).calendar.kind === "sessions") {
        this.#clocks.set(id, { ms: 0, lastAt: Number.POSITIVE_INFINITY });
      }
      this.#know(id, "index", id);
    }
    for (const { id } of currencies) this.#know(id, "currency", undefined);
    this.#list(instruments);
  }

  pass(event: FeedEvent): FeedEvent | undefined {
    if (!Number.isInteger(event.at) || Math.abs(event.at) > AT_MAX) {
      this.#counts.not_finite += event.kind === "marks" ? event.marks.length : 0;
      return undefined;
    }
    if (event.kind === "marks") return this.#trusted ? this.#take(event) : this.#judge(event);
    if (event.kind === "listing") this.#list(event.instruments);
    else for (const id of event.instruments) this.#forget(id);
    return event;
  }

  review(at: number): MarkStateCommand | undefined {
    return this.#reviewer.review(at);
  }

  refused(): Readonly<Record<Refusal, number>> {
    return { ...this.#counts };
  }

  standing(): GuardStanding {
    const names = [...this.#sources.keys()];
    const { at, state, stale, doubted, wide } = this.#reviewer;
    let frozen = 0;
    const quarantined: string[] = [];
    for (const slot of this.#slots.values()) {
      frozen += slot.panel?.frozen(slot, at) ?? 0;
      for (const source of slot.panel?.quarantined() ?? []) {
        quarantined.push(`${slot.id} ${names[source]}`);
      }
    }
    return { state, stale, doubted, wide, quarantined, frozen };
  }

  #list(instruments: readonly Instrument[]): void {
    for (const instrument of instruments) {
      const { id, kind, underlying } = instrument;
      this.#know(id, kind, underlying);
      if (kind === "option" && !this.#trusted) this.#smiles.add(instrument);
    }
  }

  /** A name that is both an index and a coin is marked once, as the index. */
  #know(id: string, kind: MarkKind, underlying: string | undefined): void {
    if (this.#slots.has(id)) return;
    const { barMs, told } = this.#options;
    const clock = underlying === undefined ? undefined : this.#clocks.get(underlying);
    const panel = this.#trusted ? undefined : new Panel(this.#sources.size, this.#settings);
    this.#slots.set(
      id,
      openSlot({ id, kind, underlying, barMs, clock, panel, told }, this.#settings),
    );
    const anchor = this.#trusted ? undefined : this.#settings.bands.anchors[id];
    if (kind !== "currency" || anchor === undefined) return;
    const { of, ratio } = anchor;
    const stands = () =>
      ratio * (of === undefined ? 1 : (this.#slots.get(of)?.accepted[VALUE] ?? 0));
    this.#bands.set(id, openBand(this.#settings.bands, stands));
  }

  #forget(id: string): void {
    const slot = this.#slots.get(id);
    if (slot !== undefined) this.#reviewer.forget(slot);
    this.#slots.delete(id);
    this.#smiles.remove(id);
  }

  /** One trusted source: as it comes, without a copy while every mark is good. */
  #take(batch: FeedBatch): FeedBatch {
    const { marks, at } = batch;
    let kept: FeedMark[] | undefined;
    for (let i = 0; i < marks.length; i++) {
      const mark = marks[i]!;
      const reason = this.#taken(mark, at);
      if (reason === undefined) kept?.push(mark);
      else {
        this.#counts[reason] += 1;
        kept ??= marks.slice(0, i);
      }
    }
    return kept === undefined ? batch : { ...batch, marks: kept };
  }

  #taken(mark: FeedMark, now: number): Refusal | undefined {
    const slot = this.#slots.get(mark.id);
    if (slot === undefined) return "unknown";
    const bad = badNumber(mark, slot.kind) ?? this.#badSource(mark);
    if (bad !== undefined) return bad;
    const at = mark.madeAt ?? now;
    const wrong = this.#badTime(slot, at, now, slot.accepted[AT]!);
    if (wrong !== undefined) return wrong;
    if (slot.kind === "option") {
      if (this.#isBadForward(slot, mark.extra)) return "forward";
    } else if (!believesTrusted(slot, mark.value, at, this.#settings)) {
      slot.doubt = true;
      return "held";
    }
    slot.confidence = confidenceOf(slot, (mark.halfWidth ?? 0) / mark.value, this.#settings.wide);
    this.#accept(slot, mark.value, mark.extra, at);
    return undefined;
  }

  /** Several sources, or one that nobody vouches for: each is heard, then each name judged once. */
  #judge(batch: FeedBatch): FeedBatch {
    const marks: FeedMark[] = [];
    for (const mark of batch.marks) {
      const reason = this.#heard(mark, batch.at);
      if (reason !== undefined) this.#counts[reason] += 1;
    }
    for (const { id } of batch.marks) {
      const slot = this.#slots.get(id);
      if (slot?.panel?.heard !== true) continue;
      const together = slot.panel.vote(slot, batch.at);
      const found = this.#settled(slot, together, batch.at);
      if (typeof found === "string") this.#counts[found] += 1;
      else marks.push(found);
    }
    return { ...batch, marks };
  }

  #heard(mark: FeedMark, now: number): Refusal | undefined {
    const slot = this.#slots.get(mark.id);
    if (slot === undefined) return "unknown";
    const bad = badNumber(mark, slot.kind) ?? this.#badSource(mark);
    if (bad !== undefined) return bad;
    const source = this.#sourceOf(mark)!;
    const at = mark.madeAt ?? now;
    const wrong = this.#badTime(slot, at, now, slot.panel!.newestOf(source));
    if (wrong !== undefined) return wrong;
    if (slot.kind === "option" && this.#isBadForward(slot, mark.extra)) return "forward";
    slot.panel!.hear(source, mark, Math.min(at, now));
    return undefined;
  }

  /** The mark that the sources make together, or why there is none. */
  #settled(slot: Slot, together: Together, at: number): FeedMark | Refusal {
    const { voters, value, extra, width } = together;
    slot.doubt = true;
    slot.alone = voters < 2;
    if (voters === 0) return "quarantined";
    if (
      voters === 1 ? !this.#believes(slot, together, at) : together.support < 2 && !isMarked(slot)
    )
      return "held";
    if (!together.isNews) {
      slot.doubt = together.disputed;
      return "outvoted";
    }
    if (slot.kind === "option" && !this.#smiles.fits(slot.id, value, at)) return "smile";
    const band = this.#bands.get(slot.id);
    const price = band === undefined ? value : band.pass(value, at, voters);
    if (price === undefined) return "band";
    slot.doubt = together.disputed && voters > 1;
    slot.confidence = confidenceOf(slot, width, this.#settings.wide);
    this.#accept(slot, price, extra, at);
    return { id: slot.id, value: price, extra };
  }

  #believes(slot: Slot, { value }: Together, at: number): boolean {
    return believesAlone(slot, value, at, this.#settings);
  }

  #accept(slot: Slot, value: number, extra: number, at: number): void {
    const { accepted, clock, heartbeatMs, panel } = slot;
    if (panel !== undefined && isMarked(slot)) {
      const dtMs = at - accepted[AT]!;
      const r = value / accepted[VALUE]! - 1;
      slot.variance = nextVariance(slot.variance, r, dtMs, this.#settings.sigma);
    } else slot.doubt = false;
    if (clock !== undefined) {
      passTrading(clock, at, heartbeatMs);
      accepted[TRADED] = clock.ms;
    }
    accepted[VALUE] = value;
    accepted[EXTRA] = extra;
    accepted[AT] = at;
  }

  #sourceOf({ source }: FeedMark): number | undefined {
    if (source !== undefined) return this.#sources.get(source);
    return this.#sources.size === 1 ? 0 : undefined;
  }

  #badSource(mark: FeedMark): Refusal | undefined {
    if (mark.madeAt !== undefined && !Number.isInteger(mark.madeAt)) return "not_finite";
    return this.#sourceOf(mark) === undefined ? "unknown_source" : undefined;
  }

  /** @param at when it was made @param now when it came @param newest of that source, ms */
  #badTime(slot: Slot, at: number, now: number, newest: number): Refusal | undefined {
    if (at === newest) return "duplicate";
    if (at < newest) return "late";
    if (at - now > this.#settings.skewMs) return "early";
    return now - at > slot.heartbeatMs ? "old" : undefined;
  }

  /** An option's forward that is no forward of its index; 0 says that there is none. */
  #isBadForward({ underlying }: Slot, forward: number): boolean {
    const index = this.#slots.get(underlying!)?.accepted[VALUE] ?? 0;
    if (forward === 0 || index === 0) return false;
    const most = this.#settings.forwardFactor;
    return forward > index * most || forward * most < index;
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
