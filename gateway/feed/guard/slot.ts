/**
 * What the guard keeps of one listed name: its accepted mark, and the doubts about the next one.
 *
 * The accepted figures lie in a buffer of their own, for a number that is written a thousand times
 * a second must not become an object each time. Everything here is bounded by the listing.
 */
import type { GuardSettings } from "../../../config/guard.ts";
import type { MarkStateCommand } from "../../../core/engine/command.ts";
import type { MarkKind } from "./numbers.ts";
import type { Panel } from "./panel.ts";
import { startVariance } from "./threshold.ts";

/** Places in `accepted`. */
export const VALUE = 0;
export const EXTRA = 1;
/** When it was made, ms; -∞: there is none yet. */
export const AT = 2;
/** The trading time at that moment, where the market has sessions. */
export const TRADED = 3;

/** Trading time of one underlying with sessions: it passes while marks of it come. */
export interface TradingClock {
  ms: number;
  lastAt: number;
}

/** A level that has been said but not yet believed. */
export interface Pending {
  value: number;
  at: number;
  since: number;
  marks: number;
}

export const noPending = (): Pending => ({ value: 0.5, at: 0.5, since: 0.5, marks: 0 });

export interface Slot {
  readonly id: string;
  readonly kind: MarkKind;
  /** Undefined for a currency. */
  readonly underlying: string | undefined;
  readonly heartbeatMs: number;
  /** Least relative move that is looked at twice. */
  readonly d0: number;
  /** Half-width over price beyond which a mark is wide. */
  readonly wideCap: number;
  /** Undefined: the market never closes. */
  readonly clock: TradingClock | undefined;
  readonly accepted: Float64Array;
  readonly pending: Pending;
  /** The sources side by side; undefined where one trusted source is all there is. */
  readonly panel: Panel | undefined;
  /** Per second, relative. */
  variance: number;
  /** What the sources say is withheld, or they disagree without a majority. */
  doubt: boolean;
  /** Fewer than two sources stand behind the mark, and nobody vouches for the one. */
  alone: boolean;
  /** 1: the source is sure of the price; else 1 less its half-width, in steps. */
  confidence: number;
  /** As last reported. */
  readonly told: { stale: boolean; doubt: boolean; confidence: number };
}

export interface SlotOptions {
  readonly id: string;
  readonly kind: MarkKind;
  readonly underlying: string | undefined;
  /** Length of the bars that the market comes in; undefined: it comes as it trades. */
  readonly barMs: number | undefined;
  readonly clock: TradingClock | undefined;
  readonly panel: Panel | undefined;
  /** What the list says of the marks when the guard opens. */
  readonly told: MarkStateCommand | undefined;
}

export function openSlot(options: SlotOptions, settings: GuardSettings): Slot {
  const { id, kind, underlying, barMs, clock, panel, told } = options;
  const { heartbeatMs, staleBars, deviation, wide, majors } = settings;
  const isMajor = majors.includes(underlying ?? id);
  const price = isMajor ? deviation.major : deviation.rest;
  return {
    ...{ id, kind, underlying, clock, panel },
    heartbeatMs: Math.max(heartbeatMs[kind], barMs === undefined ? 0 : staleBars * barMs),
    d0: kind === "option" ? deviation.vol : price,
    wideCap: isMajor ? wide.major : wide.rest,
    accepted: Float64Array.of(0, 0, Number.NEGATIVE_INFINITY, 0),
    pending: noPending(),
    variance: startVariance(settings.sigma),
    doubt: false,
    alone: false,
    confidence: 1,
    told: {
      stale: told?.stale.includes(id) ?? false,
      doubt: told?.quarantined.includes(id) ?? false,
      confidence: told?.confidence?.find((of) => of.id === id)?.confidence ?? 1,
    },
  };
}

export const isMarked = ({ accepted }: Slot): boolean => accepted[AT]! > Number.NEGATIVE_INFINITY;

/** Age of the accepted mark, ms of market time, or of trading time where there are sessions. */
export function ageOf({ accepted, clock }: Slot, at: number): number {
  return clock === undefined ? at - accepted[AT]! : clock.ms - accepted[TRADED]!;
}

/** Never before the first mark: what was never priced is missing, not stale. */
export const isStale = (slot: Slot, at: number): boolean =>
  isMarked(slot) && ageOf(slot, at) > slot.heartbeatMs;

/** Trading time goes on with the marks; a longer silence than a heartbeat was a closed market. */
export function passTrading(clock: TradingClock, at: number, heartbeatMs: number): void {
  clock.ms += Math.max(0, Math.min(at - clock.lastAt, heartbeatMs));
  clock.lastAt = Math.max(clock.lastAt, at);
}
