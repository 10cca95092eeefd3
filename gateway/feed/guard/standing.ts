/**
 * OK, DEGRADED, HALTED: how far the marks as a whole may be trusted, without flapping.
 *
 *      DEGRADED   something is stale or withheld, or an index stands on one source that nobody
 *                 vouches for; at once
 *      HALTED     half of the indices are stale or in doubt, for five heartbeats
 *      back       to the better state when it has held for three heartbeats
 */
import type { GuardSettings } from "../../../config/guard.ts";
import type { MarkStateCommand } from "../../../core/engine/command.ts";

export type MarkStateName = MarkStateCommand["state"];

/** From good to bad. */
export const markStates = ["OK", "DEGRADED", "HALTED"] as const satisfies MarkStateName[];

/** What a look at the marks found. */
export interface Look {
  readonly at: number;
  /** Indices that have a price, and those of them that are stale or in doubt. */
  readonly indices: number;
  readonly weak: number;
  /** Anything at all is stale, in doubt, or on one source. */
  readonly flawed: boolean;
  /** Heartbeat of the indices, ms. */
  readonly beatMs: number;
}

export class Standing {
  readonly #settings: GuardSettings["states"];
  #state: MarkStateName;
  #weakSince: number | undefined;
  #betterSince: number | undefined;

  constructor(settings: GuardSettings["states"], state: MarkStateName) {
    this.#settings = settings;
    this.#state = state;
  }

  get state(): MarkStateName {
    return this.#state;
  }

  /** The state after this look; looks come in order of time. */
  look(look: Look): MarkStateName {
    const wanted = this.#wanted(look);
    const rank = (state: MarkStateName) => markStates.indexOf(state);
    if (rank(wanted) >= rank(this.#state)) {
      this.#state = wanted;
      this.#betterSince = undefined;
      return wanted;
    }
    this.#betterSince ??= look.at;
    if (look.at - this.#betterSince < this.#settings.calmBeats * look.beatMs) return this.#state;
    this.#betterSince = undefined;
    this.#state = wanted;
    return wanted;
  }

  #wanted({ at, indices, weak, flawed, beatMs }: Look): MarkStateName {
    const { haltShare, haltBeats } = this.#settings;
    const isWeak = weak > 0 && weak >= haltShare * indices;
    this.#weakSince = isWeak ? (this.#weakSince ?? at) : undefined;
    const halts = this.#weakSince !== undefined && at - this.#weakSince >= haltBeats * beatMs;
    return halts ? "HALTED" : flawed ? "DEGRADED" : "OK";
  }
}
