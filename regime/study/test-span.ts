/**
 * Which closes of a file are judged, and into which sub-periods they fall.
 */
import { RiskError } from "../../core/errors.ts";
import { closeMs, type Frame } from "./frame.ts";
import { judgedCloses, type Test } from "./judge.ts";

const DAY_MS = 86_400_000;
/** What must have been seen before anything is judged: 35 days, for an EWMA starts after 30. */
export const HISTORY_MS_MIN = 35 * DAY_MS;
/** One to come to the first close that is judged, and the one that it is judged by. */
const DAYS_TO_JUDGE = 2;
/** A year of history leaves at least so much to judge, or a third of the file is history. */
const TEST_MS_MIN = 60 * DAY_MS;
const whole = { coverage: 0, periodEndsMs: [] };

/**
 * The closes to judge: from `testFromMs` on, or from three years into the file, one where it has
 * less than six, a third of it where it has less than fourteen months.
 *
 * @throws RiskError `out_of_bounds` when no day of the file can be judged, when too little history
 * lies before the test, or nothing after its start
 */
export function testOf(frame: Frame, testFromMs: number | undefined): Test {
  const startMs = frame.bars[0]!.openMs;
  const endMs = closeMs(frame, frame.bars.length - 1);
  refuseShort(frame, startMs, endMs);
  const fromMs = testFromMs ?? usualStart(startMs, endMs);
  if (fromMs < startMs + HISTORY_MS_MIN || judgedCloses(frame, { ...whole, fromMs }).length === 0)
    throw new RiskError("out_of_bounds", {
      path: "testFrom",
      expected: `${dateOf(startMs + HISTORY_MS_MIN)} or later, and a day before ${dateOf(endMs)}`,
      found: dateOf(fromMs),
    });
  const { coverage } = frame.terms;
  return { fromMs, coverage, periodEndsMs: periodEnds(fromMs, endMs + 1) };
}

/** Where no start would do, the file is at fault. */
function refuseShort(frame: Frame, startMs: number, endMs: number): void {
  const fromMs = startMs + HISTORY_MS_MIN;
  if (judgedCloses(frame, { ...whole, fromMs }).length > 0) return;
  const days = ((endMs - startMs) / DAY_MS).toFixed(1);
  const least = HISTORY_MS_MIN / DAY_MS + DAYS_TO_JUDGE;
  throw new RiskError("out_of_bounds", {
    path: "bars",
    expected: `${least} days at least, ${HISTORY_MS_MIN / DAY_MS} of them history`,
    found: endMs - startMs < least * DAY_MS ? `too short: ${days} days` : "no whole day after that",
  });
}

function usualStart(startMs: number, endMs: number): number {
  if (addYears(startMs, 6) <= endMs) return addYears(startMs, 3);
  const year = addYears(startMs, 1);
  if (year + TEST_MS_MIN <= endMs) return year;
  return startMs + Math.max(HISTORY_MS_MIN, (endMs - startMs) / 3);
}

/** Three years each, or thirds of a shorter test; a last piece under a year joins its neighbour. */
function periodEnds(fromMs: number, endMs: number): number[] {
  const third = (endMs - fromMs) / 3;
  if (addYears(fromMs, 6) > endMs) return [fromMs + third, fromMs + 2 * third, endMs];
  const ends: number[] = [];
  for (let end = addYears(fromMs, 3); addYears(end, 1) < endMs; end = addYears(end, 3))
    ends.push(end);
  return [...ends, endMs];
}

/** The same moment so many calendar years on, UTC. */
function addYears(ms: number, years: number): number {
  const date = new Date(ms);
  return date.setUTCFullYear(date.getUTCFullYear() + years);
}

const dateOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
