/**
 * The fit of the challenger: HAR coefficients from a history of bars, off the path of marks.
 *
 *      S² = exp(c + bd log RVd + bw log RVw + bm log RVm)             one row a market day
 *      har          least squares on the log of the next day's variance
 *      quantile     regression of the 95 % quantile of log M², M the next day's worst move
 *      level        quantile of M / (S T)
 *
 * The history is folded by the regime itself, so what is fitted is what it will be evaluated on.
 * The result goes into the list as a command and is never fitted again in a replay.
 */
import { RiskError } from "../core/errors.ts";
import {
  type Bar,
  createRegime,
  foldBar,
  type HarCoefficients,
  type HarFeatures,
  harCoefficients,
  harFeatures,
  harScale,
  type RegimeState,
  type RegimeTerms,
} from "../regime/index.ts";
import { explained, leastSquares, quantileOf, quantileRegression } from "./statistics.ts";

/** Days of history at least: 250 rows for four coefficients. */
export const FIT_DAYS_MIN = 250;

export interface HarFit {
  readonly coefficients: HarCoefficients;
  /** Days behind the coefficients and the level. */
  readonly days: number;
  /** Share of the variance of what was regressed that is explained. */
  readonly explained: number;
}

/** One close of the history. */
export interface HarRow {
  readonly features: HarFeatures;
  /** T as it stood. */
  readonly factor: number;
  /** Log of the next day's variance and its worst move; undefined where they are not known. */
  readonly nextVariance: number | undefined;
  readonly nextMove: number | undefined;
}

/** What is fitted. */
export const fitMethods = ["har", "quantile"] as const;
export type FitMethod = (typeof fitMethods)[number];

/** Quantile of the moves that is regressed; of the covered one there are too few beyond. */
const MOVE_QUANTILE = 0.95;

/**
 * Fits to all rows given.
 *
 * @throws RiskError `out_of_bounds` for less than {@link FIT_DAYS_MIN} days, or a fit that failed
 */
export function fitHar(
  rows: readonly HarRow[],
  coverage: number,
  method: FitMethod = "har",
): HarFit {
  const days = rows.filter(isWhole);
  if (days.length < FIT_DAYS_MIN)
    throw new RiskError("out_of_bounds", {
      path: "history",
      expected: `at least ${FIT_DAYS_MIN} days`,
      found: `${days.length}`,
    });
  const inputs = days.map(({ features: { day, week, month } }) => [day, week, month]);
  const moves = days.map(({ nextMove }) => 2 * Math.log(nextMove));
  const targets = method === "har" ? days.map(({ nextVariance }) => nextVariance) : moves;
  const weights =
    method === "har"
      ? leastSquares(inputs, targets)
      : quantileRegression(inputs, targets, MOVE_QUANTILE);
  const [day, week, month, intercept] = weights as [number, number, number, number];
  const plain = { intercept, day, week, month, level: 1 };
  const ratios = days.map(
    ({ nextMove, features, factor }) => nextMove / (harScale(plain, features) * factor),
  );
  return {
    coefficients: harCoefficients({ ...plain, level: quantileOf(ratios, coverage) }),
    days: days.length,
    explained: explained(weights, inputs, targets),
  };
}

/** A row whose next day is known, and moved. */
type WholeRow = HarRow & { readonly nextVariance: number; readonly nextMove: number };

const isWhole = (row: HarRow): row is WholeRow =>
  row.nextVariance !== undefined && row.nextMove !== undefined && row.nextMove > 0;

/**
 * The rows of a history, one for each market day; `terms` with the calendar that the bars have.
 */
export function harRows(bars: readonly Bar[], terms: RegimeTerms, barMs: number): HarRow[] {
  const regime = createRegime(terms, barMs);
  const rows: HarRow[] = [];
  let open: Omit<HarRow, "nextVariance" | "nextMove"> | undefined;
  let count = 0;
  for (const bar of bars) {
    foldBar(regime, bar);
    count += 1;
    if (count % regime.pace.dayBars !== 0) continue;
    const features = harFeatures(regime.challenger.har, regime.pace);
    if (open !== undefined && features !== undefined) rows.push(closed(open, features, regime));
    open = features === undefined ? undefined : { features, factor: regime.tails.factor };
  }
  return open === undefined
    ? rows
    : [...rows, { ...open, nextVariance: undefined, nextMove: undefined }];
}

/** The row of a day ago, now that its day is over. */
function closed(
  open: Omit<HarRow, "nextVariance" | "nextMove">,
  { day }: HarFeatures,
  { day: { known, move } }: RegimeState,
): HarRow {
  return { ...open, nextVariance: day, nextMove: known ? move : undefined };
}
