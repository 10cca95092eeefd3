/**
 * A proposal on recorded history: the same study as `slidewire study`, old beside new.
 *
 * A record that is too short says so instead: a proposal is then decided without one, and whoever
 * approves has seen that.
 */
import { RiskError } from "../../../core/errors.ts";
import { type Bar, type RegimeTerms, type StudyRow, study } from "../../../regime/index.ts";

export interface BacktestInput {
  readonly bars: readonly Bar[];
  readonly before: RegimeTerms;
  readonly after: RegimeTerms;
}

/** One row of a study, as it is previewed. Names and units as in `slidewire study --json`. */
export type BacktestRow = Pick<
  StudyRow,
  | "name"
  | "x"
  | "expected"
  | "coverage"
  | "pofP"
  | "indP"
  | "ccP"
  | "meanRange"
  | "tickLoss"
  | "peakToTrough"
  | "rise24h"
  | "rise5d"
  | "changesPerDay"
>;

export interface Backtest {
  /** First and last bar, ms, and how many there were. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly bars: number;
  /** `live`, `proposed` and references; null: no study, and `remark` says why. */
  readonly rows: readonly BacktestRow[] | null;
  readonly remark: string | null;
}

const DAY_MS = 86_400_000;
const YEAR_MS = 365 * DAY_MS;
/** A study judges nothing earlier. */
const HISTORY_MS_MIN = 36 * DAY_MS;

/** Rows of a study that are shown, and as what. */
const names: Readonly<Record<string, string>> = {
  slidewire: "live",
  "slidewire:proposed": "proposed",
  "static-20": "static-20",
  "ewma-97-fhs": "ewma-97-fhs",
};

/** @throws nothing: what stands in the way is the remark */
export function backtest({ bars, before, after }: BacktestInput): Backtest {
  if (bars.length < 2) return noBacktest(bars, "no bars are recorded");
  const span = spanOf(bars);
  try {
    const several = [{ name: "proposed", terms: after }];
    const { rows } = study({ bars, terms: before, several, ...judgedFrom(span) });
    const shown = rows.flatMap((row) => {
      const name = names[row.name];
      return name === undefined ? [] : [rowOf(name, row)];
    });
    return { ...span, rows: shown, remark: null };
  } catch (error) {
    if (!(error instanceof RiskError)) throw error;
    return { ...span, rows: null, remark: error.message };
  }
}

/** The second half of a record that is younger than two years; the study's own choice of others. */
function judgedFrom({ fromMs, toMs }: { readonly fromMs: number; readonly toMs: number }) {
  const spanMs = toMs - fromMs;
  if (spanMs >= 2 * YEAR_MS) return {};
  return { testFromMs: fromMs + Math.max(HISTORY_MS_MIN, spanMs / 2) };
}

/** The answer where there can be none. */
export function noBacktest(bars: readonly Bar[], remark: string): Backtest {
  return { ...spanOf(bars), rows: null, remark };
}

function spanOf(bars: readonly Bar[]) {
  return { fromMs: bars[0]?.openMs ?? 0, toMs: bars.at(-1)?.openMs ?? 0, bars: bars.length };
}

function rowOf(name: string, row: StudyRow): BacktestRow {
  const { x, expected, coverage, pofP, indP, ccP, meanRange, tickLoss } = row;
  const { peakToTrough, rise24h, rise5d, changesPerDay } = row;
  return {
    ...{ name, x, expected, coverage, pofP, indP, ccP, meanRange, tickLoss },
    ...{ peakToTrough, rise24h, rise5d, changesPerDay },
  };
}
