/**
 * How far the marks may be trusted: what the guard said, as the fold carries it.
 *
 *      OK         margins as they are
 *      DEGRADED   nothing is paid out against a stale or withheld mark
 *      HALTED     nothing is opened and nothing paid out; what reduces goes on
 *
 * In every state: no liquidation price from a withheld mark. Margins themselves never read the
 * state, so that an exported book gives the same figures; what a source is not sure of enters them
 * as a confidence, which the oracle charge takes from there.
 */
import type { MarkStateCommand } from "./command.ts";
import type { EngineState } from "./state.ts";

/** What an account depends on that is not to be trusted as it stands, ascending. */
export interface Doubts {
  readonly stale: readonly string[];
  readonly quarantined: readonly string[];
}

export function foldMarkState(state: EngineState, command: MarkStateCommand): void {
  for (const { id } of state.markState.confidence ?? []) trust(state, id, 1);
  for (const { id, confidence } of command.confidence ?? []) trust(state, id, confidence);
  state.markState = command;
}

/** Sets the confidence of everything that bears the name; a name that is gone is nothing. */
function trust({ market }: EngineState, id: string, confidence: number): void {
  const { underlyings, currencies, instruments } = market;
  const [underlying, currency] = [underlyings.get(id), currencies.get(id)];
  const instrument = instruments.get(id);
  if (underlying !== undefined) underlyings.set(id, { ...underlying, confidence });
  if (currency !== undefined) currencies.set(id, { ...currency, confidence });
  if (instrument === undefined) return;
  const of = instrument.spec.kind === "option" ? { volConfidence: confidence } : { confidence };
  instruments.set(id, { ...instrument, ...of });
}

/** Those of `names` that the guard has named. */
export function doubtsAbout(
  { markState: { stale, quarantined } }: Pick<EngineState, "markState">,
  names: ReadonlySet<string>,
): Doubts {
  const those = (all: readonly string[]) => all.filter((id) => names.has(id)).sort();
  return { stale: those(stale), quarantined: those(quarantined) };
}
