/**
 * A study as one HTML page: the table, the sub-periods, and charts of the range and what moved it.
 *
 * The page loads nothing from anywhere, so it can be mailed and kept.
 */
import { chartSvg } from "./chart.ts";
import { studyDocument } from "./document.ts";
import { judgedCloses, type StudyRow } from "./judge.ts";
import type { Study } from "./study.ts";

type Column = readonly [string, (row: StudyRow) => string];

const percent = (digits: number) => (share: number) => `${(100 * share).toFixed(digits)} %`;
const whole = percent(0);
const p = (value: number): string => value.toFixed(3);

const columns: readonly Column[] = [
  ["row", ({ name }) => name],
  ["x / expected", ({ x, expected }) => `${x} / ${expected.toFixed(1)}`],
  ["coverage", ({ coverage }) => percent(2)(coverage)],
  ["POF p", ({ pofP }) => p(pofP)],
  ["IND p", ({ indP }) => p(indP)],
  ["CC p", ({ ccP }) => p(ccP)],
  [
    "phases: mean x / median / min POF",
    ({ phases }) => `${phases.meanX.toFixed(1)} / ${p(phases.medianPof)} / ${p(phases.minPof)}`,
  ],
  ["mean range", ({ meanRange }) => percent(2)(meanRange)],
  ["tick loss, 1e-4", ({ tickLoss }) => tickLoss.toFixed(2)],
  [
    "severity mean / max",
    ({ severityMean, severityMax }) => `${percent(1)(severityMean)} / ${percent(1)(severityMax)}`,
  ],
  [
    "peak to trough / in a year",
    ({ peakToTrough, peakToTroughYear }) =>
      `${peakToTrough.toFixed(1)} / ${peakToTroughYear.toFixed(1)}`,
  ],
  ["rise 24 h", ({ rise24h }) => whole(rise24h)],
  ["1 d", ({ rise1d }) => whole(rise1d)],
  ["5 d", ({ rise5d }) => whole(rise5d)],
  ["30 d", ({ rise30d }) => whole(rise30d)],
  ["changes a day", ({ changesPerDay }) => changesPerDay.toFixed(2)],
];

/** @param title what was studied; any text */
export function studyHtml(study: Study, title: string): string {
  const { assetClass, barMs, test, coverage, termsVersion } = studyDocument(study);
  const name = escaped(title);
  const facts =
    `${assetClass}, terms ${escaped(termsVersion)}, bars of ${barMs / 60_000} min, ` +
    `${percent(1)(coverage)} of ${test.windows} days from ${test.from.slice(0, 10)} ` +
    `to ${test.to.slice(0, 10)}`;
  return `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>${name}</title>
<style>${style}</style>
<h1>${name}</h1><p>${facts}</p>
${study.remarks.map((remark) => `<p class="remark">${escaped(remark)}</p>`).join("\n")}
${table(study.rows)}
${charts(study).join("\n")}
<h2>Sub-periods</h2>
${periodTable(study.rows)}
</html>
`;
}

const style =
  "body{font:14px system-ui,sans-serif;margin:2em;max-width:1200px}" +
  "table{border-collapse:collapse;font-size:12px}td,th{padding:2px 8px;text-align:right;" +
  "border-bottom:1px solid #ddd}td:first-child{text-align:left}tr.own{font-weight:bold}" +
  "svg{width:100%;font:11px system-ui,sans-serif}.remark{color:#8a4b00}";

function table(rows: readonly StudyRow[]): string {
  const head = columns.map(([name]) => `<th>${name}</th>`).join("");
  const body = rows.map((row) => {
    const cells = columns.map(([, text]) => `<td>${escaped(text(row))}</td>`).join("");
    return `<tr${row.name === "slidewire" ? ' class="own"' : ""}>${cells}</tr>`;
  });
  return `<table><tr>${head}</tr>${body.join("")}</table>`;
}

function periodTable(rows: readonly StudyRow[]): string {
  const head = "<th>row</th><th>from</th><th>to</th><th>x / expected</th><th>POF p</th>";
  const body = rows.flatMap(({ name, periods }) =>
    periods.map((period) => {
      const [from, to] = [period.from, period.to].map((ms) => new Date(ms).toISOString());
      const counted = `${period.x} / ${period.expected.toFixed(1)}`;
      const cells = [escaped(name), from?.slice(0, 10), to?.slice(0, 10), counted, p(period.pofP)];
      return `<tr>${cells.map((cell) => `<td>${cell}</td>`).join("")}</tr>`;
    }),
  );
  return `<table><tr>${head}</tr>${body.join("")}</table>`;
}

function charts(study: Study): string[] {
  const { series } = study;
  return [
    chartSvg({
      title: "Range; dots: moves that exceeded it",
      times: series.closeMs,
      percent: true,
      lines: [
        { name: "target", colour: "#c9c9c9", values: series.target },
        { name: "initial", colour: "#1f5fa8", values: series.initial },
      ],
      points: exceedances(study),
    }),
    chartSvg({
      title: "Daily sigma",
      times: series.closeMs,
      percent: true,
      lines: [
        { name: "fast", colour: "#d08770", values: series.sigmaFast },
        { name: "slow", colour: "#3b4252", values: series.sigmaSlow },
      ],
    }),
    chartSvg({
      title: "Kurtosis term and vol scale",
      times: series.closeMs,
      percent: false,
      lines: [
        { name: "T", colour: "#7a5195", values: series.kurtFactor },
        { name: "vol scale", colour: "#ef8b2c", values: series.volScale },
        { name: "tau", colour: "#9aa5b1", values: series.tau },
      ],
    }),
  ];
}

function exceedances({ frame, test, series }: Study): { at: number; value: number }[] {
  return judgedCloses(frame, test)
    .filter((i) => frame.moves[i]! > series.initial[i]!)
    .map((i) => ({ at: series.closeMs[i]!, value: frame.moves[i]! }));
}

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
};

const escaped = (text: string): string => text.replace(/[&<>"]/g, (mark) => entities[mark]!);
