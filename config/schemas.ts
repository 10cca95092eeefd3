/**
 * The documents' JSON Schemas, generated from their shapes.
 *
 * `node config/schemas.ts` writes them to docs/schemas; a test holds that what is committed is what
 * would be written.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { jsonSchema } from "../core/json-schema.ts";
import type { Tree } from "../core/patch.ts";
import { bookShape } from "./schema/book.ts";
import { errorShape } from "./schema/error.ts";
import { statementShape } from "./schema/statement.ts";
import { patchShape } from "./schema/terms.ts";

export const SCHEMAS_FOLDER = "docs/schemas";

const documents = {
  book: ["Book: an account and the market that it stands in", bookShape],
  terms: ["Terms of a margin model; a file names what differs from those it extends", patchShape],
  statement: ["Margin statement of one account", statementShape],
  error: ["An error, the same on every door", errorShape],
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

/** The text of a schema file. */
export const schemaText = (schema: Tree): string => `${JSON.stringify(schema, null, 2)}\n`;

export function writeSchemas(folder: string): void {
  mkdirSync(folder, { recursive: true });
  for (const [file, schema] of Object.entries(schemas())) {
    writeFileSync(`${folder}/${file}`, schemaText(schema));
  }
}

if (import.meta.main) writeSchemas(SCHEMAS_FOLDER);
