/**
 * What is generated from the shapes: the documents' JSON Schemas and the page of terms.
 *
 * `node config/schemas.ts` writes docs/schemas and docs/terms.md; a test holds that what is
 * committed is what would be written.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { jsonSchema } from "../core/json-schema.ts";
import type { Tree } from "../core/patch.ts";
import { prettyJson } from "./pretty-json.ts";
import { bookShape, listingShape } from "./schema/book.ts";
import { errorShape } from "./schema/error.ts";
import { replayShape } from "./schema/replay.ts";
import { statementShape } from "./schema/statement.ts";
import { studyShape } from "./schema/study.ts";
import { patchShape } from "./schema/terms.ts";
import { termsPage } from "./terms-page.ts";

const documents = {
  book: ["Book: an account and the market that it stands in", bookShape],
  listing: ["Listing: what a market lists, for a feed that is pushed", listingShape],
  terms: ["Terms of a margin model; a file names what differs from those it extends", patchShape],
  statement: ["Margin statement of one account", statementShape],
  error: ["An error, the same on every door", errorShape],
  replay: ["State that a replayed journal gives", replayShape],
  study: ["Study of published ranges on a price history", studyShape],
} as const;

/** Every schema by file name. */
export function schemas(): Readonly<Record<string, Tree>> {
  return Object.fromEntries(
    Object.entries(documents).map(([name, [title, shape]]) => {
      const file = `${name}.schema.json`;
      return [file, jsonSchema(shape, `urn:slidewire:schema:${name}`, title)];
    }),
  );
}

/** Every generated file by its path in the project, with its text. */
export function generatedFiles(): Readonly<Record<string, string>> {
  const files = Object.entries(schemas()).map(([file, schema]) => [
    `docs/schemas/${file}`,
    prettyJson(schema),
  ]);
  return { ...Object.fromEntries(files), "docs/terms.md": termsPage() };
}

if (import.meta.main) {
  mkdirSync("docs/schemas", { recursive: true });
  for (const [path, text] of Object.entries(generatedFiles())) writeFileSync(path, text);
}
