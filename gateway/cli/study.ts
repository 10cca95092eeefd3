/**
 * `slidewire study FILE`: how the published ranges would have done on a price history.
 *
 * It runs the live estimator and publisher bar by bar, beside static ranges and EWMA, and judges
 * them by the definitions of docs/regime.md.
 */
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import { gunzipSync } from "node:zlib";
import { regimeTerms } from "../../config/regime.ts";
import { loadRegimeTerms } from "../../config/regime-file.ts";
import { RiskError, shown } from "../../core/errors.ts";
import { assetClasses } from "../../core/instrument.ts";
import {
  type NamedTerms,
  type OnProgress,
  parsePrices,
  type RegimeTerms,
  type Study,
  seriesLines,
  study,
  studyDocument,
  studyHtml,
} from "../../regime/index.ts";
import { momentOf } from "../feed/moment.ts";
import { progressBar } from "./progress-bar.ts";
import { studyTable } from "./study-table.ts";
import type { FlagValues, Verb } from "./verb.ts";

/** Text of a price file at most, unpacked: twelve years of minutes. */
export const PRICE_BYTES_MAX = 400_000_000;
/** Sets of terms side by side. */
export const TERMS_MAX = 12;
const NAME_CHARACTERS_MAX = 48;

export const studyVerb: Verb = {
  name: "study",
  usage: "FILE.csv[.gz]",
  summary: "judge the regime's ranges on a price history, beside static and EWMA ranges",
  flags: ["asset-class", "terms", "test-from", "series", "html", "json"],
  positionals: [1, 1],
  example: "slidewire study btc.csv.gz --terms crypto --terms tuned.json --html report.html",
  run: runStudy,
};

async function runStudy(flags: FlagValues): Promise<number> {
  const file = flags.positional[0]!;
  const sets = termsOf(flags);
  const from = flags.text("test-from");
  const testFromMs = from === undefined ? {} : { testFromMs: momentOf(from, "--test-from") };
  const { bars, tally } = parsePrices(readPriceText(file));
  const judged = watched(basename(file), (onProgress) =>
    study({
      bars,
      tally,
      terms: sets[0]!.terms,
      several: sets.length > 1 ? sets : [],
      ...testFromMs,
      onProgress,
    }),
  );
  const found = { ...judged, remarks: [...classRemark(flags, sets[0]!), ...judged.remarks] };
  writeFiles(flags, found, basename(file));
  const json = flags.has("json");
  process.stdout.write(json ? `${JSON.stringify(studyDocument(found))}\n` : studyTable(found));
  return 0;
}

/** What class was taken where none was named: a share judged as a coin would not show otherwise. */
function classRemark(flags: FlagValues, { terms: { assetClass } }: NamedTerms): readonly string[] {
  const named = flags.has("asset-class") || flags.texts("terms")[0] === assetClass;
  if (named) return [];
  return [`No --asset-class was given: the terms of ${assetClass} were taken.`];
}

/** Runs `work` under a progress bar, which is gone before anything else is said. */
function watched<T>(label: string, work: (onProgress: OnProgress) => T): T {
  const bar = progressBar(label, process.stderr);
  try {
    return work(bar.tell);
  } finally {
    bar.end();
  }
}

/** The sets of terms that were asked for, at least one. */
function termsOf(flags: FlagValues): readonly NamedTerms[] {
  const assetClass = assetClassOf(flags.text("asset-class") ?? "crypto");
  const base = regimeTerms(assetClass);
  const refs = flags.texts("terms");
  if (refs.length > TERMS_MAX)
    throw new RiskError("limit_exceeded", {
      path: "--terms",
      expected: `at most ${TERMS_MAX} sets of terms`,
      found: String(refs.length),
    });
  if (refs.length === 0) return [{ name: assetClass, terms: base }];
  const names = new Set<string>();
  return refs.map((ref) => {
    const terms = loadRegimeTerms(ref, base);
    refuseUnfitted(terms, ref);
    const name = freeName(basename(ref).replace(/\.json$/, ""), names);
    names.add(name);
    return { name, terms };
  });
}

/** HAR needs coefficients that a fit has given; without them the damped scale would act unsaid. */
function refuseUnfitted({ scale }: RegimeTerms, ref: string): void {
  if (scale.estimator === "damped") return;
  throw new RiskError("unsupported", {
    path: `--terms ${basename(ref)} scale.estimator`,
    expected: "damped: a study of a file has no coefficients for another",
    found: scale.estimator,
  });
}

/** The name, or with a number behind it when another set has it already. */
function freeName(wanted: string, taken: ReadonlySet<string>): string {
  const name = wanted.slice(0, NAME_CHARACTERS_MAX);
  for (let i = 2; i <= TERMS_MAX; i++) {
    const next = i === 2 && !taken.has(name) ? name : `${name}-${i}`;
    if (!taken.has(next)) return next;
  }
  return name;
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

/** The text of a file, gzip where its first two bytes say so. */
function readPriceText(file: string): string {
  try {
    if (!statSync(file).isFile()) throw unreadable(file, "no plain file");
    const bytes = readFileSync(file);
    const packed = bytes[0] === 0x1f && bytes[1] === 0x8b;
    const plain = packed ? gunzipSync(bytes, { maxOutputLength: PRICE_BYTES_MAX }) : bytes;
    if (plain.length > PRICE_BYTES_MAX) throw unreadable(file, `${plain.length} bytes`);
    return plain.toString("utf8");
  } catch (error) {
    if (error instanceof RiskError) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    throw unreadable(file, code ?? message);
  }
}

const unreadable = (path: string, found: string): RiskError =>
  new RiskError("unreadable_file", {
    path,
    expected: `a readable CSV file or its gzip, at most ${PRICE_BYTES_MAX} bytes`,
    found,
  });

function writeFiles(flags: FlagValues, found: Study, title: string): void {
  const series = flags.text("series");
  const html = flags.text("html");
  if (series !== undefined) {
    write(series, [...seriesLines(found.series, found.frame)].join("\n").concat("\n"));
  }
  if (html !== undefined) write(html, studyHtml(found, title));
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
