/** What the checks of commands have in common: how they refuse, and how they look things up. */
import { type ErrorCode, RiskError, shown } from "../errors.ts";
import type { Instrument } from "../instrument.ts";
import type { EngineState } from "./state.ts";

/** @param path inside the command */
export const refused = (code: ErrorCode, path: string, expected: string, found: unknown) =>
  new RiskError(code, { path, expected, found: shown(found) });

/** @throws RiskError unknown_instrument */
export function listed({ market }: EngineState, id: string, path: string): Instrument {
  const spec = market.instruments.get(id)?.spec;
  if (spec !== undefined) return spec;
  throw refused("unknown_instrument", path, "a listed instrument", id);
}
