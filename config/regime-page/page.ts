/**
 * docs/regime.md: the tables of what was measured, and the picture of March 2020, written from
 * studies of two price files that lie beside the project.
 *
 *      node config/regime-page/page.ts
 *
 * The prose is written by hand; a test holds the tables and the picture to what the studies say.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import type { AssetClass } from "../../core/instrument.ts";
import {
  closeUp,
  figureSvg,
  parsePrices,
  rangesAround,
  type Study,
  type StudyRow,
  study,
} from "../../regime/index.ts";
import { table } from "../margin-page/layout.ts";
import { withRegions } from "../margin-page/page.ts";
import { regimeTerms } from "../regime.ts";

const DATA = new URL("../../../shared/data/", import.meta.url);
const PAGE = new URL("../../docs/regime.md", import.meta.url);
const PICTURE = new URL("../../docs/march-2020.svg", import.meta.url);

const files = {
  btc: ["btcusd_bitstamp_2h_2012_2025.csv.gz", "crypto", Date.UTC(2017, 0)],
  spx: ["spx_1d_1950_2020.csv.gz", "index", Date.UTC(1985, 0)],
} as const satisfies Record<string, readonly [string, AssetClass, number]>;
type Name = keyof typeof files;

/** Whether the price files are at hand. */
export function filesAtHand(): boolean {
  return Object.values(files).every(([file]) => existsSync(new URL(file, DATA)));
}

/** The studies that the page shows. */
export function studies(): Readonly<Record<Name, Study>> {
  const run = (name: Name): Study => {
    const [file, assetClass, testFromMs] = files[name];
    const text = gunzipSync(readFileSync(new URL(file, DATA))).toString();
    const { bars, tally } = parsePrices(text);
    return study({ bars, tally, terms: regimeTerms(assetClass), testFromMs });
  };
  return { btc: run("btc"), spx: run("spx") };
}

/** Every region of the page by its name. */
export function regions({ btc, spx }: Readonly<Record<Name, Study>>) {
  return {
    btc: rowTable(btc),
    spx: rowTable(spx),
    ablation: ablationTable(btc, spx),
    second: secondTable(btc, spx),
    march: marchTable(btc),
  };
}

/** The picture of March 2020: price with the published range, and the ranges themselves. */
export function picture({ btc }: Readonly<Record<Name, Study>>): string {
  const atMs = Date.UTC(2020, 2, 13);
  const label = "BTC in March 2020: price within the published range, and how the range moved";
  return figureSvg([closeUp(btc, atMs), rangesAround(btc, atMs)], label);
}

/** Rows that the page sets side by side. */
const shownRows: Readonly<Record<string, string>> = {
  slidewire: "**slidewire**",
  "slidewire-no-kurtosis": "without the kurtosis term",
  "slidewire-maintenance": "maintenance side",
  "static-15": "static 15 %",
  "static-20": "static 20 %",
  "static-hindsight": "static, by hindsight",
  "ewma-94-fhs": "EWMA 0.94, simulated level",
  "ewma-97-fhs": "EWMA 0.97, simulated level",
};

const percent = (share: number, digits: number): string => `${(100 * share).toFixed(digits)} %`;
const whole = (share: number): string => (100 * share).toFixed(0);

function rowTable({ rows, frame }: Study): string {
  const phased = frame.dayBars > 1;
  const header = [
    "row",
    "x:",
    "POF p:",
    "IND p:",
    "CC p:",
    ...(phased ? ["phases: mean x / median / least POF:"] : []),
    "mean range:",
    "tick loss:",
    "peak to trough:",
    "rise 24 h / 5 d / 30 d, %:",
    "changes a day:",
  ];
  const cells = (row: StudyRow): string[] => [
    shownRows[row.name]!,
    String(row.x),
    row.pofP.toFixed(3),
    row.indP.toFixed(3),
    row.ccP.toFixed(3),
    ...(phased
      ? [
          `${row.phases.meanX?.toFixed(1)} / ${row.phases.medianPof?.toFixed(2)} / ` +
            `${row.phases.minPof?.toFixed(2)}`,
        ]
      : []),
    percent(row.meanRange, 2),
    row.tickLoss.toFixed(2),
    row.peakToTrough.toFixed(1),
    [row.rise24h, row.rise5d, row.rise30d].map(whole).join(" / "),
    row.changesPerDay.toFixed(2),
  ];
  return table(header, rows.filter(({ name }) => name in shownRows).map(cells));
}

const parts: Readonly<Record<string, string>> = {
  "slidewire-no-kurtosis": "no kurtosis term",
  "slidewire-undamped": "no damping: the fast sigma alone",
  "slidewire-no-limiter": "no limits of change, no dwell, no dead band",
  "slidewire-no-winsor": "no winsor",
  "slidewire-emergency": "with the emergency lane",
};

function ablationTable(...found: readonly Study[]): string {
  const cells = ({ rows, ablation }: Study, name: string): string[] => {
    const row = ablation.find((one) => one.name === name)!;
    const change = row.tickLoss / rows[0]!.tickLoss - 1;
    const text = `${change < 0 ? "-" : "+"}${(100 * Math.abs(change)).toFixed(1)} %`;
    return [String(row.x), text, row.peakToTrough.toFixed(1), `${whole(row.rise24h)} %`];
  };
  const heads = ["x:", "tick loss:", "peak to trough:", "rise 24 h:"];
  const header = [
    "what is changed",
    ...["BTC", "S&P"].flatMap((of) => heads.map((h) => `${of}, ${h}`)),
  ];
  const lines = Object.entries(parts).map(([name, meaning]) => [
    meaning,
    ...found.flatMap((one) => cells(one, name)),
  ]);
  return table(header, lines);
}

function secondTable(...found: readonly Study[]): string {
  const names = ["slidewire", "static-20", "static-30", "ewma-94-fhs", "ewma-97-fhs"];
  const lines = names.map((name) => [
    shownRows[name] ?? "static 30 %",
    ...found.flatMap(({ second }) => {
      const row = second.rows.find((one) => one.name === name)!;
      return [`${row.x} of ${row.expected.toFixed(1)}`, row.tickLoss.toFixed(2)];
    }),
  ]);
  return table(["at 99.9 %", "BTC, x:", "tick loss:", "S&P, x:", "tick loss:"], lines);
}

/** Closes of 12 to 14 March 2020, every eight hours. */
function marchTable({ series }: Study): string {
  const lines: string[][] = [];
  for (let at = Date.UTC(2020, 2, 12, 2); at <= Date.UTC(2020, 2, 14, 2); at += 8 * 3_600_000) {
    const i = series.closeMs.indexOf(at);
    const shown = [series.target, series.initial, series.maintenance].map((column) =>
      percent(column[i]!, 2),
    );
    const moment = new Date(at).toISOString().slice(0, 16).replace("T", " ");
    lines.push([
      moment,
      ...shown,
      percent(series.sigmaFast[i]!, 1),
      percent(series.sigmaSlow[i]!, 1),
    ]);
  }
  return table(
    ["close, UTC", "target:", "initial:", "maintenance:", "fast sigma:", "slow sigma:"],
    lines,
  );
}

export const readPage = (): string => readFileSync(PAGE, "utf8");
export const readPicture = (): string => readFileSync(PICTURE, "utf8");

if (import.meta.main) {
  const found = studies();
  writeFileSync(PAGE, withRegions(readPage(), regions(found)));
  writeFileSync(PICTURE, picture(found));
}
