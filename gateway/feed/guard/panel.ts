/**
 * The sources of one name side by side: who is heard, what they say together, who is quarantined.
 *
 *      voters     fresh, not quarantined, not one of one or two frozen while as many others move
 *      together   the point of their median interval that is nearest to the accepted mark
 *      strike     a mark of a source's own, further than the threshold from the median interval of
 *                 the others, after somebody else has spoken since its last strike
 *
 * Of an odd count the interval is the median; of an even count its ends are the two middle values,
 * and taking the nearer end confirms a move as far as half of the sources show it: with two, a
 * crash passes with the first mark of the second, and one that runs wild alone moves nothing. With
 * k bad sources of n, k ≤ (n - 1) / 2, both ends lie between honest values.
 *
 * Who repeats himself while another has moved for long is absent like one that is silent, and what
 * he said against that other is void: else a second source that hangs would be worse than none.
 */
import type { GuardSettings } from "../../../config/guard.ts";
import { SOURCES_MAX } from "../../../config/schema/book.ts";
import type { FeedMark } from "../feed.ts";
import { isMarked, type Slot, VALUE } from "./slot.ts";
import { clamp, openSorted } from "./sorted.ts";
import { apart, threshold } from "./threshold.ts";

/** The newest that a source said. */
interface Report {
  value: number;
  extra: number;
  /** Half-width over value. */
  width: number;
  at: number;
  /** When its value was another one last. */
  movedAt: number;
  /** When it began to move, after it had said the same for long. */
  movingSince: number;
  strikes: number;
  strikeAt: number;
  quarantined: boolean;
  /** One other alone spoke against it. */
  byOne: boolean;
  agreed: number;
  agreedSince: number;
  /** It spoke in the batch that is being judged. */
  heard: boolean;
}

/** What the voters say together. */
export interface Together {
  voters: number;
  value: number;
  extra: number;
  /** Half-width over value of the middle of them. */
  width: number;
  /** Voters within the threshold of it. */
  support: number;
  /** One of those spoke just now. */
  isNews: boolean;
  /** A voter is far from it and no majority says which is right. */
  disputed: boolean;
}

export class Panel {
  readonly #settings: GuardSettings;
  readonly #reports: readonly Report[];
  readonly #values = openSorted(SOURCES_MAX);
  readonly #extras = openSorted(SOURCES_MAX);
  readonly #widths = openSorted(SOURCES_MAX);
  readonly #together: Together = {
    ...{ voters: 0, value: 0, extra: 0, width: 0, support: 0 },
    ...{ isNews: false, disputed: false },
  };
  /** Something was heard in the batch that is being judged. */
  heard = false;

  constructor(sources: number, settings: GuardSettings) {
    this.#settings = settings;
    this.#reports = Array.from({ length: sources }, startReport);
  }

  /** When the source spoke last, ms; -∞: never. */
  newestOf(source: number): number {
    return this.#reports[source]!.at;
  }

  hear(source: number, mark: FeedMark, at: number): void {
    const report = this.#reports[source]!;
    if (report.value !== mark.value) {
      if (at - report.movedAt > this.#settings.frozenMs) report.movingSince = at;
      report.movedAt = at;
    }
    report.value = mark.value;
    report.extra = mark.extra;
    report.width = (mark.halfWidth ?? 0) / mark.value;
    report.at = at;
    report.heard = true;
    this.heard = true;
  }

  /** Judges who spoke, then says what the voters say together; the answer is used again. */
  vote(slot: Slot, at: number): Together {
    for (const report of this.#reports) {
      if (!report.heard) continue;
      if (report.quarantined && report.byOne && this.#isUnopposed(slot, report, at)) pardon(report);
      this.#judge(slot, report, at);
    }
    const together = this.#count(slot, at);
    for (const report of this.#reports) report.heard = false;
    this.heard = false;
    return together;
  }

  /** Numbers of the sources that are in quarantine. */
  quarantined(): number[] {
    return this.#reports.flatMap(({ quarantined }, source) => (quarantined ? [source] : []));
  }

  /** Sources that speak, but have said the same for long. */
  frozen(slot: Slot, at: number): number {
    return this.#reports.filter((one) => this.#isFresh(slot, one, at) && this.#isFrozen(slot, one))
      .length;
  }

  #isFresh({ heartbeatMs }: Slot, report: Report, at: number): boolean {
    return at - report.at <= heartbeatMs;
  }

  #isFrozen({ kind }: Slot, { at, movedAt }: Report): boolean {
    // Vols and pegged prices repeat themselves with good reason.
    const isLiquid = kind !== "option" && kind !== "currency" && kind !== "bond";
    return isLiquid && at - movedAt > this.#settings.frozenMs;
  }

  /** Gathers the voters; `but` is left out. */
  #gather(slot: Slot, at: number, but?: Report): void {
    const stilled = this.#stillsFrozen(slot, at);
    this.#values.clear();
    this.#extras.clear();
    this.#widths.clear();
    for (const report of this.#reports) {
      if (report === but || !this.#votes(slot, report, at, stilled)) continue;
      this.#values.add(report.value);
      this.#extras.add(report.extra);
      this.#widths.add(report.width);
    }
  }

  /**
   * Whether the frozen ones have no vote: where they are half of all, one or two, and would hold
   * the mark. A majority that repeats itself is a quiet market, a minority does no harm in a
   * median, and of three and three the moving ones could be two liars and one that is not.
   */
  #stillsFrozen(slot: Slot, at: number): boolean {
    let [moving, frozen] = [0, 0];
    for (const report of this.#reports) {
      if (!this.#isAllowed(slot, report, at)) continue;
      if (this.#isFrozen(slot, report)) frozen += 1;
      else if (this.#movesLong(report)) moving += 1;
      else return false;
    }
    return moving === frozen && (moving === 1 || moving === 2);
  }

  #movesLong({ at, movingSince }: Report): boolean {
    return at - movingSince > this.#settings.frozenMs;
  }

  /** Whether who spoke against it is gone, or has only repeated himself while it moved for long. */
  #isUnopposed(slot: Slot, report: Report, at: number): boolean {
    let frozen = 0;
    for (const other of this.#reports) {
      if (other === report || !this.#isAllowed(slot, other, at)) continue;
      if (!this.#isFrozen(slot, other)) return false;
      frozen += 1;
    }
    const moves = !this.#isFrozen(slot, report) && this.#movesLong(report);
    return frozen === 0 || (frozen === 1 && moves);
  }

  #isAllowed(slot: Slot, report: Report, at: number): boolean {
    return !report.quarantined && this.#isFresh(slot, report, at);
  }

  #votes(slot: Slot, report: Report, at: number, stilled: boolean): boolean {
    if (!this.#isAllowed(slot, report, at)) return false;
    return !stilled || !this.#isFrozen(slot, report);
  }

  #threshold(slot: Slot, dtMs: number): number {
    return threshold(slot.d0, slot.variance, dtMs, this.#settings.sigma);
  }

  /** A strike, or one mark nearer to release. */
  #judge(slot: Slot, report: Report, at: number): void {
    this.#gather(slot, at, report);
    const others = this.#values;
    if (others.count === 0) return;
    const near = clamp(report.value, others.low(), others.high());
    const limit = this.#threshold(slot, at - this.#oldest(slot, at));
    const agrees = apart(report.value, near) <= limit;
    if (report.quarantined) this.#release(report, agrees, at);
    else if (agrees) report.strikes = 0;
    else this.#strike(slot, report, at, limit);
  }

  #strike(slot: Slot, report: Report, at: number, limit: number): void {
    if (report.strikes > 0 && !this.#othersSpoke(slot, report, at)) return;
    // Of two who disagree, the one that stands where the market was is not the one to doubt.
    const { accepted } = slot;
    const stands = isMarked(slot) && apart(report.value, accepted[VALUE]!) <= limit;
    if (this.#values.count === 1 && stands) return;
    report.strikes += 1;
    report.strikeAt = at;
    if (report.strikes < this.#settings.strikes) return;
    report.quarantined = true;
    report.byOne = this.#values.count === 1;
    report.agreed = 0;
  }

  /** Whether a voter has spoken since the last strike; a frozen one is no witness alone. */
  #othersSpoke(slot: Slot, report: Report, at: number): boolean {
    const isOnly = this.#values.count === 1;
    return this.#reports.some(
      (other) =>
        other !== report &&
        other.at > report.strikeAt &&
        this.#isAllowed(slot, other, at) &&
        !(isOnly && this.#isFrozen(slot, other)),
    );
  }

  #release(report: Report, agrees: boolean, at: number): void {
    const { marks, overMs } = this.#settings.release;
    if (!agrees) {
      report.agreed = 0;
      return;
    }
    if (report.agreed === 0) report.agreedSince = at;
    report.agreed += 1;
    if (report.agreed >= marks && at - report.agreedSince >= overMs) pardon(report);
  }

  #oldest(slot: Slot, at: number): number {
    let oldest = at;
    for (const report of this.#reports) {
      if (this.#isAllowed(slot, report, at)) oldest = Math.min(oldest, report.at);
    }
    return oldest;
  }

  #count(slot: Slot, at: number): Together {
    const together = this.#together;
    this.#gather(slot, at);
    together.voters = this.#values.count;
    if (together.voters === 0) return together;
    const { accepted } = slot;
    const [low, high] = [this.#values.low(), this.#values.high()];
    together.value = isMarked(slot) ? clamp(accepted[VALUE]!, low, high) : (low + high) / 2;
    together.extra = (this.#extras.low() + this.#extras.high()) / 2;
    together.width = this.#widths.high();
    this.#supported(slot, at, this.#threshold(slot, at - this.#oldest(slot, at)));
    return together;
  }

  #supported(slot: Slot, at: number, limit: number): void {
    const together = this.#together;
    const stilled = this.#stillsFrozen(slot, at);
    together.support = 0;
    together.isNews = false;
    for (const report of this.#reports) {
      if (!this.#votes(slot, report, at, stilled)) continue;
      if (apart(report.value, together.value) > limit) continue;
      together.support += 1;
      together.isNews ||= report.heard;
    }
    together.disputed = 2 * together.support <= together.voters;
  }
}

function pardon(report: Report): void {
  report.quarantined = false;
  report.strikes = 0;
}

const startReport = (): Report => ({
  ...{ value: 0.5, extra: 0.5, width: 0.5, at: Number.NEGATIVE_INFINITY },
  ...{ movedAt: Number.NEGATIVE_INFINITY, movingSince: Number.NEGATIVE_INFINITY },
  ...{ strikes: 0, strikeAt: Number.NEGATIVE_INFINITY, byOne: false },
  ...{ quarantined: false, agreed: 0, agreedSince: 0.5, heard: false },
});
