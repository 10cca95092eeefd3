/**
 * `slidewire margin BOOK|-`: the statement of a book, computed offline by the engine's own
 * function.
 *
 * The input is one JSON document, or several as NDJSON: then each line has its answer, a statement
 * or an error, in their order.
 */
import { dirname } from "node:path";
import { parseBookText } from "../../config/book.ts";
import { termsHash } from "../../config/terms.ts";
import { RiskError } from "../../core/errors.ts";
import { offlineStatement } from "../../core/margin/offline.ts";
import { readInput } from "./input.ts";
import { statementTable } from "./statement-table.ts";
import type { FlagValues, Verb } from "./verb.ts";

export const marginVerb: Verb = {
  name: "margin",
  usage: "BOOK.json|-",
  summary: "margin of a book document, or of one on each line, as a statement",
  flags: ["terms", "json", "raw"],
  positionals: [1, 1],
  example: "slidewire margin book.json --terms deribit-pm --json --raw",
  run: margin,
};

async function margin(flags: FlagValues): Promise<number> {
  const name = flags.positional[0]!;
  const text = readInput(name);
  const answer = (book: string) => statementOf(book, name, flags);
  const lines = bookLines(text);
  if (lines === undefined) {
    process.stdout.write(shown(answer(text), flags));
    return 0;
  }
  let code = 0;
  for (const [at, line] of lines) {
    try {
      process.stdout.write(shown(answer(line), flags));
    } catch (error) {
      if (!(error instanceof RiskError) || error.kind === "fault") throw error;
      process.stdout.write(`${JSON.stringify({ error: error.body(), line: at })}\n`);
      code = 2;
    }
  }
  return code;
}

/** Numbered lines when every book has its own; undefined when the text is one document. */
function bookLines(text: string): [number, string][] | undefined {
  if (isObject(text)) return undefined;
  const lines = text
    .split("\n")
    .map((line, i): [number, string] => [i + 1, line])
    .filter(([, line]) => line.trim() !== "");
  return lines.length > 1 && lines.some(([, line]) => isObject(line)) ? lines : undefined;
}

function isObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return value !== null && typeof value === "object" && !Array.isArray(value);
  } catch {
    return false;
  }
}

function statementOf(text: string, name: string, flags: FlagValues) {
  const named = flags.text("terms");
  const { book, terms } = parseBookText(text, {
    termsFrom: name === "-" || named !== undefined ? process.cwd() : dirname(name),
    ...(named === undefined ? {} : { terms: named }),
  });
  const { document, raw } = offlineStatement(book, terms, termsHash(terms));
  return flags.has("raw") ? { ...document, raw } : document;
}

function shown(statement: ReturnType<typeof statementOf>, flags: FlagValues): string {
  if (flags.has("json") || flags.has("raw")) return `${JSON.stringify(statement)}\n`;
  return statementTable(statement);
}
