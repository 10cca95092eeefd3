/** Reads the text of a document, a file or what was piped in, within limits of length and depth. */
import { parseJson } from "../core/parse-json.ts";

/** A book of 10,000 legs with its market is about 6 MB. */
export const DOCUMENT_CHARACTERS_MAX = 16 * 1024 * 1024;
export const DOCUMENT_DEPTH_MAX = 32;

/**
 * The value of `text`; `name` is what an error calls it.
 *
 * @throws RiskError `malformed_json`, `limit_exceeded`, `not_finite` or `unknown_key`, with the
 * line
 */
export function parseDocument(text: string, name = "document"): unknown {
  return parseJson(text, {
    depthMax: DOCUMENT_DEPTH_MAX,
    charactersMax: DOCUMENT_CHARACTERS_MAX,
    name,
  });
}
