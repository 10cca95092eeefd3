/**
 * A study: what the live regime would have published over a price file, judged beside ranges that
 * anyone could have used instead.
 *
 * Nothing here estimates anything: the own rows come from the same fold that a gateway runs, so
 * what is shown is what would have been charged.
 */

import { RiskError } from "../../core/errors.ts";
import type { Bar } from "../bar.ts";
import { orderWindow, push, quantile } from "../order-window.ts";
import type { RegimeTerms } from "../terms.ts";
import { closeMs, type Frame, frameOf } from "./frame.ts";
import { judge, judgedCloses, type StudyRow, type Test } from "./judge.ts";
import { ewmaRange, staticRange } from "./references.ts";
import { type Series, seriesOf } from "./series.ts";

/** What must have been seen before anything is judged: 35 days, for an EWMA starts after 30. */
const HISTORY_MS_MIN = 35 * 86_400_000;
const whole = { coverage: 0, periodEndsMs: [] };

export interface StudyInput {
  readonly bars: readonly Bar[];
  readonly terms: RegimeTerms;
  /**
   * First close that is judged, ms; by default 3 years into the file, 1 where it has less than 6.
   */
  readonly testFromMs?: number;
  /** Other terms to set beside, by the name of their row. */
  readonly others?: Readonly<Record<string, RegimeTerms>>;
}

export interface Study {
  readonly frame: Frame;
  readonly test: Test;
  readonly rows: readonly StudyRow[];
  /** The regime bar by bar, under `terms`. */
  readonly series: Series;
  /** First and last judged close of the main phase, ms, and how many there are. */
  readonly judged: { readonly firstMs: number; readonly lastMs: number; readonly windows: number };
  /** What the rows say that a reader might miss, in sentences. */
  readonly remarks: readonly string[];
}

export function study({ bars, terms, testFromMs, others = {} }: StudyInput): Study {
  const frame = frameOf(bars, terms);
  const test = testOf(frame, testFromMs);
  const series = seriesOf(frame, terms);
  const row = (name: string, range: Float64Array): StudyRow => judge(name, range, frame, test);
  const own = (name: string, changed: RegimeTerms): StudyRow =>
    row(name, seriesOf(frame, changed).initial);
  const rows = [
    row("slidewire", series.initial),
    own("slidewire-no-kurtosis", withoutKurtosis(terms)),
    own("slidewire-emergency", withEmergency(terms)),
    row("slidewire-maintenance", series.maintenance),
    ...Object.entries(others).map(([name, other]) => own(name, other)),
    ...referenceRows(frame, test, row),
  ];
  const judged = judgedSpan(frame, test);
  return { frame, test, rows, series, judged, remarks: remarksOf(rows) };
}

function judgedSpan(frame: Frame, test: Test): Study["judged"] {
  const closes = judgedCloses(frame, test);
  const at = (index: number): number => closeMs(frame, closes.at(index)!);
  return { firstMs: at(0), lastMs: at(-1), windows: closes.length };
}

function referenceRows(
  frame: Frame,
  test: Test,
  row: (name: string, range: Float64Array) => StudyRow,
): StudyRow[] {
  return [
    row("static-15", staticRange(frame, 0.15)),
    row("static-20", staticRange(frame, 0.2)),
    row("static-hindsight", staticRange(frame, hindsight(frame, test))),
    row("ewma-94-fhs", ewmaRange(frame, 0.94, test.coverage)),
    row("ewma-97-fhs", ewmaRange(frame, 0.97, test.coverage)),
  ];
}

/** The same terms with T held at 1: what the kurtosis term costs is the difference. */
export function withoutKurtosis(terms: RegimeTerms): RegimeTerms {
  return { ...terms, kurtosis: { ...terms.kurtosis, low: 1, high: 1 } };
}

function withEmergency(terms: RegimeTerms): RegimeTerms {
  return { ...terms, emergency: { ...terms.emergency, enabled: true } };
}

/** The quantile of the very moves that are judged: no one could have known it. */
function hindsight(frame: Frame, test: Test): number {
  const closes = judgedCloses(frame, test);
  const moves = orderWindow(Math.max(1, closes.length));
  for (const i of closes) push(moves, frame.moves[i]!);
  return quantile(moves, test.coverage) ?? 0;
}

/**
 * The closes to judge.
 *
 * @throws RiskError `out_of_bounds` when too little history lies before the test, or none after
 */
function testOf(frame: Frame, testFromMs: number | undefined): Test {
  const startMs = frame.bars[0]!.openMs;
  const endMs = closeMs(frame, frame.bars.length - 1);
  const short = addYears(startMs, 6) > endMs;
  const fromMs = testFromMs ?? addYears(startMs, short ? 1 : 3);
  if (fromMs < startMs + HISTORY_MS_MIN || judgedCloses(frame, { ...whole, fromMs }).length === 0)
    throw new RiskError("out_of_bounds", {
      path: "testFrom",
      expected: `${dateOf(startMs + HISTORY_MS_MIN)} or later, and before ${dateOf(endMs)}`,
      found: dateOf(fromMs),
    });
  const { coverage } = frame.terms;
  return { fromMs, coverage, periodEndsMs: periodEnds(fromMs, endMs + 1) };
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

function remarksOf(rows: readonly StudyRow[]): string[] {
  const [own, plain] = [rows[0]!, rows[1]!];
  const remarks = [
    `The kurtosis term changes the tick loss by ${percent(own.tickLoss / plain.tickLoss - 1)}.`,
  ];
  for (const { name, tickLoss } of rows)
    if (/^(static|ewma)/.test(name) && tickLoss < own.tickLoss)
      remarks.push(
        `${name} has a lower tick loss: ${shown(tickLoss)} against ${shown(own.tickLoss)}.`,
      );
  for (const { name, pofP, indP } of [own]) {
    if (pofP < 0.05) remarks.push(`${name} fails Kupiec's test: p ${shown(pofP)}.`);
    if (indP < 0.05) remarks.push(`${name} fails independence: p ${shown(indP)}.`);
  }
  return remarks;
}

const shown = (x: number): string => x.toFixed(x < 0.1 ? 4 : 2);
const percent = (x: number): string => `${(100 * x).toFixed(1)} %`;
