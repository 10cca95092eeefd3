/**
 * Champion and challengers over a price file, as they would have run: fitted on the past alone,
 * refitted once a year, each judged by what it would have published.
 *
 *      node loadtest/bench/challenger.bench.ts FILE.csv[.gz] CLASS TEST-FROM
 *
 * A row for the damped scale, then one for each method and lookback of the fit: exceedances,
 * Kupiec's p, mean range, tick loss, peak to trough, and in how many of the days the 180-day shadow
 * score stood below the champion's.
 */
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { type FitMethod, fitHar, fitMethods, harRows } from "../../config/har-fit.ts";
import { regimeTerms } from "../../config/regime.ts";
import { type AssetClass, assetClasses } from "../../core/instrument.ts";
import {
  challengerScore,
  createRegime,
  foldBar,
  parsePrices,
  withCoefficients,
} from "../../regime/index.ts";
import { type Frame, frameOf } from "../../regime/study/frame.ts";
import { judge } from "../../regime/study/judge.ts";

const LOOKBACK_YEARS = [4, 100];

interface Run {
  readonly champion: Float64Array;
  readonly challenger: Float64Array;
  /** Days of the test on which the shadow's score was lower, and all with a score. */
  readonly days: { better: number; all: number };
}

interface Fit {
  readonly method: FitMethod;
  readonly years: number;
  readonly fromMs: number;
}

function run(frame: Frame, { method, years, fromMs }: Fit): Run {
  const { terms, bars, barMs, dayBars } = frame;
  const rows = harRows(bars, terms, barMs);
  const offset = Math.floor(bars.length / dayBars) - rows.length;
  const yearDays = terms.calendar.daysPerYear;
  const champion = new Float64Array(bars.length);
  const challenger = new Float64Array(bars.length);
  const days = { better: 0, all: 0 };
  let regime = createRegime(terms, barMs);
  for (const [i, bar] of bars.entries()) {
    foldBar(regime, bar);
    const day = Math.floor((i + 1) / dayBars) - offset;
    const dayEnds = (i + 1) % dayBars === 0;
    if (dayEnds && day >= 2 * yearDays && day % yearDays === 0) {
      // The newest row's next day is still to come.
      const past = rows.slice(Math.max(0, day - 1 - years * yearDays), day - 1);
      regime = withCoefficients(regime, fitHar(past, terms.coverage, method).coefficients);
    }
    champion[i] = regime.published.initial;
    const score = challengerScore(regime);
    challenger[i] = score?.shadowRange ?? terms.prior.range;
    if (dayEnds && score !== undefined && bar.openMs >= fromMs) {
      days.all += 1;
      if (score.shadowTickLoss < score.actingTickLoss) days.better += 1;
    }
  }
  return { champion, challenger, days };
}

function line(name: string, range: Float64Array, frame: Frame, fromMs: number): string {
  const { coverage } = frame.terms;
  const row = judge(name, range, frame, { fromMs, coverage, periodEndsMs: [Infinity] });
  return [
    name.padEnd(20),
    `x ${row.x} of ${row.expected.toFixed(1)}`.padEnd(14),
    `POF ${row.pofP.toFixed(2)}`,
    `mean ${(100 * row.meanRange).toFixed(2)} %`,
    `tick loss ${row.tickLoss.toFixed(2)}`,
    `peak to trough ${row.peakToTrough.toFixed(1)}`,
  ].join("  ");
}

const print = (text: string) => process.stdout.write(`${text}\n`);

const [file = "", name = "", from = ""] = process.argv.slice(2);
const assetClass: AssetClass = assetClasses.find((one) => one === name) ?? "crypto";
const packed = readFileSync(file);
const text = (file.endsWith(".gz") ? gunzipSync(packed) : packed).toString();
const frame = frameOf(parsePrices(text).bars, regimeTerms(assetClass));
const fromMs = Date.parse(from);
for (const method of fitMethods) {
  for (const years of LOOKBACK_YEARS) {
    const { champion, challenger, days } = run(frame, { method, years, fromMs });
    if (method === "har" && years === LOOKBACK_YEARS[0]) {
      print(line("damped", champion, frame, fromMs));
    }
    const share = `shadow ahead on ${((100 * days.better) / days.all).toFixed(0)} % of days`;
    const label = `${method}, ${years === 100 ? "all" : years} years`;
    print(`${line(label, challenger, frame, fromMs)}  ${share}`);
  }
}
