/**
 * A study as a document: every figure by name, for `--json` and whatever reads it.
 */
import type { FrameTally } from "./frame.ts";
import { longest } from "./gaps.ts";
import type { StudyRow } from "./judge.ts";
import type { FileTally } from "./price-file.ts";
import type { Study } from "./study.ts";

/** Gaps that are told one by one. */
export const GAPS_TOLD_MAX = 10;

/** What the file was like, and what became of what was wrong with it; counts of rows or bars. */
export interface StudyFile extends FileTally, FrameTally {
  readonly gaps: number;
  /** Bars filled in where it has gaps. */
  readonly filled: number;
  /** Days with under half of their bars in the file: not judged. */
  readonly unjudged: number;
  /** The longest gaps, ISO 8601. */
  readonly longestGaps: readonly {
    readonly from: string;
    readonly to: string;
    readonly missing: number;
  }[];
}

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
  /** The design with one part changed. */
  readonly ablation: readonly StudyRow[];
  /** The same for another coverage. */
  readonly secondary: { readonly coverage: number; readonly rows: readonly StudyRow[] };
  /** Sets of terms side by side: the rows `slidewire:NAME`. */
  readonly terms: readonly {
    readonly name: string;
    readonly row: string;
    readonly version: string;
  }[];
  readonly file: StudyFile;
  readonly remarks: readonly string[];
}

const units = {
  ranges: "fraction",
  severities: "fraction",
  rises: "fraction",
  tickLoss: "1e-4",
  changesPerDay: "bars with a changed range, per market day",
} as const;

export function studyDocument(found: Study): StudyDocument {
  const { frame, rows, ablation, second, several, remarks, judged } = found;
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
    test: { from: iso(judged.firstMs), to: iso(judged.lastMs), windows: judged.windows },
    units,
    rows,
    ablation,
    secondary: second,
    terms: several.map(({ name, terms: { version } }) => ({
      name,
      row: `slidewire:${name}`,
      version,
    })),
    file: fileOf(found, listed.length - bars),
    remarks,
  };
}

function fileOf({ frame, tally, judged }: Study, filled: number): StudyFile {
  const longestGaps = longest(frame.gaps, GAPS_TOLD_MAX).map(({ fromMs, toMs, missing }) => ({
    from: iso(fromMs),
    to: iso(toMs),
    missing,
  }));
  const gaps = frame.gaps.length;
  return { ...tally, ...frame.tally, gaps, filled, unjudged: judged.unknown, longestGaps };
}

const iso = (ms: number): string => new Date(ms).toISOString();
