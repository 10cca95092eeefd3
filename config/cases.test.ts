/**
 * Whole books against figures that others computed: a venue's published portfolios and response,
 * and a second implementation. They go the offline door's own way: document, terms, statement.
 */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { offlineStatement } from "../core/margin/offline.ts";
import { parseBook } from "./book.ts";
import { termsHash } from "./terms.ts";

type Figure = number | string;

interface BookCase {
  readonly id: string;
  readonly tolerance: { readonly relative: number; readonly absolute: number };
  readonly book: unknown;
  /** By path in the raw statement; a list is held figure by figure. */
  readonly expected: Readonly<Record<string, Figure | readonly Figure[]>>;
}

interface CaseFile {
  readonly about: string;
  readonly source: string;
  readonly cases: readonly BookCase[];
}

const casesOf = (name: string): readonly BookCase[] =>
  (
    JSON.parse(
      readFileSync(new URL(`../core/cases/${name}.json`, import.meta.url), "utf8"),
    ) as CaseFile
  ).cases;

function rawOf(document: unknown): unknown {
  const { book, terms } = parseBook(document);
  return offlineStatement(book, terms, termsHash(terms)).raw;
}

const at = (tree: unknown, path: string): unknown =>
  path.split(".").reduce((of, name) => (of as Record<string, unknown> | undefined)?.[name], tree);

/** Paths that do not hold, with what was found. */
function misses({ book, expected, tolerance }: BookCase): string[] {
  const raw = rawOf(book);
  return Object.entries(expected).flatMap(([path, figures]) => {
    const list = Array.isArray(figures);
    const wanted: readonly Figure[] = list ? figures : [figures as Figure];
    return wanted.flatMap((want, i) => {
      const place = list ? `${path}.${i}` : path;
      const got = at(raw, place);
      return holds(got, want, tolerance) ? [] : [`${place}: ${String(got)}, not ${want}`];
    });
  });
}

function holds(got: unknown, want: Figure, tolerance: BookCase["tolerance"]): boolean {
  if (typeof want === "string" || typeof got !== "number") return got === want;
  const allowed = Math.max(tolerance.absolute, tolerance.relative * Math.abs(want));
  return Math.abs(got - want) <= allowed;
}

describe.each([
  ["a portfolio that Derive published", "margin-derive"],
  ["the response that Deribit published", "margin-deribit"],
  ["an example of a venue or a textbook", "margin-venues"],
  ["a second implementation", "margin-books"],
])("%s", (_, file) => {
  it.each(casesOf(file).map((one) => [one.id, one] as const))("agrees on %s", (_id, one) => {
    expect(misses(one)).toEqual([]);
  });

  it("would miss figures that are off by a part in a million", () => {
    const [one] = casesOf(file);
    const expected = Object.fromEntries(
      Object.entries(one!.expected).map(([path, figures]) => [
        path,
        Array.isArray(figures) ? figures.map(shifted) : shifted(figures as Figure),
      ]),
    );
    expect(misses({ ...one!, expected })).not.toEqual([]);
  });
});

const shifted = (figure: Figure): Figure =>
  typeof figure === "number" ? figure * (1 + 1e-6) + 1e-6 : figure;
