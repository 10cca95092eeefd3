/**
 * One source that is enough: recorded history, a simulation, a venue's own book.
 *
 * Marks that are put beside it are nobody's word: ordinary moves pass at once, a jump when it has
 * been said three times over three seconds. They never speak with the feed's trust, and never cast
 * a doubt on it.
 *
 * Every mark of an embedded feed comes this way, so nothing here allocates while marks are good:
 * numbers stay in the mark, the batch and the slot's buffer, and go through no call that would box
 * them.
 */
import type { GuardSettings } from "../../../config/guard.ts";
import type { FeedBatch, FeedMark } from "../feed.ts";
import { believesBeside, believesTrusted } from "./believe.ts";
import { badTime, isBadForward } from "./entry.ts";
import type { Names } from "./names.ts";
import { badNumber } from "./numbers.ts";
import type { Refusal } from "./refusal.ts";
import {
  AT,
  EXTRA,
  noPending,
  type Pending,
  passTrading,
  type Slot,
  TRADED,
  VALUE,
} from "./slot.ts";
import { confidenceOf } from "./wide.ts";

/** Source of marks that are put beside a trusted feed; no declared one has a blank in its name. */
export const BY_HAND = "by hand";

export class Trusted {
  readonly #names: Names;
  readonly #source: string;
  readonly #settings: GuardSettings;
  /** What was put by hand and is not believed yet. */
  readonly #pending = new WeakMap<Slot, Pending>();

  constructor(names: Names, source: string, settings: GuardSettings) {
    this.#names = names;
    this.#source = source;
    this.#settings = settings;
  }

  /** Takes the mark of a batch; the answer is why not. */
  take(mark: FeedMark, batch: FeedBatch): Refusal | undefined {
    const slot = this.#names.slots.get(mark.id);
    if (slot === undefined) return "unknown";
    const bad = badNumber(mark, slot.kind);
    if (bad !== undefined) return bad;
    if (mark.source === BY_HAND) return this.#takeByHand(slot, mark, batch);
    if (mark.source !== undefined && mark.source !== this.#source) return "unknown_source";
    const { accepted } = slot;
    if (mark.madeAt !== undefined || batch.at <= accepted[AT]!) {
      const wrong = this.#badTime(slot, mark, batch);
      if (wrong !== undefined) return wrong;
    }
    const doubted = this.#doubted(slot, mark, batch);
    if (doubted !== undefined) return doubted;
    this.#accept(slot, mark, mark.madeAt ?? batch.at);
    return undefined;
  }

  /** Its time is that of its batch at the latest: the feed's own next mark is never late for it. */
  #takeByHand(slot: Slot, mark: FeedMark, batch: FeedBatch): Refusal | undefined {
    const wrong = this.#badTime(slot, mark, batch);
    if (wrong !== undefined) return wrong;
    if (slot.kind === "option" && isBadForward(slot, mark, this.#names, this.#settings)) {
      return "forward";
    }
    const pending = this.#pending.get(slot) ?? noPending();
    this.#pending.set(slot, pending);
    const said = { value: mark.value, at: batch.at };
    if (!believesBeside(slot, pending, said, this.#settings)) return "held";
    this.#accept(slot, mark, Math.min(mark.madeAt ?? batch.at, batch.at));
    return undefined;
  }

  #badTime(slot: Slot, { madeAt }: FeedMark, { at: now }: FeedBatch): Refusal | undefined {
    const times = { at: madeAt ?? now, now, newest: slot.accepted[AT]! };
    return badTime(slot, times, this.#settings);
  }

  #doubted(slot: Slot, mark: FeedMark, batch: FeedBatch): Refusal | undefined {
    if (slot.kind === "option") {
      return isBadForward(slot, mark, this.#names, this.#settings) ? "forward" : undefined;
    }
    const last = slot.accepted[VALUE]!;
    const most = this.#settings.absurdFactor;
    const isAbsurd = last > 0 && (mark.value > last * most || mark.value * most < last);
    if (!isAbsurd) {
      slot.pending.marks = 0;
      return undefined;
    }
    if (believesTrusted(slot, mark.value, mark.madeAt ?? batch.at, this.#settings))
      return undefined;
    slot.doubt = true;
    return "held";
  }

  #accept(slot: Slot, mark: FeedMark, at: number): void {
    const { accepted, clock } = slot;
    slot.doubt = false;
    if (mark.halfWidth !== undefined || slot.confidence < 1) {
      const width = (mark.halfWidth ?? 0) / mark.value;
      slot.confidence = confidenceOf(slot, width, this.#settings.wide);
    }
    accepted[VALUE] = mark.value;
    accepted[EXTRA] = mark.extra;
    accepted[AT] = at;
    if (clock === undefined) return;
    passTrading(clock, at, slot.heartbeatMs);
    accepted[TRADED] = clock.ms;
  }
}
