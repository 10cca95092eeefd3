/**
 * Where a feed goes on after a restart: what the recovered state says that the market was.
 *
 * A feed that began anew would send marks of a time that is over and forget what somebody holds. So
 * it is told the market time, the indexes and what is listed, and begins with the first event after
 * that time: with a mark for everything that is listed still.
 */
import type { EngineState } from "../../core/engine/state.ts";
import { RiskError, shown } from "../../core/errors.ts";
import type { Instrument } from "../../core/instrument.ts";

export interface Resume {
  /** Market time of the newest Turn, ms since the epoch, a whole number. */
  readonly at: number;
  /** Index by underlying; 0 or absent: never marked. */
  readonly index: ReadonlyMap<string, number>;
  /** What is listed, in the order of listing. */
  readonly instruments: readonly Instrument[];
}

/** Where the market of `state` stands; undefined before its first mark of an index. */
export function resumeOf({ at, market }: EngineState): Resume | undefined {
  const index = new Map([...market.underlyings].map(([id, one]) => [id, one.index]));
  if (![...index.values()].some((price) => price > 0)) return undefined;
  return { at, index, instruments: [...market.instruments.values()].map(({ spec }) => spec) };
}

/** @throws RiskError out_of_bounds when the time is none */
export function checkResume({ at }: Resume): void {
  if (Number.isSafeInteger(at)) return;
  const expected = "a market time, whole ms since the epoch";
  throw new RiskError("out_of_bounds", { path: "resume.at", expected, found: shown(at) });
}

/** `found` with the indexes of `resume` in the place of those that it knows. */
export function resumedIndex(
  found: ReadonlyMap<string, number>,
  { index }: Resume,
): ReadonlyMap<string, number> {
  return new Map([...found].map(([id, price]) => [id, index.get(id) || price]));
}
