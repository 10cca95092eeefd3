/**
 * The smile of an expiry: a vol that stands far off its neighbours' is not believed.
 *
 *      ln vol ≈ a + b ln K + c (ln K)²      of what the nearest strikes were said to be last
 *      off      |ln vol - fit| > max(ln(1 + floor), mads x their scale about the fit)
 *
 * A parabola stays one when strikes are measured against a forward and time, so neither is asked
 * for; and through neighbours alone it follows wings and kinks that one through all would miss. The
 * vol that is judged has no say in the fit, or a lone wing would carry the curve to
 * itself. What was withheld has a say all the same: when more than half of an expiry has moved, the
 * fit has moved with it, so a true new level passes within one round of marks.
 */
import type { GuardSettings } from "../../../config/guard.ts";
import type { Instrument } from "../../../core/instrument.ts";
import { log } from "../../../core/math/log.ts";
import { fitParabola } from "./quadratic.ts";
import { apart } from "./threshold.ts";

interface Member {
  readonly logStrike: number;
  /** What was said of it last; 0: nothing yet. */
  vol: number;
  /** What was judged to fit last, and when. */
  judged: number;
  judgedAt: number;
}

type Expiry = Map<string, Member>;

export class Smiles {
  readonly #settings: GuardSettings["smile"];
  readonly #expiries = new Map<string, Expiry>();
  readonly #expiryOf = new Map<string, Expiry>();

  constructor(settings: GuardSettings["smile"]) {
    this.#settings = settings;
  }

  add({ id, underlying, expiryMs, strike }: Instrument): void {
    if (strike === undefined || !(strike > 0) || this.#expiryOf.has(id)) return;
    const key = `${underlying} ${expiryMs ?? 0}`;
    const expiry = this.#expiries.get(key) ?? new Map<string, Member>();
    this.#expiries.set(key, expiry);
    expiry.set(id, { logStrike: log(strike), vol: 0, judged: 0, judgedAt: 0 });
    this.#expiryOf.set(id, expiry);
  }

  remove(id: string): void {
    const expiry = this.#expiryOf.get(id);
    this.#expiryOf.delete(id);
    expiry?.delete(id);
    if (expiry?.size !== 0) return;
    for (const [key, of] of this.#expiries) if (of === expiry) this.#expiries.delete(key);
  }

  /** Whether the vol may stand beside its neighbours'. */
  fits(id: string, vol: number, at: number): boolean {
    const expiry = this.#expiryOf.get(id);
    const member = expiry?.get(id);
    if (expiry === undefined || member === undefined) return true;
    member.vol = vol;
    const { skip, recheckMs } = this.#settings;
    const isKnown = member.judged > 0 && apart(vol, member.judged) <= skip;
    if (isKnown && at - member.judgedAt <= recheckMs) return true;
    const fits = this.#judge(expiry, member);
    member.judged = fits ? vol : 0;
    member.judgedAt = at;
    return fits;
  }

  #judge(expiry: Expiry, judged: Member): boolean {
    const { pointsMin, neighbours, floor, mads } = this.#settings;
    const far = ({ logStrike }: Member) => Math.abs(logStrike - judged.logStrike);
    const near = [...expiry.values()]
      .filter((other) => other !== judged && other.vol > 0)
      .sort((a, b) => far(a) - far(b))
      .slice(0, neighbours);
    if (near.length < pointsMin) return true;
    const curve = fitParabola(
      near.map(({ logStrike }) => logStrike),
      near.map(({ vol }) => log(vol)),
    );
    const off = Math.abs(log(judged.vol) - curve.at(judged.logStrike));
    return off <= Math.max(log(1 + floor), mads * curve.scale);
  }
}
