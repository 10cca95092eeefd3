/**
 * The look at all marks, once a second of market time, and the command that tells what changed.
 */
import type { GuardSettings } from "../../../config/guard.ts";
import type { MarkStateCommand } from "../../../core/engine/command.ts";
import { isMarked, isStale, type Slot } from "./slot.ts";
import { type MarkStateName, Standing } from "./standing.ts";

export class Reviewer {
  readonly #slots: ReadonlyMap<string, Slot>;
  readonly #settings: GuardSettings["states"];
  readonly #standing: Standing;
  #told: MarkStateName;
  #nextAt = Number.NEGATIVE_INFINITY;
  #gone = false;
  /** Market time of the newest look, ms. */
  at = Number.NEGATIVE_INFINITY;
  stale = 0;
  doubted = 0;
  wide = 0;

  constructor(
    slots: ReadonlyMap<string, Slot>,
    { states }: GuardSettings,
    told: MarkStateCommand | undefined,
  ) {
    this.#slots = slots;
    this.#settings = states;
    this.#told = told?.state ?? "OK";
    this.#standing = new Standing(states, this.#told);
  }

  get state(): MarkStateName {
    return this.#standing.state;
  }

  /** A name is listed no more: what was told of it no longer holds. */
  forget({ told }: Slot): void {
    this.#gone ||= told.stale || told.doubt || told.confidence < 1;
  }

  /** @returns undefined when nothing changed, or the last look is less than a second ago */
  review(at: number): MarkStateCommand | undefined {
    if (at < this.#nextAt) return undefined;
    this.#nextAt = at + this.#settings.reportMs;
    this.at = at;
    const changed = this.#look(at) || this.#gone;
    this.#gone = false;
    if (!changed && this.#told === this.state) return undefined;
    this.#told = this.state;
    return this.#command();
  }

  /** Whether anything but the state is other than what was told. */
  #look(at: number): boolean {
    let changed = false;
    let [stale, doubted, wide, indices, weak, lone, beatMs] = [0, 0, 0, 0, 0, 0, 0];
    for (const slot of this.#slots.values()) {
      const old = isStale(slot, at);
      if (old) stale += 1;
      if (slot.doubt) doubted += 1;
      if (slot.confidence < 1) wide += 1;
      if (slot.kind === "index" && (isMarked(slot) || slot.doubt)) {
        indices += 1;
        if (old || slot.doubt) weak += 1;
        if (slot.alone) lone += 1;
        beatMs = Math.max(beatMs, slot.heartbeatMs);
      }
      changed = retold(slot, old && !this.#isCovered(slot, at)) || changed;
    }
    this.stale = stale;
    this.doubted = doubted;
    this.wide = wide;
    const flawed = stale + doubted + lone > 0;
    this.#standing.look({ at, indices, weak, flawed, beatMs });
    return changed;
  }

  /** What hangs on a stale index is not named beside it: whoever holds it depends on the index. */
  #isCovered({ kind, underlying }: Slot, at: number): boolean {
    if (kind === "index" || underlying === undefined) return false;
    const index = this.#slots.get(underlying);
    return index !== undefined && isStale(index, at);
  }

  #command(): MarkStateCommand {
    const all = [...this.#slots.values()];
    const confidence = all
      .filter(({ told }) => told.confidence < 1)
      .map(({ id, told }) => ({ id, confidence: told.confidence }));
    return {
      kind: "MarkState",
      state: this.state,
      stale: all.filter(({ told }) => told.stale).map(({ id }) => id),
      quarantined: all.filter(({ told }) => told.doubt).map(({ id }) => id),
      ...(confidence.length > 0 ? { confidence } : {}),
    };
  }
}

/** Notes what is told of a name from here on; whether that is news. */
function retold({ told, doubt, confidence }: Slot, stale: boolean): boolean {
  if (told.stale === stale && told.doubt === doubt && told.confidence === confidence) return false;
  told.stale = stale;
  told.doubt = doubt;
  told.confidence = confidence;
  return true;
}
