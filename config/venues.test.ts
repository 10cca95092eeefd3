/**
 * Examples that venues and textbooks publish, computed from the presets or from the rule's own
 * terms.
 */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { offlineStatement } from "../core/margin/offline.ts";
import { parseBook } from "./book.ts";
import { termsHash } from "./terms.ts";

interface VenueCase {
  readonly id: string;
  readonly source: string;
  readonly note: string;
  readonly book: unknown;
  readonly expected: Readonly<Record<string, readonly [value: number | string, tolerance: number]>>;
}

const { cases } = JSON.parse(
  readFileSync(new URL("./cases/venues.json", import.meta.url), "utf8"),
) as { cases: VenueCase[] };

describe("a published example", () => {
  it.each(cases.map((one) => [one.id, one] as const))(
    "of %s comes out",
    (_, { book, expected }) => {
      const { book: parsed, terms } = parseBook(book);
      const { raw } = offlineStatement(parsed, terms, termsHash(terms));
      for (const [path, [value, tolerance]] of Object.entries(expected)) {
        const got = path
          .split(".")
          .reduce<unknown>((at, name) => (at as Record<string, unknown>)[name], raw);
        if (typeof value === "string") expect(got, path).toBe(value);
        else
          expect(Math.abs((got as number) - value), `${path}: ${got}`).toBeLessThanOrEqual(
            tolerance,
          );
      }
    },
  );
});
