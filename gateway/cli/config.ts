/**
 * `slidewire config print|check|terms`: effective terms as one document, a document held against
 * its shape, and the table of every term.
 */
import { dirname } from "node:path";
import { parseBook } from "../../config/book.ts";
import { parseDocument } from "../../config/document.ts";
import { DEFAULT_TERMS } from "../../config/presets.ts";
import { effectiveDocument, loadTerms, termsHash } from "../../config/terms.ts";
import { type TermRow, termRows } from "../../config/terms-table.ts";
import { isTree } from "../../core/check.ts";
import { RiskError, shown } from "../../core/errors.ts";
import type { Terms } from "../../core/terms.ts";
import { readInput } from "./input.ts";
import type { FlagValues, Verb } from "./verb.ts";

export const configVerb: Verb = {
  name: "config",
  usage: "print | check FILE.json|- | terms",
  summary: "print effective terms, check a terms or book file, list every term",
  flags: ["terms", "json"],
  positionals: [1, 2],
  example: "slidewire config print --terms deribit-pm",
  run: config,
};

async function config(flags: FlagValues): Promise<number> {
  process.stdout.write(`${answer(flags)}\n`);
  return 0;
}

function answer(flags: FlagValues): string {
  const [action, file] = flags.positional;
  const json = flags.has("json");
  if (action === "print" && file === undefined) return configPrint(flags.text("terms"), json);
  if (action === "terms" && file === undefined) return configTerms(json);
  if (action === "check" && file !== undefined) return configCheck(file, json);
  throw new RiskError("unknown_command", {
    path: `config ${action}`,
    expected: `config ${configVerb.usage}`,
    found: shown(flags.positional.join(" ")),
  });
}

/**
 * Effective terms of a preset or a file: a document that inherits nothing and loads to the same.
 */
export function configPrint(ref: string | undefined, json: boolean, from = process.cwd()): string {
  const terms = loadTerms(ref ?? DEFAULT_TERMS, { from });
  return JSON.stringify(effectiveDocument(terms), null, json ? 0 : 2);
}

/**
 * What a terms or book file is, when it is right.
 *
 * @throws RiskError for what is wrong with it, with its path
 */
export function configCheck(file: string, json: boolean): string {
  const document = parseDocument(readInput(file), file);
  const from = file === "-" ? process.cwd() : dirname(file);
  const kind = isTree(document) ? document["slidewire"] : undefined;
  if (kind === "book/1") {
    const { book, terms } = parseBook(document, { termsFrom: from });
    const { positions, openOrders } = book.account;
    const held = { positions: positions.length, openOrders: openOrders.length };
    return told(json, { kind, account: book.account.id, ...held, terms: identity(terms) });
  }
  if (kind === "terms/1") {
    return told(json, { kind, terms: identity(loadTerms(document, { from })) });
  }
  throw new RiskError("unknown_value", {
    path: "slidewire",
    expected: "book/1 | terms/1",
    found: shown(kind ?? "nothing"),
  });
}

interface Checked {
  readonly kind: string;
  readonly account?: string;
  readonly positions?: number;
  readonly openOrders?: number;
  readonly terms: { readonly name: string; readonly version: string; readonly hash: string };
}

const identity = (terms: Terms): Checked["terms"] => ({
  name: terms.name,
  version: terms.version,
  hash: termsHash(terms),
});

function told(json: boolean, checked: Checked): string {
  if (json) return JSON.stringify({ ok: true, ...checked });
  const { kind, account, positions, openOrders, terms } = checked;
  const book = account === undefined ? "" : `, account ${account}`;
  const held = positions === undefined ? "" : `, ${positions} positions, ${openOrders} orders`;
  return `ok: ${kind}${book}${held}, terms ${terms.name} ${terms.version}, hash ${terms.hash}`;
}

/** Every term with its bounds, what a live change may do, its default and its meaning. */
export function configTerms(json: boolean): string {
  const rows = termRows();
  return json ? JSON.stringify(rows) : rows.map(termLine).join("\n");
}

function termLine({ path, accepts, tunable, fallback, meaning }: TermRow): string {
  const live = tunable === undefined ? "fixed" : `live ${tunable.min} to ${tunable.max}`;
  const otherwise = fallback === undefined ? "" : `, default ${JSON.stringify(fallback)}`;
  return `${path}\n    ${accepts}, ${live}${otherwise}\n    ${meaning}`;
}
