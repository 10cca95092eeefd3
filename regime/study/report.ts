/**
 * A study as one HTML page: what it found in figures and in words, charts, and every table.
 *
 * The page loads nothing from anywhere and runs no script, so it can be mailed and kept; it follows
 * the reader's light or dark.
 */
import { chartHtml } from "./chart.ts";
import { studyDocument } from "./document.ts";
import type { StudyRow } from "./judge.ts";
import { pageStyle } from "./page-style.ts";
import { chance, escaped, percent } from "./page-text.ts";
import { chartsOf } from "./report-charts.ts";
import { ablationTable, fileTable, periodTable, rowTable, worstTable } from "./report-tables.ts";
import type { Study } from "./study.ts";

/** @param title what was studied; any text */
export function studyHtml(found: Study, title: string): string {
  const { rows, ablation, second, remarks } = found;
  const own = rows[0]!;
  const name = escaped(title);
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><title>${name}: published ranges</title>
<style>${pageStyle}</style></head><body>
<header><h1>${name}</h1><p class="facts">${facts(found)}</p></header>
<section class="tiles">${tiles(own, rows)}</section>
<h2>In words</h2>
<ul class="remarks">${remarks.map((remark) => `<li>${escaped(remark)}</li>`).join("\n")}</ul>
<h2>Charts</h2>
${chartsOf(found).map(chartHtml).join("")}
<h2>Beside other ranges</h2>
${rowTable(rows)}
<h2>Ablation: one part of the design changed</h2>
${ablationTable(own, ablation)}
<h2>At ${percent(1)(second.coverage)} coverage</h2>
${rowTable(second.rows)}
<h2>Sub-periods: exceeded / expected, Kupiec p</h2>
${periodTable(rows)}
<h2>Days that left the range furthest</h2>
${worstTable(found)}
<h2>The file</h2>
${fileTable(found)}
</body></html>
`;
}

function facts(found: Study): string {
  const { assetClass, barMs, barsPerDay, test, coverage, termsVersion, terms } =
    studyDocument(found);
  const sets = terms.map(({ name }) => name).join(", ");
  return escaped(
    [
      `${assetClass}, terms ${termsVersion}`,
      ...(sets === "" ? [] : [`sets of terms: ${sets}`]),
      `bars of ${barMs / 60_000} min, ${barsPerDay} to the day`,
      `the worst move of a day is to stay inside the range on ${percent(2)(coverage)} of days`,
      `${test.windows} days judged, ${test.from.slice(0, 10)} to ${test.to.slice(0, 10)}`,
    ].join(" · "),
  );
}

function tiles(own: StudyRow, rows: readonly StudyRow[]): string {
  const references = rows.filter(({ name }) => /^(static-\d|ewma)/.test(name));
  const best = references.reduce((least, row) => (row.tickLoss < least.tickLoss ? row : least));
  const light = own.trafficLight;
  return [
    tile(
      `${own.x} of ${own.expected.toFixed(1)}`,
      `exceedances; Kupiec p ${chance(own.pofP)}`,
      own.pofP >= 0.05,
    ),
    tile(
      chance(own.ccP),
      "conditional coverage p: as often as promised, and alone",
      own.ccP >= 0.05,
    ),
    tile(
      own.tickLoss.toFixed(2),
      `tick loss, 1e-4; best reference ${best.name} ${best.tickLoss.toFixed(2)}`,
      own.tickLoss <= best.tickLoss,
    ),
    tile(percent(2)(own.meanRange), "mean range"),
    tile(own.peakToTrough.toFixed(1), "widest over narrowest range"),
    tile(percent(0)(own.rise24h), `largest rise in 24 h; in 30 d ${percent(0)(own.rise30d)}`),
    tile(own.changesPerDay.toFixed(2), "changes a day"),
    tile(
      light?.worst ?? "-",
      light === undefined ? "no 250 days to judge by" : `worst light; now ${light.zone}`,
      light === undefined ? undefined : light.worst === "yellow" ? "warn" : light.worst === "green",
    ),
  ].join("");
}

function tile(figure: string, meaning: string, good?: boolean | "warn"): string {
  const tone = good === undefined ? "" : good === "warn" ? " warn" : good ? " pass" : " fail";
  return `<div class="tile${tone}"><b>${escaped(figure)}</b><span>${escaped(meaning)}</span></div>`;
}
