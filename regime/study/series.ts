/**
 * The regime over a whole file: the live fold, bar by bar, with what it published at each close.
 */
import { foldBar } from "../live.ts";
import { evidence } from "../outcome.ts";
import { createRegime, type RegimeState } from "../state.ts";
import type { RegimeTerms } from "../terms.ts";
import { closeMs, type Frame } from "./frame.ts";

/** Columns of shape [bars]; ranges and sigmas as fractions. */
export interface Series {
  readonly closeMs: Float64Array;
  readonly target: Float64Array;
  readonly initial: Float64Array;
  readonly maintenance: Float64Array;
  readonly k: Float64Array;
  readonly sigmaFast: Float64Array;
  readonly sigmaSlow: Float64Array;
  readonly tau: Float64Array;
  readonly kurtFactor: Float64Array;
  readonly volScale: Float64Array;
}

export type SeriesColumn = keyof Series;

/** In the order of the file that `--series` writes, with the names of its header. */
export const seriesColumns: readonly (readonly [SeriesColumn, string])[] = [
  ["closeMs", "close_ms"],
  ["target", "target"],
  ["initial", "initial"],
  ["maintenance", "maintenance"],
  ["k", "k"],
  ["sigmaFast", "sigmaFast"],
  ["sigmaSlow", "sigmaSlow"],
  ["tau", "tau"],
  ["kurtFactor", "kurtFactor"],
  ["volScale", "volScale"],
];

/**
 * Folds every bar of the frame under `terms`, on the frame's own market day.
 *
 * @param passed told after every bar how many are folded
 */
export function seriesOf(
  frame: Frame,
  terms: RegimeTerms,
  passed: (bars: number) => void = () => undefined,
): Series {
  const { calendar } = frame.terms;
  const regime = createRegime({ ...terms, calendar }, frame.barMs);
  const series = emptySeries(frame.bars.length);
  for (let i = 0; i < frame.bars.length; i++) {
    foldBar(regime, frame.bars[i]!);
    noteClose(series, i, regime);
    series.closeMs[i] = closeMs(frame, i);
    passed(i + 1);
  }
  return series;
}

/** Notes what stands at the newest close; column by column, for a study takes half a million. */
export function noteClose(series: Series, i: number, regime: RegimeState): void {
  const shown = evidence(regime);
  series.closeMs[i] = shown.at;
  series.target[i] = shown.target;
  series.initial[i] = regime.published.initial;
  series.maintenance[i] = regime.published.maintenance;
  series.k[i] = shown.k;
  series.sigmaFast[i] = shown.sigmaFast;
  series.sigmaSlow[i] = shown.sigmaSlow;
  series.tau[i] = shown.tau;
  series.kurtFactor[i] = shown.kurtFactor;
  series.volScale[i] = regime.published.volScale;
}

export function emptySeries(length: number): Series {
  const columns = seriesColumns.map(([column]) => [column, new Float64Array(length)]);
  return Object.fromEntries(columns) as Series;
}

export const seriesHeader: string = seriesColumns.map(([, name]) => name).join(",");

/** One line of the series file: what stood at a close. */
export function seriesLine(series: Series, i: number): string {
  return seriesColumns.map(([column]) => `${series[column][i]}`).join(",");
}

/** The lines of the series file, header first: one for each bar of the price file. */
export function* seriesLines(series: Series, { listed }: Frame): Generator<string> {
  yield seriesHeader;
  for (let i = 0; i < listed.length; i++) if (listed[i] === 1) yield seriesLine(series, i);
}
