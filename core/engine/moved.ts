/**
 * What a Turn moved: the fold tells it, the engine asks it whose margin is concerned.
 */
import type { TurnEvents } from "./events.ts";

export interface Moved {
  /** Underlyings, currencies and instruments. */
  readonly names: Set<string>;
  readonly accounts: Set<string>;
  /** Time, terms, mark state or a credit moved: every account is concerned. */
  everything: boolean;
  /** An instrument was delisted: whatever was kept for it may go. */
  delisted: boolean;
  readonly events: TurnEvents;
}

export const nothingMoved = (): Moved => ({
  names: new Set(),
  accounts: new Set(),
  everything: false,
  delisted: false,
  events: { fills: [], changes: [] },
});
