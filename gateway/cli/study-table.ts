/**
 * A study as text for people: percent, and the loss in 1e-4.
 */
import type { Study } from "../../regime/index.ts";

type Row = Study["rows"][number];
type Column = readonly [string, (row: Row) => string];

const percent = (value: number): string => (100 * value).toFixed(2);
const whole = (value: number): string => (100 * value).toFixed(0);
const date = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

const columns: readonly Column[] = [
  ["x", ({ x }) => String(x)],
  ["cov %", ({ coverage }) => percent(coverage)],
  ["POF p", ({ pofP }) => pofP.toFixed(3)],
  ["IND p", ({ indP }) => indP.toFixed(3)],
  ["CC p", ({ ccP }) => ccP.toFixed(3)],
  ["worst", ({ trafficLight }) => trafficLight?.worst ?? "-"],
  ["mean %", ({ meanRange }) => percent(meanRange)],
  ["loss", ({ tickLoss }) => tickLoss.toFixed(2)],
  ["p2t", ({ peakToTrough }) => peakToTrough.toFixed(1)],
  ["24h %", ({ rise24h }) => whole(rise24h)],
  ["5d %", ({ rise5d }) => whole(rise5d)],
  ["30d %", ({ rise30d }) => whole(rise30d)],
  ["chg/d", ({ changesPerDay }) => changesPerDay.toFixed(2)],
];

const line = (name: string, cells: readonly string[]): string =>
  `${name.padEnd(24)}${cells.map((cell) => cell.padStart(8)).join("")}\n`;

function table(title: string, rows: readonly Row[]): string {
  const names = columns.map(([name]) => name);
  const body = rows.map((row) =>
    line(
      row.name,
      columns.map(([, of]) => of(row)),
    ),
  );
  return `${line(title, names)}${body.join("")}\n`;
}

/** The rows, the ablation, the sub-periods of the own row, and what there is to remark. */
export function studyTable(found: Study): string {
  const { rows, ablation, second, judged, remarks } = found;
  const { assetClass, version } = found.frame.terms;
  const expected = rows[0]!.expected.toFixed(1);
  const from = `${date(judged.firstMs)} to ${date(judged.lastMs)}`;
  return [
    `terms of ${assetClass}, version ${version}\n`,
    `${judged.windows} windows of a day, ${from}, ${expected} exceedances expected\n\n`,
    table("", rows),
    table("ablation", ablation),
    table(`at ${percent(second.coverage)} %`, second.rows),
    ...rows[0]!.periods.map(
      (period) =>
        `${date(period.from)} to ${date(period.to)}: ${period.x} of ` +
        `${period.expected.toFixed(1)} expected, POF p ${period.pofP.toFixed(3)}\n`,
    ),
    "\n",
    ...remarks.map((remark) => `${remark}\n`),
  ].join("");
}
