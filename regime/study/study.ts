/**
 * A study: what the live regime would have published over a price file, judged beside ranges that
 * anyone could have used instead.
 *
 * Nothing here estimates anything: the own rows come from the same fold that a gateway runs, so
 * what is shown is what would have been charged.
 */
import type { Bar } from "../bar.ts";
import { orderWindow, push, quantile } from "../order-window.ts";
import type { RegimeTerms } from "../terms.ts";
import { closeMs, type Frame, frameOf } from "./frame.ts";
import { judge, judgedCloses, type StudyRow, type Test, unjudgedCloses } from "./judge.ts";
import type { FileTally } from "./price-file.ts";
import { type OnProgress, passes } from "./progress.ts";
import { ewmaRange, staticRange } from "./references.ts";
import { remarksOf } from "./remarks.ts";
import { type Series, seriesOf } from "./series.ts";
import { testOf } from "./test-span.ts";
import {
  withEmergency,
  withoutDamping,
  withoutKurtosis,
  withoutLimiter,
  withoutWinsor,
} from "./variants.ts";

/** The second promise that every study looks at. */
export const SECOND_COVERAGE = 0.999;
/** Passes over the bars whatever the terms: six variants, and the second coverage. */
const PASSES = 7;

export interface NamedTerms {
  readonly name: string;
  readonly terms: RegimeTerms;
}

export interface StudyInput {
  readonly bars: readonly Bar[];
  readonly terms: RegimeTerms;
  /**
   * First close that is judged, ms; by default 3 years into the file, 1 where it has less than 6,
   * a third where it has less than 14 months.
   */
  readonly testFromMs?: number;
  /** Several sets of terms side by side, `terms` first; rows `slidewire:NAME`. */
  readonly several?: readonly NamedTerms[];
  /** What reading the file left out. */
  readonly tally?: FileTally;
  readonly onProgress?: OnProgress;
}

/** The range of one set of terms, when there are several. */
export interface Compared extends NamedTerms {
  readonly initial: Float64Array;
}

export interface Study {
  readonly frame: Frame;
  readonly test: Test;
  readonly rows: readonly StudyRow[];
  /** The design with one part taken away, row by row; the emergency lane the other way round. */
  readonly ablation: readonly StudyRow[];
  /** The same terms for another share of moves, beside references of its own. */
  readonly second: { readonly coverage: number; readonly rows: readonly StudyRow[] };
  readonly several: readonly Compared[];
  /** The regime bar by bar, under `terms`. */
  readonly series: Series;
  /** First and last judged close of the main phase, ms, and how many there are. */
  readonly judged: {
    readonly firstMs: number;
    readonly lastMs: number;
    readonly windows: number;
    /** Windows left out because too little of their day is in the file. */
    readonly unknown: number;
  };
  readonly tally: FileTally;
  /** What the figures say that a reader might miss, in sentences. */
  readonly remarks: readonly string[];
}

/** @throws RiskError for a file without a bar length, or a test outside of it */
export function study(input: StudyInput): Study {
  const { bars, terms, several = [] } = input;
  const frame = frameOf(bars, terms);
  const test = testOf(frame, input.testFromMs);
  const run = runner(frame, test, PASSES + several.length, input.onProgress);
  const series = run.series(terms);
  const own = judge("slidewire", series.initial, frame, test);
  const plain = run.row("slidewire-no-kurtosis", withoutKurtosis(terms));
  const lane = run.row("slidewire-emergency", withEmergency(terms, true));
  const maintenance = judge("slidewire-maintenance", series.maintenance, frame, test);
  const compared = several.map((one) => ({ ...one, initial: run.series(one.terms).initial }));
  const rows = [
    own,
    plain,
    lane,
    maintenance,
    ...compared.map(({ name, initial }) => judge(`slidewire:${name}`, initial, frame, test)),
    ...referenceRows(frame, test),
  ];
  const found = {
    frame,
    test,
    rows,
    ablation: [plain, ...ablationRows(run, terms), lane],
    second: secondOf(run, terms),
    several: compared,
    series,
    judged: judgedSpan(frame, test),
    tally: input.tally ?? { rows: bars.length, repeated: 0, late: 0, mended: 0 },
  };
  return { ...found, remarks: remarksOf(found) };
}

interface Runner {
  readonly frame: Frame;
  readonly test: Test;
  series(terms: RegimeTerms): Series;
  row(name: string, terms: RegimeTerms): StudyRow;
}

function runner(frame: Frame, test: Test, count: number, onProgress: OnProgress = ignore): Runner {
  const begin = passes(count, frame.bars.length, onProgress);
  const series = (terms: RegimeTerms): Series => seriesOf(frame, terms, begin());
  const row = (name: string, terms: RegimeTerms): StudyRow =>
    judge(name, series(terms).initial, frame, test);
  return { frame, test, series, row };
}

const ignore: OnProgress = () => undefined;

function ablationRows({ row }: Runner, terms: RegimeTerms): StudyRow[] {
  return [
    row("slidewire-undamped", withoutDamping(terms)),
    row("slidewire-no-limiter", withoutLimiter(terms)),
    row("slidewire-no-winsor", withoutWinsor(terms)),
  ];
}

function secondOf({ frame, test, series }: Runner, terms: RegimeTerms): Study["second"] {
  const coverage = terms.coverage === SECOND_COVERAGE ? 0.995 : SECOND_COVERAGE;
  const asked = { ...test, coverage };
  const { initial } = series({ ...terms, coverage });
  const own = judge("slidewire", initial, frame, asked);
  const wide = judge("static-30", staticRange(frame, 0.3), frame, asked);
  return { coverage, rows: [own, ...referenceRows(frame, asked), wide] };
}

function referenceRows(frame: Frame, test: Test): StudyRow[] {
  const row = (name: string, range: Float64Array): StudyRow => judge(name, range, frame, test);
  return [
    row("static-15", staticRange(frame, 0.15)),
    row("static-20", staticRange(frame, 0.2)),
    row("static-hindsight", staticRange(frame, hindsight(frame, test))),
    row("ewma-94-fhs", ewmaRange(frame, 0.94, test.coverage)),
    row("ewma-97-fhs", ewmaRange(frame, 0.97, test.coverage)),
  ];
}

/** The quantile of the very moves that are judged: no one could have known it. */
function hindsight(frame: Frame, test: Test): number {
  const closes = judgedCloses(frame, test);
  const moves = orderWindow(Math.max(1, closes.length));
  for (const i of closes) push(moves, frame.moves[i]!);
  return quantile(moves, test.coverage) ?? 0;
}

function judgedSpan(frame: Frame, test: Test): Study["judged"] {
  const closes = judgedCloses(frame, test);
  const at = (index: number): number => closeMs(frame, closes.at(index)!);
  const unknown = unjudgedCloses(frame, test);
  return { firstMs: at(0), lastMs: at(-1), windows: closes.length, unknown };
}
