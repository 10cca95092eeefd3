/**
 * Moments as people write them: a day, or a day and a time, UTC unless an offset is given.
 *
 *      2020-03-12    2020-03-12T10:00    2020-03-12 10:00:00.5Z    2020-03-12T10:00+01:00
 */
import { RiskError, shown } from "../../core/errors.ts";

const shape =
  /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2})(?::(\d{2})(?:\.(\d{1,3}))?)?(Z|[+-]\d{2}:\d{2})?)?$/;

export const MOMENT_EXPECTED = "a moment such as 2020-03-12 or 2020-03-12T10:00Z";

/** Milliseconds since the epoch; undefined when it is no such moment, 30 February among them. */
export function readMoment(text: string): number | undefined {
  const found = shape.exec(text);
  if (found === null) return undefined;
  const [, day = "", time = "00:00", seconds = "00", fraction = "0", zone = "Z"] = found;
  // Date.parse rolls 30 February over into March; midnight of the day itself gives that away.
  const midnight = Date.parse(`${day}T00:00:00Z`);
  const real = !Number.isNaN(midnight) && new Date(midnight).toISOString().startsWith(day);
  const ms = Date.parse(`${day}T${time}:${seconds}.${fraction.padEnd(3, "0")}${zone}`);
  return real && !Number.isNaN(ms) ? ms : undefined;
}

/**
 * Milliseconds since the epoch.
 *
 * @param path what the text is, for the error: a flag, a setting
 * @throws RiskError out_of_bounds when it is no such moment
 */
export function momentOf(text: string, path: string): number {
  const ms = readMoment(text);
  if (ms !== undefined) return ms;
  throw new RiskError("out_of_bounds", { path, expected: MOMENT_EXPECTED, found: shown(text) });
}
