/**
 * What others published beside what comes out here: the cases of config/cases as one table.
 */
import { presets } from "../presets.ts";
import { figure, table } from "./layout.ts";
import { caseText, work } from "./worked.ts";

interface VenueCase {
  readonly id: string;
  readonly source: string;
  readonly note: string;
  readonly book: { readonly terms: unknown };
  readonly expected: Readonly<Record<string, readonly [value: number | string, tolerance: number]>>;
}

interface SampleCase {
  readonly id: string;
  readonly market: string;
  readonly positions: Readonly<Record<string, number>>;
  readonly published: number;
  /** Of the published figure. */
  readonly tolerance: number;
}

interface Samples {
  readonly source: string;
  readonly note: string;
  readonly terms: string;
  readonly markets: Readonly<Record<string, object>>;
  readonly cases: readonly SampleCase[];
}

/** A published example beside ours; of several figures each list has one. */
export interface Comparison {
  readonly preset: string;
  readonly example: string;
  readonly what: readonly string[];
  readonly published: readonly number[];
  readonly ours: readonly number[];
  /** Largest difference that the example's own rounding or missing inputs explain. */
  readonly tolerance: readonly number[];
}

/** Figures of a case that the table shows, and their names there; the others stay in the tests. */
const shown: readonly (readonly [ending: string, name: string])[] = [
  ["initialMargin", "IM"],
  ["maintenanceMargin", "MM"],
  ["charges.minimumDelta.initial", "minimum delta"],
  ["scanningRisk.maintenance", "scanning risk"],
  ["liquidationPrice.X.down", "liquidation price"],
];

/** The cases of venues.json that state a figure of those shown. */
export function venueComparisons(): Comparison[] {
  const { cases } = JSON.parse(caseText("venues.json")) as { cases: VenueCase[] };
  const all = cases.map(({ id, book, expected }) => {
    const { raw } = work(book);
    const named = shown.flatMap(([ending, what]) => {
      const path = Object.keys(expected).find((one) => one.endsWith(ending));
      return path === undefined ? [] : [{ what, path }];
    });
    // What a requirement is made of is shown only where no requirement is published.
    const whole = named.filter(({ what }) => what === "IM" || what === "MM");
    const figures = whole.length > 0 ? whole : named;
    return {
      preset: typeof book.terms === "string" ? book.terms : "",
      example: id,
      what: figures.map(({ what }) => what),
      published: figures.map(({ path }) => Number(expected[path]![0])),
      ours: figures.map(({ path }) => figureAt(raw, path)),
      tolerance: figures.map(({ path }) => expected[path]![1]),
    };
  });
  return all.filter(({ what }) => what.length > 0);
}

function figureAt(statement: unknown, path: string): number {
  return path
    .split(".")
    .reduce<unknown>((at, name) => (at as Record<string, unknown>)[name], statement) as number;
}

/** The document sample-positions.json. */
export function samples(): Samples {
  return JSON.parse(caseText("sample-positions.json")) as Samples;
}

/** Each sample position, held alone in its market. */
export function sampleComparisons(): Comparison[] {
  const { terms, markets, cases } = samples();
  return cases.map(({ id, market, positions, published, tolerance }) => {
    const { raw } = work({
      slidewire: "book/1",
      terms,
      market: markets[market],
      account: {
        id: "sample",
        positions: Object.entries(positions).map(([instrument, quantity]) => ({
          instrument,
          quantity,
        })),
      },
    });
    return {
      preset: terms,
      example: id,
      what: ["IM"],
      published: [published],
      ours: [raw.initialMargin],
      tolerance: [tolerance * published],
    };
  });
}

/** Cases of venues.json by preset; terms of a case's own come last. */
export function publishedTable(): string {
  const rows = venueComparisons();
  const order = [...Object.keys(presets), ""];
  rows.sort((a, b) => order.indexOf(a.preset) - order.indexOf(b.preset));
  return table(
    ["preset", "published example", "figure", "published:", "ours:", "difference:"],
    rows.map(({ preset, example, what, published, ours }) => [
      preset === "" ? "the rule alone" : `\`${preset}\``,
      example,
      what.join(", "),
      published.map((one) => plain(one, digitsOf(one))).join(", "),
      ours.map((one, i) => plain(one, digitsOf(published[i]!))).join(", "),
      ours.map((one, i) => difference(one, published[i]!)).join(", "),
    ]),
  );
}

/** Sample positions, a stock's and an index's side by side. */
export function sampleTable(): string {
  const all = sampleComparisons();
  const markets = Object.keys(samples().markets);
  const kinds = [...new Set(all.map(({ example }) => example.slice(example.indexOf(" ") + 1)))];
  const cells = (market: string, kind: string): string[] => {
    const one = all.find(({ example }) => example === `${market} ${kind}`);
    if (one === undefined) return ["", "", ""];
    const [published, ours] = [one.published[0]!, one.ours[0]!];
    return [plain(published, 0), plain(ours, 0), difference(ours, published)];
  };
  return table(
    [
      `\`${samples().terms}\`, IM`,
      ...markets.flatMap((market) => [`${market}, published:`, "ours:", "difference:"]),
    ],
    kinds.map((kind) => [kind, ...markets.flatMap((market) => cells(market, kind))]),
  );
}

/** Digits to compare at: those that were published, cents where whole numbers were. */
const digitsOf = (published: number) => (String(published).split(".")[1] ?? "00").length;

function plain(value: number, digits: number): string {
  const rounded = Number(value.toFixed(digits));
  return figure(rounded, Number.isInteger(rounded) ? 0 : digits);
}

function difference(ours: number, published: number): string {
  const gap = Number(ours.toFixed(digitsOf(published))) - published;
  const share = Math.abs(gap / published);
  if (share < 1e-12) return "0";
  if (share < 1e-7) return "under 0.00001 %";
  return `${gap > 0 ? "+" : ""}${Number(((100 * gap) / published).toPrecision(2))} %`;
}

/** What each preset cannot reproduce, as its terms file says. */
export function gaps(): string {
  return Object.entries(presets)
    .map(([name, preset]) => {
      const { notReproduced } = preset as { readonly notReproduced: readonly string[] };
      return notReproduced.length === 0 ? "" : `- **\`${name}\`**: ${notReproduced.join(" ")}`;
    })
    .filter((line) => line !== "")
    .join("\n");
}
