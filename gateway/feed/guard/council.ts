/**
 * Several sources, or one that nobody vouches for: they are heard, and what they say together is
 * held against the smile, the anchor and the last accepted mark.
 */
import type { GuardSettings } from "../../../config/guard.ts";
import type { FeedMark } from "../feed.ts";
import { believesAlone } from "./believe.ts";
import { badTime, isBadForward } from "./entry.ts";
import type { Names } from "./names.ts";
import { badNumber } from "./numbers.ts";
import type { Panel, Together } from "./panel.ts";
import type { Refusal } from "./refusal.ts";
import { AT, EXTRA, isMarked, passTrading, type Slot, TRADED, VALUE } from "./slot.ts";
import { nextVariance } from "./threshold.ts";
import { confidenceOf } from "./wide.ts";

export class Council {
  readonly #names: Names;
  readonly #sources: ReadonlyMap<string, number>;
  readonly #settings: GuardSettings;

  constructor(names: Names, sources: readonly string[], settings: GuardSettings) {
    this.#names = names;
    this.#sources = new Map(sources.map((name, i) => [name, i]));
    this.#settings = settings;
  }

  /** @param now when it came, ms @returns why it is not heard */
  hear(mark: FeedMark, now: number): Refusal | undefined {
    const slot = this.#names.slots.get(mark.id);
    if (slot?.panel === undefined) return "unknown";
    const bad = badNumber(mark, slot.kind);
    if (bad !== undefined) return bad;
    const source = this.#sourceOf(mark);
    if (source === undefined) return "unknown_source";
    const at = mark.madeAt ?? now;
    const wrong = badTime(slot, { at, now, newest: slot.panel.newestOf(source) }, this.#settings);
    if (wrong !== undefined) return wrong;
    if (slot.kind === "option" && isBadForward(slot, mark, this.#names, this.#settings)) {
      return "forward";
    }
    slot.panel.hear(source, mark, Math.min(at, now));
    return undefined;
  }

  /** The mark that the sources make together by `at`, ms, or why there is none. */
  settle(slot: Slot, panel: Panel, at: number): FeedMark | Refusal {
    const together = panel.vote(slot, at);
    slot.doubt = true;
    slot.alone = together.voters < 2;
    const refusal = this.#doubted(slot, together, at);
    if (refusal !== undefined) return refusal;
    const { id } = slot;
    const { value, extra, width, voters, disputed } = together;
    const band = this.#names.bands.get(id);
    const price = band === undefined ? value : band.pass(value, at, voters);
    if (price === undefined) return "band";
    slot.doubt = disputed && voters > 1;
    slot.confidence = confidenceOf(slot, width, this.#settings.wide);
    this.#accept(slot, { id, value: price, extra }, at);
    return { id, value: price, extra };
  }

  #doubted(slot: Slot, together: Together, at: number): Refusal | undefined {
    const { voters, value, support, isNews, disputed } = together;
    if (voters === 0) return "quarantined";
    if (voters === 1) {
      if (!believesAlone(slot, value, at, this.#settings)) return "held";
    } else if (support < 2 && !isMarked(slot)) return "held";
    if (!isNews) {
      slot.doubt = disputed;
      return "outvoted";
    }
    if (slot.kind === "option" && !this.#names.smiles.fits(slot.id, value, at)) return "smile";
    return undefined;
  }

  #accept(slot: Slot, { value, extra }: FeedMark, at: number): void {
    const { accepted, clock } = slot;
    if (isMarked(slot)) {
      const r = value / accepted[VALUE]! - 1;
      const dtMs = at - accepted[AT]!;
      slot.variance = nextVariance(slot.variance, r, dtMs, this.#settings.sigma);
    }
    if (clock !== undefined) {
      passTrading(clock, at, slot.heartbeatMs);
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
}
