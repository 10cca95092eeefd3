/**
 * The door of config: documents in, checked books, terms and settings out.
 *
 * In reading order: a book and its way back, the terms under it, what terms there are and what each
 * of them means, the schemas of the documents, the regime's parameters.
 */
export { type BookOptions, type ParsedBook, parseBook, parseBookText } from "./book.ts";
export { bookDocument } from "./book-document.ts";
export { parseDocument } from "./document.ts";
export { parseListing } from "./listing.ts";
export { DEFAULT_TERMS, presets } from "./presets.ts";
export { regimeReasons, regimeTerms } from "./regime.ts";
export { loadRegimeTerms, parsedRegime, patchedRegime } from "./regime-file.ts";
export { schemas } from "./schemas.ts";
export { effectiveDocument, type LoadOptions, loadTerms, termsHash } from "./terms.ts";
export { refuseUntunable, type TermRow, termRows } from "./terms-table.ts";
