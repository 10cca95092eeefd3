/** The study document: what `slidewire study --json` answers. Definitions: docs/regime.md. */
import {
  anything,
  choice,
  list,
  nullable,
  number,
  object,
  optional,
  text,
} from "../../core/shape.ts";

const name = (meaning: string) => text({ min: 0, max: 1_024, meaning });
const count = (meaning: string) =>
  number({ min: 0, max: 1e9, integer: true, unit: "count", meaning });
const share = (meaning: string) => number({ min: 0, max: 1, unit: "fraction", meaning });
const figure = (unit: string, meaning: string) => number({ min: 0, max: 1e12, unit, meaning });

const instant = (meaning: string) => number({ min: -8.64e15, max: 8.64e15, unit: "ms", meaning });

const period = object({
  from: instant("First judged close since the epoch."),
  to: instant("Last judged close since the epoch."),
  windows: count("Windows judged."),
  x: count("Exceedances."),
  expected: figure("count", "Exceedances expected."),
  coverage: share("1 - x / windows."),
  pofP: share("p of Kupiec's proportion of failures."),
  meanRange: figure("fraction", "Mean range."),
  tickLoss: figure("1e-4", "Mean tick loss."),
});

const zone = (meaning: string) => choice(["green", "yellow", "red"], { meaning });

const row = object({
  name: name("slidewire, its variants, or a reference."),
  windows: count("Windows of 24 h judged."),
  x: count("Exceedances."),
  expected: figure("count", "Exceedances expected."),
  coverage: share("1 - x / windows."),
  pofP: share("p of Kupiec's proportion of failures."),
  indP: share("p of Christoffersen's independence."),
  ccP: share("p of conditional coverage."),
  meanRange: figure("fraction", "Mean range on the main phase."),
  tickLoss: figure("1e-4", "Mean tick loss."),
  severityMean: figure("fraction", "Mean of move less range over exceedances."),
  severityMax: figure("fraction", "Largest of them."),
  peakToTrough: figure("ratio", "Widest over narrowest range."),
  peakToTroughYear: figure("ratio", "The same within any 365 days."),
  rise24h: number({ min: -1, max: 1e12, unit: "fraction", meaning: "Largest rise in 24 h." }),
  rise1d: number({ min: -1, max: 1e12, unit: "fraction", meaning: "Largest rise in a day." }),
  rise5d: number({ min: -1, max: 1e12, unit: "fraction", meaning: "Largest rise in five days." }),
  rise30d: number({ min: -1, max: 1e12, unit: "fraction", meaning: "Largest rise in 30 days." }),
  changesPerDay: figure("count", "Bars with a changed range, per market day."),
  phases: object({
    meanX: nullable(figure("count", "Mean exceedances over the start hours; null: one hour only.")),
    medianPof: nullable(share("Median of their Kupiec p.")),
    minPof: nullable(share("Least of them.")),
  }),
  trafficLight: optional(
    object({
      zone: zone("Zone of the newest 250 windows."),
      worst: zone("Worst zone of any 250 windows on end."),
      green: count("Days with the 250 windows before in the green zone."),
      yellow: count("The same in the yellow zone."),
      red: count("The same in the red zone."),
    }),
  ),
  periods: list(period, { max: 64 }),
});

const gap = object({
  from: name("Start of the last bar before it, ISO 8601."),
  to: name("Start of the first bar after it, ISO 8601."),
  missing: count("Bars filled in; 0 between sessions."),
});

const file = object({
  rows: count("Rows below the header."),
  repeated: count("Rows with the time of the one before: left out."),
  late: count("Rows with an earlier time: left out."),
  mended: count("Rows whose high or low did not enclose open and close: stretched."),
  overlapping: count("Rows within half a bar of the one before: left out."),
  off: count("Bars with a price over ten times off: held."),
  confirmed: count("Bars held until three rows had confirmed a new level."),
  frozen: count("Bars of a feed that had stopped: held."),
  untraded: count("Bars without volume and without a move: held as stale."),
  negative: count("Bars with a price below 0: the range was held."),
  gaps: count("Stretches without a bar."),
  filled: count("Bars filled in as stale."),
  unjudged: count("Days with under half of their bars in the file: not judged."),
  longestGaps: list(gap, { max: 10 }),
});

export const studyShape = object({
  slidewire: name("study/1"),
  assetClass: name("Class whose terms were studied."),
  termsVersion: name("Version of those terms."),
  coverage: share("Confidence that the ranges aim at."),
  barMs: count("Length of the file's bars, ms."),
  barsPerDay: count("Bars per market day."),
  bars: count("Bars of the file."),
  filled: count("Bars filled in where it has gaps."),
  test: object({
    from: name("First judged close, ISO 8601."),
    to: name("Last judged close, ISO 8601."),
    windows: count("Windows judged."),
  }),
  units: anything({ meaning: "Units of the figures, by name." }),
  rows: list(row, { max: 64, meaning: "The regime, its variants, and references." }),
  ablation: list(row, { max: 16, meaning: "The regime with one part of its design changed." }),
  secondary: object({
    coverage: share("Another confidence."),
    rows: list(row, { max: 64, meaning: "The regime and the references at that confidence." }),
  }),
  terms: list(
    object({
      name: name("Name of a set of terms."),
      row: name("Its row."),
      version: name("Its version."),
    }),
    { max: 32, meaning: "Sets of terms side by side, when there are several." },
  ),
  file,
  remarks: list(name("What a reader should know."), { max: 64 }),
});
