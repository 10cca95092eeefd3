/**
 * `slidewire study FILE`: how the published ranges would have done on a price history.
 *
 * It runs the live estimator and publisher bar by bar, beside static ranges and EWMA, and judges
 * them by the definitions of docs/regime.md.
 */
import { createReadStream, writeFileSync } from "node:fs";
import { text as textOf } from "node:stream/consumers";
import { createGunzip } from "node:zlib";
import { regimeTerms } from "../../config/regime.ts";
import { RiskError, shown } from "../../core/errors.ts";
import { assetClasses } from "../../core/instrument.ts";
import {
  parsePrices,
  type Study,
  seriesLines,
  study,
  studyDocument,
  studyHtml,
} from "../../regime/index.ts";
import { momentOf } from "../feed/moment.ts";
import type { FlagValues, Verb } from "./verb.ts";

export const studyVerb: Verb = {
  name: "study",
  usage: "FILE.csv[.gz]",
  summary: "judge the regime's ranges on a price history, beside static and EWMA ranges",
  flags: ["asset-class", "test-from", "series", "html", "json"],
  positionals: [1, 1],
  example: "slidewire study btcusd_2h.csv.gz --asset-class crypto --test-from 2017-01-01 --json",
  run: runStudy,
};

async function runStudy(flags: FlagValues): Promise<number> {
  const file = flags.positional[0]!;
  const terms = regimeTerms(assetClassOf(flags.text("asset-class") ?? "crypto"));
  const from = flags.text("test-from");
  const testFromMs = from === undefined ? {} : { testFromMs: momentOf(from, "--test-from") };
  const prices = parsePrices(await readPriceText(file));
  const found = study({ bars: prices.bars, terms, ...testFromMs });
  const series = flags.text("series");
  const html = flags.text("html");
  if (series !== undefined) {
    write(series, [...seriesLines(found.series, found.frame)].join("\n").concat("\n"));
  }
  if (html !== undefined) write(html, studyHtml(found, file.split("/").at(-1)!));
  const document = studyDocument(found);
  process.stdout.write(flags.has("json") ? `${JSON.stringify(document)}\n` : table(found));
  return 0;
}

function assetClassOf(name: string) {
  const found = assetClasses.find((assetClass) => assetClass === name);
  if (found !== undefined) return found;
  throw new RiskError("unknown_value", {
    path: "--asset-class",
    expected: assetClasses.join(" | "),
    found: shown(name),
  });
}

async function readPriceText(file: string): Promise<string> {
  const input = createReadStream(file);
  try {
    if (!file.endsWith(".gz")) return await textOf(input);
    const plain = createGunzip();
    input.once("error", (error) => plain.destroy(error));
    return await textOf(input.pipe(plain));
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new RiskError("unreadable_file", {
      path: file,
      expected: "a readable CSV file, gzip where it ends in .gz",
      found: code ?? message,
    });
  }
}

function write(file: string, content: string): void {
  try {
    writeFileSync(file, content);
  } catch (error) {
    throw new RiskError("unreadable_file", {
      path: file,
      expected: "a file that can be written",
      found: (error as NodeJS.ErrnoException).code ?? String(error),
    });
  }
}

/** The rows for people: percent, and the loss in 1e-4. */
function table({ rows, remarks, judged }: Study): string {
  const percent = (value: number) => (100 * value).toFixed(2);
  const columns: readonly (readonly [string, (row: Study["rows"][number]) => string])[] = [
    ["x", (row) => String(row.x)],
    ["cov %", (row) => percent(row.coverage)],
    ["POF p", (row) => row.pofP.toFixed(3)],
    ["CC p", (row) => row.ccP.toFixed(3)],
    ["mean %", (row) => percent(row.meanRange)],
    ["loss", (row) => row.tickLoss.toFixed(2)],
    ["p2t", (row) => row.peakToTrough.toFixed(1)],
    ["chg/d", (row) => row.changesPerDay.toFixed(2)],
  ];
  const line = (name: string, cells: readonly string[]) =>
    `${name.padEnd(24)}${cells.map((cell) => cell.padStart(9)).join("")}\n`;
  return [
    `${judged.windows} windows of 24 h, expected ${rows[0]?.expected.toFixed(1)} exceedances\n`,
    line(
      "",
      columns.map(([name]) => name),
    ),
    ...rows.map((row) =>
      line(
        row.name,
        columns.map(([, of]) => of(row)),
      ),
    ),
    ...remarks.map((remark) => `${remark}\n`),
  ].join("");
}
