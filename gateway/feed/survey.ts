/**
 * The first pass through a price file, before anything starts: every row is read and checked, the
 * length of its bars inferred, and the row found at which the replay begins.
 */
import { RiskError } from "../../core/errors.ts";
import { readPrices } from "./price-file.ts";
import type { PriceRow } from "./price-row.ts";
import type { ReplaySettings } from "./settings.ts";
import { follow, forkTrack, openTrack, type Track } from "./track.ts";

/** Moments to replay: openings in [fromMs, toMs). */
export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

export interface Survey {
  readonly rows: number;
  readonly firstMs: number;
  readonly lastMs: number;
  /** The most common step between rows, the shorter of two as common. */
  readonly barMs: number;
  /** The first row to be replayed, and the state before it. */
  readonly start: PriceRow;
  readonly track: Track;
}

/** Different steps that are counted; a file with more has no bar length worth the name. */
export const STEPS_MAX = 4_096;

/**
 * @throws RiskError unreadable_file, malformed_file with a line, or out_of_bounds when no row
 *   opens in the span
 */
export async function survey(file: string, span: Span, settings: ReplaySettings): Promise<Survey> {
  const steps = new Map<number, number>();
  const track = openTrack(settings);
  let rows = 0;
  let first: PriceRow | undefined;
  let last: PriceRow | undefined;
  let start: { readonly row: PriceRow; readonly track: Track } | undefined;
  for await (const block of readPrices(file))
    for (const row of block) {
      rows += 1;
      first ??= row;
      if (last !== undefined) count(steps, row.openMs - last.openMs);
      last = row;
      if (row.openMs >= span.fromMs && start === undefined)
        start = { row, track: forkTrack(track) };
      if (start === undefined) follow(track, row, settings);
    }
  if (first === undefined || last === undefined)
    throw new RiskError("invariant_broken", { path: file, expected: "rows" });
  const ends = { firstMs: first.openMs, lastMs: last.openMs };
  if (start === undefined) throw outside("from", span.fromMs, ends);
  if (span.toMs <= span.fromMs) throw reversed(span);
  if (start.row.openMs >= span.toMs) throw outside("to", span.toMs, ends);
  return { rows, ...ends, barMs: mostCommon(steps), start: start.row, track: start.track };
}

function count(steps: Map<number, number>, step: number): void {
  const known = steps.get(step);
  if (known !== undefined || steps.size < STEPS_MAX) steps.set(step, (known ?? 0) + 1);
}

function mostCommon(steps: ReadonlyMap<number, number>): number {
  const [first] = [...steps].sort(([a, x], [b, y]) => y - x || a - b);
  return first?.[0] ?? 0;
}

type Ends = Pick<Survey, "firstMs" | "lastMs">;

function outside(path: "from" | "to", ms: number, { firstMs, lastMs }: Ends): RiskError {
  const [first, last] = [moment(firstMs), moment(lastMs)];
  const expected = `within the file's rows, which open from ${first} to ${last}`;
  return new RiskError("out_of_bounds", { path, expected, found: moment(ms) });
}

function reversed({ fromMs, toMs }: Span): RiskError {
  const expected = `after --from, ${moment(fromMs)}`;
  return new RiskError("out_of_bounds", { path: "to", expected, found: moment(toMs) });
}

const moment = (ms: number): string => new Date(ms).toISOString();
