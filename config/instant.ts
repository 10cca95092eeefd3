/** Instants in documents: ISO 8601, UTC, a calendar day that exists. */
import { RiskError, shown } from "../core/errors.ts";

/** Milliseconds since the Unix epoch of a text whose form was checked. */
export function epochMs(text: string, path: string): number {
  const ms = Date.parse(text);
  // Date.parse rolls 30 February over to March; the first 19 characters must come back.
  const exact =
    Number.isFinite(ms) && new Date(ms).toISOString().slice(0, 19) === text.slice(0, 19);
  if (exact) return ms;
  throw new RiskError("out_of_bounds", {
    path,
    expected: "an instant of the calendar, YYYY-MM-DDTHH:MM:SS[.sss]Z",
    found: shown(text),
  });
}

/** The text of an instant; the milliseconds are whole. */
export function isoInstant(ms: number): string {
  return new Date(ms).toISOString();
}
