/**
 * A study as a document: every figure by name, for `--json` and whatever reads it.
 */
import type { StudyRow } from "./judge.ts";
import type { Study } from "./study.ts";

export interface StudyDocument {
  readonly slidewire: "study/1";
  readonly assetClass: string;
  readonly termsVersion: string;
  readonly coverage: number;
  readonly barMs: number;
  readonly barsPerDay: number;
  /** Bars of the file, and bars that were filled in where it has gaps. */
  readonly bars: number;
  readonly filled: number;
  /** First and last judged close, ISO 8601. */
  readonly test: { readonly from: string; readonly to: string; readonly windows: number };
  readonly units: Readonly<Record<string, string>>;
  readonly rows: readonly StudyRow[];
  readonly remarks: readonly string[];
}

const units = {
  ranges: "fraction",
  severities: "fraction",
  rises: "fraction",
  tickLoss: "1e-4",
  changesPerDay: "bars with a changed range, per market day",
} as const;

export function studyDocument({ frame, rows, remarks, judged }: Study): StudyDocument {
  const { terms, barMs, dayBars, listed } = frame;
  const bars = listed.reduce((sum, one) => sum + one, 0);
  return {
    slidewire: "study/1",
    assetClass: terms.assetClass,
    termsVersion: terms.version,
    coverage: terms.coverage,
    barMs,
    barsPerDay: dayBars,
    bars,
    filled: listed.length - bars,
    test: {
      from: new Date(judged.firstMs).toISOString(),
      to: new Date(judged.lastMs).toISOString(),
      windows: judged.windows,
    },
    units,
    rows,
    remarks,
  };
}
