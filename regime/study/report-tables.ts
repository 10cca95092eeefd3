/**
 * The tables of a study's page: rows, ablation, sub-periods, worst days, and the file.
 */
import { studyDocument } from "./document.ts";
import type { StudyRow } from "./judge.ts";
import { chance, date, escaped, percent } from "./page-text.ts";
import { exceedancesOf } from "./report-charts.ts";
import type { Study } from "./study.ts";

/** Rejected below this. */
const P_MIN = 0.05;
const WORST_DAYS = 10;

interface Cell {
  readonly text: string;
  /** fail, best, yellow, red: how it is coloured. */
  readonly tone?: string;
}

type Column = readonly [head: string, cell: (row: StudyRow, rows: readonly StudyRow[]) => Cell];

const plain = (text: string): Cell => ({ text });
const tested = (p: number): Cell => ({ text: chance(p), ...(p < P_MIN ? { tone: "fail" } : {}) });
const known = (x: number | null, said: (x: number) => string): Cell =>
  plain(x === null ? "-" : said(x));
const whole = percent(0);

const columns: readonly Column[] = [
  ["row", ({ name }) => plain(name)],
  ["exceeded / expected", ({ x, expected }) => plain(`${x} / ${expected.toFixed(1)}`)],
  ["coverage", ({ coverage }) => plain(percent(2)(coverage))],
  ["Kupiec p", ({ pofP }) => tested(pofP)],
  ["independence p", ({ indP }) => tested(indP)],
  ["conditional p", ({ ccP }) => tested(ccP)],
  ["phases: mean x", ({ phases }) => known(phases.meanX, (x) => x.toFixed(1))],
  ["median p", ({ phases }) => known(phases.medianPof, chance)],
  ["least p", ({ phases }) => known(phases.minPof, chance)],
  ["light, worst", ({ trafficLight }) => lightCell(trafficLight?.worst)],
  ["mean range", ({ meanRange }) => plain(percent(2)(meanRange))],
  [
    "tick loss, 1e-4",
    ({ tickLoss }, rows) => ({
      text: tickLoss.toFixed(2),
      ...(rows.every((row) => row.tickLoss >= tickLoss) ? { tone: "best" } : {}),
    }),
  ],
  ["severity, mean", ({ severityMean }) => plain(percent(1)(severityMean))],
  ["largest", ({ severityMax }) => plain(percent(1)(severityMax))],
  ["peak to trough", ({ peakToTrough }) => plain(peakToTrough.toFixed(1))],
  ["in a year", ({ peakToTroughYear }) => plain(peakToTroughYear.toFixed(1))],
  ["rise, 24 h", ({ rise24h }) => plain(whole(rise24h))],
  ["1 d", ({ rise1d }) => plain(whole(rise1d))],
  ["5 d", ({ rise5d }) => plain(whole(rise5d))],
  ["30 d", ({ rise30d }) => plain(whole(rise30d))],
  ["changes a day", ({ changesPerDay }) => plain(changesPerDay.toFixed(2))],
];

function lightCell(zone: string | undefined): Cell {
  if (zone === undefined) return plain("-");
  return { text: zone, ...(zone === "green" ? {} : { tone: zone }) };
}

/** Every column of a set of rows; the regime's own stands out. */
export function rowTable(rows: readonly StudyRow[]): string {
  const body = rows.map((row) => ({
    own: row.name === "slidewire",
    cells: columns.map(([, cell]) => cell(row, rows)),
  }));
  return tableHtml(
    columns.map(([head]) => head),
    body,
  );
}

/** Each row of the ablation beside the regime: what changes. */
export function ablationTable(own: StudyRow, rows: readonly StudyRow[]): string {
  const change = (after: number, before: number): Cell =>
    plain(before > 0 ? signed(percent(1)(after / before - 1)) : "-");
  const heads = ["without / with", "exceeded", "Kupiec p", "tick loss", "change", "mean range"];
  const body = [own, ...rows].map((row) => ({
    own: row === own,
    cells: [
      plain(row.name),
      plain(String(row.x)),
      tested(row.pofP),
      plain(row.tickLoss.toFixed(2)),
      change(row.tickLoss, own.tickLoss),
      plain(percent(2)(row.meanRange)),
      plain(row.peakToTrough.toFixed(1)),
      plain(whole(row.rise24h)),
      plain(whole(row.rise30d)),
      plain(row.changesPerDay.toFixed(2)),
    ],
  }));
  const motion = ["peak to trough", "rise, 24 h", "30 d", "changes a day"];
  return tableHtml([...heads, ...motion], body);
}

const signed = (text: string): string => (text.startsWith("-") ? text : `+${text}`);

/** Exceedances of each row in each sub-period. */
export function periodTable(rows: readonly StudyRow[]): string {
  const periods = rows[0]?.periods ?? [];
  const heads = ["row", ...periods.map(({ from, to }) => `${date(from)} to ${date(to)}`)];
  const body = rows.map((row) => ({
    own: row.name === "slidewire",
    cells: [
      plain(row.name),
      ...row.periods.map(({ x, expected, pofP }) => ({
        text: `${x} / ${expected.toFixed(1)}, p ${chance(pofP)}`,
        ...(pofP < P_MIN ? { tone: "fail" } : {}),
      })),
    ],
  }));
  return tableHtml(heads, body);
}

/** The days that left the range furthest. */
export function worstTable(found: Study): string {
  const worst = [...exceedancesOf(found)]
    .sort((a, b) => b.move - b.range - (a.move - a.range))
    .slice(0, WORST_DAYS);
  const body = worst.map(({ at, move, range }) => ({
    own: false,
    cells: [
      plain(new Date(at).toISOString().slice(0, 16).replace("T", " ")),
      ...[move, range, move - range].map((value) => plain(percent(2)(value))),
    ],
  }));
  return tableHtml(["day after (UTC)", "worst move", "range", "beyond it"], body);
}

const fileHeads: Readonly<Record<string, string>> = {
  rows: "rows",
  repeated: "time repeated: left out",
  late: "came late: left out",
  overlapping: "within half a bar: left out",
  mended: "high or low inside open and close: stretched",
  off: "price over ten times off: held",
  confirmed: "held until a new level was confirmed",
  frozen: "feed frozen: held",
  untraded: "no volume and no move: held as stale",
  negative: "price below 0: range held",
  gaps: "gaps",
  filled: "bars filled in as stale",
  unjudged: "days with under half of their bars: not judged",
};

/** What the file was like, and what became of it. */
export function fileTable(found: Study): string {
  const { file } = studyDocument(found);
  const counts = Object.entries(fileHeads).map(([name, head]) => ({
    own: false,
    cells: [plain(head), plain(String(file[name as keyof typeof file]))],
  }));
  const gaps = file.longestGaps.map(({ from, to, missing }) => ({
    own: false,
    cells: [plain(`gap from ${minute(from)} to ${minute(to)}`), plain(`${missing} bars`)],
  }));
  return tableHtml(["the file", ""], [...counts, ...gaps]);
}

const minute = (iso: string): string => iso.slice(0, 16).replace("T", " ");

interface Line {
  readonly own: boolean;
  readonly cells: readonly Cell[];
}

function tableHtml(heads: readonly string[], lines: readonly Line[]): string {
  const head = heads.map((text) => `<th>${escaped(text)}</th>`).join("");
  const body = lines.map(({ own, cells }) => {
    const text = cells.map(
      (cell) => `<td${cell.tone ? ` class="${cell.tone}"` : ""}>${escaped(cell.text)}</td>`,
    );
    return `<tr${own ? ' class="own"' : ""}>${text.join("")}</tr>`;
  });
  return `<div class="scroll"><table><tr>${head}</tr>${body.join("\n")}</table></div>\n`;
}
