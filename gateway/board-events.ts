/**
 * The engine's events as the board tells them: by channel, as trees for the wire.
 */
import type { FillEvent, RegimeEvent, TurnEvents } from "../core/engine/events.ts";
import type { EngineState } from "../core/engine/state.ts";
import type { BoardEvent } from "./board.ts";
import { parseChannel, REGIME_CHANGES } from "./protocol/channels.ts";

/** What the state keeps of an EVENT channel, oldest first; nothing for an account that is not. */
export function keptEvents(state: EngineState, channel: string): readonly BoardEvent[] {
  if (channel === REGIME_CHANGES) return state.changes.map(changeOf);
  const { subject } = parseChannel(channel, "channel");
  return (state.accounts.get(subject)?.fills ?? []).map((event) => fillOf(subject, event));
}

/** The events of one Turn; those of one channel in their order. */
export function eventsOfTurn({ fills, changes }: TurnEvents): readonly BoardEvent[] {
  return [...fills.map(({ account, event }) => fillOf(account, event)), ...changes.map(changeOf)];
}

function fillOf(account: string, { seq, prev, turn, ...data }: FillEvent): BoardEvent {
  return { channel: `fills.${account}`, seq, prev, turn, data };
}

function changeOf({ seq, prev, turn, at, change }: RegimeEvent): BoardEvent {
  return { channel: REGIME_CHANGES, seq, prev, turn, data: { at, ...change } };
}
