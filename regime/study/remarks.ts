/**
 * What the figures of a study say that a reader might miss, in sentences: where something else did
 * better, what failed, and what was wrong with the file.
 */
import { TRAFFIC_LIGHT_DAYS } from "../statistics/traffic-light.ts";
import type { Frame } from "./frame.ts";
import type { StudyRow } from "./judge.ts";
import type { FileTally } from "./price-file.ts";
import { CONFIRM_ROWS, FROZEN_BARS, OFF_FACTOR } from "./screen.ts";

const DAY_MS = 86_400_000;
/** Below this a test of coverage refuses hardly anything. */
const EXPECTED_MIN = 3;
const REFUSED_BELOW = 0.05;
/** Of the least p over all phases: a dozen of them are looked at. */
const PHASE_REFUSED_BELOW = 0.01;

export interface Remarked {
  readonly frame: Frame;
  readonly rows: readonly StudyRow[];
  readonly second: { readonly coverage: number; readonly rows: readonly StudyRow[] };
  readonly tally: FileTally;
  readonly judged: { readonly unknown: number };
}

export function remarksOf({ frame, rows, second, tally, judged }: Remarked): string[] {
  const [own, plain] = [rows[0]!, rows[1]!];
  const cost = own.tickLoss / plain.tickLoss - 1;
  return [
    ...(plain.tickLoss > 0 ? [`The kurtosis term changes the tick loss by ${percent(cost)}.`] : []),
    ...beaten(own, rows, ""),
    ...beaten(second.rows[0]!, second.rows, `At ${percent(second.coverage)} coverage `),
    ...failed(own),
    ...thin(own, frame),
    ...ofFile(frame, tally),
    ...(judged.unknown > 0
      ? [`${count(judged.unknown, "day")} with under half of the bars in the file: not judged.`]
      : []),
  ];
}

const isReference = ({ name }: StudyRow): boolean => /^(static|ewma)/.test(name);
const passes = ({ pofP }: StudyRow): boolean => pofP >= REFUSED_BELOW;

/** Where a reference did better than the regime. */
function beaten(own: StudyRow, rows: readonly StudyRow[], where: string): string[] {
  return rows.filter(isReference).flatMap((row) => {
    const { name, x, tickLoss } = row;
    const said: string[] = [];
    if (tickLoss < own.tickLoss)
      said.push(`has a lower tick loss, ${figure(tickLoss)} against ${figure(own.tickLoss)}`);
    if (passes(row) && distance(row) < distance(own))
      said.push(
        `is nearer to its promise, ${count(x, "exceedance")} against ${own.x} ` +
          `of ${row.expected.toFixed(1)} expected`,
      );
    if (passes(row) && row.meanRange < own.meanRange)
      said.push(
        `covers with a narrower mean range, ${percent(row.meanRange)} ` +
          `against ${percent(own.meanRange)}`,
      );
    if (said.length === 0) return [];
    const known = name === "static-hindsight" ? " (which nobody could have known)" : "";
    return [`${where}${name}${known} ${said.join("; ")}.`];
  });
}

const distance = ({ x, expected }: StudyRow): number => Math.abs(x - expected);

/** Tests that the regime itself fails. */
function failed({ name, pofP, indP, ccP, phases, periods, trafficLight }: StudyRow): string[] {
  const said: string[] = [];
  if (pofP < REFUSED_BELOW) said.push(`${name} fails Kupiec's test: p ${figure(pofP)}.`);
  if (indP < REFUSED_BELOW)
    said.push(`${name} fails independence: p ${figure(indP)}; exceedances come in runs.`);
  if (ccP < REFUSED_BELOW) said.push(`${name} fails conditional coverage: p ${figure(ccP)}.`);
  if (phases.minPof !== null && phases.minPof < PHASE_REFUSED_BELOW)
    said.push(
      `${name} fails Kupiec's test at one start hour at least: p ${figure(phases.minPof)}.`,
    );
  for (const { from, to, x, expected, pofP: p } of periods)
    if (p < REFUSED_BELOW)
      said.push(
        `${name} fails Kupiec's test from ${date(from)} to ${date(to)}: ` +
          `${count(x, "exceedance")} of ${expected.toFixed(1)} expected, p ${figure(p)}.`,
      );
  if (trafficLight !== undefined && trafficLight.red > 0)
    said.push(`${name} stood on red on ${count(trafficLight.red, "day")}.`);
  return said;
}

/** Where a file is too short for what is asked of it. */
function thin({ windows, expected }: StudyRow, { barMs, dayBars, terms }: Frame): string[] {
  const said: string[] = [];
  if (expected < EXPECTED_MIN)
    said.push(
      `Only ${figure(expected)} exceedances are expected of ${count(windows, "window")}: ` +
        "the tests can refuse little.",
    );
  if (windows < TRAFFIC_LIGHT_DAYS)
    said.push(`Under ${TRAFFIC_LIGHT_DAYS} windows: there is no traffic light.`);
  if (dayBars === 1 && terms.calendar.kind === "continuous" && barMs > DAY_MS)
    said.push(`Bars are longer than a day: a window is one bar of ${figure(barMs / DAY_MS)} days.`);
  return said;
}

/** What was wrong with the file, and what became of it. */
function ofFile(frame: Frame, { repeated, late, mended }: FileTally): string[] {
  const { tally, gaps } = frame;
  const filled = frame.bars.length - frame.listed.reduce((sum, one) => sum + one, 0);
  const longest = gaps.reduce((most, { fromMs, toMs }) => Math.max(most, toMs - fromMs), 0);
  const found: readonly (readonly [number, string])[] = [
    [repeated, `${count(repeated, "row")} repeated the time of the one before: left out.`],
    [late, `${count(late, "row")} came late: left out.`],
    [
      tally.overlapping,
      `${count(tally.overlapping, "row")} began within half a bar of the one before: left out.`,
    ],
    [mended, `${count(mended, "row")} had a high or low inside open and close: stretched.`],
    [
      tally.off,
      `${count(tally.off, "bar")} with a price over ${OFF_FACTOR} times off the last close: ` +
        "held, the range with it.",
    ],
    [
      tally.confirmed,
      `${count(tally.confirmed, "bar")} held until ${CONFIRM_ROWS} rows and a day had confirmed ` +
        "a level over ten times off; the move to it is judged.",
    ],
    [
      tally.frozen,
      `${count(tally.frozen, "bar")} after ${FROZEN_BARS} on end at one price, or of one row: ` +
        "taken for a frozen feed and held.",
    ],
    [tally.untraded, `${count(tally.untraded, "bar")} without volume and move: held as stale.`],
    [tally.negative, `${count(tally.negative, "bar")} with a price below 0: the range was held.`],
    [
      gaps.length,
      `${count(gaps.length, "gap")}, the longest of ${figure(longest / DAY_MS)} days; ` +
        `${count(filled, "bar")} filled in as stale.`,
    ],
    [
      Number(2 * filled > frame.bars.length),
      "More than half of the bars are filled in: this may be no file of one bar length.",
    ],
  ];
  return found.filter(([times]) => times > 0).map(([, sentence]) => sentence);
}

const figure = (x: number): string => x.toFixed(x !== 0 && Math.abs(x) < 0.1 ? 4 : 2);
const percent = (x: number): string => `${(100 * x).toFixed(1).replace(/^-0\.0$/, "0.0")} %`;
const date = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
const count = (n: number, noun: string): string => `${n} ${noun}${n === 1 ? "" : "s"}`;
