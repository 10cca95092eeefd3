/**
 * The gate that every mark passes, whatever its feed: what it refuses never reaches the list.
 *
 *      unknown       nobody listed the id
 *      not_finite    value, extra or time is NaN or infinite (or the time is no whole number)
 *      not_positive  value ≤ 0; an option's forward < 0
 *      too_large     beyond 1e12; a vol beyond 100, a funding rate beyond 1
 *      too_small     a price below 1e-9
 *      duplicate     the id was marked at that very time
 *      late          the id was marked at a later time
 *
 * A refused mark leaves no trace but its count. Only ids that are listed are remembered, so memory
 * is bounded by the listing and not by what a source sends.
 */
import type { Instrument, InstrumentKind, Listing } from "../../core/instrument.ts";
import type { Mark } from "../../core/mark.ts";
import type { FeedEvent } from "./feed.ts";

/** Largest price, vol or forward. */
export const MARK_MAX = 1e12;
/** Least price: below it an inverse contract's coins run out of digits. */
export const PRICE_MIN = 1e-9;
/** Highest vol and funding rate that a book document takes, fractions. */
export const VOL_MAX = 100;
export const FUNDING_MAX = 1;
/** Latest market time: the last that a Date can hold. */
export const AT_MAX = 8.64e15;

export const refusals = [
  "unknown",
  "not_finite",
  "not_positive",
  "too_large",
  "too_small",
  "duplicate",
  "late",
] as const;
export type Refusal = (typeof refusals)[number];

export interface Guard {
  /**
   * The event with its bad marks left out; a batch keeps its time even when no mark is left.
   * Undefined when the time itself is bad. Listings and expiries pass and change what is known.
   */
  pass(event: FeedEvent): FeedEvent | undefined;
  /** Marks refused so far, by reason. */
  refused(): Readonly<Record<Refusal, number>>;
}

export function openGuard({ underlyings, currencies, instruments }: Listing): Guard {
  /** Time of the newest accepted mark of each known id. */
  const newest = new Map<string, number>();
  const kinds = new Map<string, InstrumentKind>();
  const counts = Object.fromEntries(refusals.map((reason) => [reason, 0])) as Record<
    Refusal,
    number
  >;
  const know = (listed: readonly Pick<Instrument, "id" | "kind">[]) => {
    for (const { id, kind } of listed) {
      if (!newest.has(id)) newest.set(id, Number.NEGATIVE_INFINITY);
      kinds.set(id, kind);
    }
  };
  for (const { id } of [...underlyings, ...currencies]) newest.set(id, Number.NEGATIVE_INFINITY);
  know(instruments);

  const refusal = (mark: Mark, at: number): Refusal | undefined => {
    const last = newest.get(mark.id);
    if (last === undefined) return "unknown";
    const bad = numbers(mark, kinds.get(mark.id));
    if (bad !== undefined) return bad;
    if (at === last) return "duplicate";
    return at < last ? "late" : undefined;
  };

  return {
    pass(event) {
      if (!Number.isInteger(event.at) || Math.abs(event.at) > AT_MAX) {
        counts.not_finite += event.kind === "marks" ? event.marks.length : 0;
        return undefined;
      }
      if (event.kind === "listing") know(event.instruments);
      if (event.kind === "expiry")
        for (const id of event.instruments) {
          newest.delete(id);
          kinds.delete(id);
        }
      if (event.kind !== "marks") return event;
      const marks = event.marks.filter((mark) => {
        const reason = refusal(mark, event.at);
        if (reason === undefined) newest.set(mark.id, event.at);
        else counts[reason] += 1;
        return reason === undefined;
      });
      return marks.length === event.marks.length ? event : { ...event, marks };
    },
    refused: () => ({ ...counts }),
  };
}

function numbers({ value, extra }: Mark, kind: InstrumentKind | undefined): Refusal | undefined {
  if (!Number.isFinite(value) || !Number.isFinite(extra)) return "not_finite";
  if (value <= 0 || (kind === "option" && extra < 0)) return "not_positive";
  const [most, mostExtra] = limits(kind);
  if (value > most || Math.abs(extra) > mostExtra) return "too_large";
  return kind !== "option" && value < PRICE_MIN ? "too_small" : undefined;
}

/** Largest value and extra of a mark. */
function limits(kind: InstrumentKind | undefined): readonly [number, number] {
  if (kind === "option") return [VOL_MAX, MARK_MAX];
  return [MARK_MAX, kind === "perpetual" ? FUNDING_MAX : MARK_MAX];
}
