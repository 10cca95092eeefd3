/**
 * What each approver was shown of a proposal: only that may he approve, and only for a while.
 *
 * It is kept by principal, so that nobody's looking pushes out what another has seen. A preview
 * says how long the shadow had run in it: an approver who looked at its start has not seen it.
 */
import { RiskError } from "../../../core/errors.ts";

/** Approvers of one proposal whose previews stand at one time. */
export const APPROVERS_MAX = 32;
/** Previews of a proposal that stand for one approver: his newest. */
export const PREVIEWS_MAX = 4;
/** How long a preview stands, ms of the clock. */
export const PREVIEW_MS_MAX = 900_000;

export interface Seen {
  /** SHA-256 of `text`, 64 hex digits. */
  readonly hash: string;
  /** Canonical JSON of the preview's document. */
  readonly text: string;
  /** When, ms of the clock. */
  readonly atMs: number;
  /** Market time that the shadow had run in it, ms; 0 where there is none. */
  readonly ranMs: number;
}

export class SeenPreviews {
  readonly #by = new Map<string, readonly Seen[]>();

  /** @throws RiskError `limit_exceeded` while those of too many others stand */
  add(principal: string, seen: Seen): void {
    for (const [name, all] of this.#by) {
      const standing = all.filter((one) => stands(one, seen.atMs));
      if (standing.length === 0) this.#by.delete(name);
      else this.#by.set(name, standing);
    }
    const own = this.#by.get(principal) ?? [];
    if (own.length === 0 && this.#by.size >= APPROVERS_MAX) {
      const expected = `previews of at most ${APPROVERS_MAX} approvers`;
      throw new RiskError("limit_exceeded", { path: "params.proposal", expected });
    }
    this.#by.set(principal, [...own, seen].slice(-PREVIEWS_MAX));
  }

  /** His own with that hash; undefined when he has none that stands. */
  find(principal: string, hash: string, nowMs: number): Seen | undefined {
    const own = this.#by.get(principal) ?? [];
    return own.find((one) => one.hash === hash && stands(one, nowMs));
  }
}

const stands = ({ atMs }: Seen, nowMs: number): boolean => nowMs - atMs <= PREVIEW_MS_MAX;
