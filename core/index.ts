/**
 * The door of core: the arithmetic of margin, usable without a gateway.
 *
 * In reading order: what can be held and what the market says of it, terms and books, the price of
 * an option, the margin of an account, and the engine that keeps it live by folding Turns.
 *
 * @example
 * import { offlineStatement } from "slidewire/core";
 * import { parseBook, termsHash } from "slidewire/config";
 * const { book, terms } = parseBook(document);
 * console.log(offlineStatement(book, terms, termsHash(terms)).document.initialMargin);
 */

export type * from "./book.ts";
export { canonicalJson } from "./canonical.ts";
export type { Command } from "./engine/command.ts";
export { type Engine, type LiveMargin, openEngine } from "./engine/engine.ts";
export { type EngineState, emptyState } from "./engine/state.ts";
export { encodeTurn, type Turn } from "./engine/turn.ts";
export { type ErrorBody, type ErrorCode, type ErrorKind, errorTable, RiskError } from "./errors.ts";
export type * from "./instrument.ts";
export { type AccountMargin, accountMargin, headroom } from "./margin/account.ts";
export { type MarginContext, marginContext } from "./margin/context.ts";
export type { ExplainLine } from "./margin/explain.ts";
export { explain } from "./margin/explain.ts";
export { type LiquidationPrice, liquidationPrice } from "./margin/liquidation-price.ts";
export { type OfflineStatement, offlineStatement } from "./margin/offline.ts";
export { type Numeraire, numeraireOf } from "./margin/prices.ts";
export { type Status, statuses } from "./margin/status.ts";
export type { IndexBar, Mark } from "./mark.ts";
export { formatExact, parseExact, roundDown, roundUp } from "./money.ts";
export { black, optionValue } from "./pricing/black76.ts";
export { optionGreeks, type PricedGreeks } from "./pricing/greeks.ts";
export { impliedVol, type PricedOption } from "./pricing/implied.ts";
export { cdf, pdf } from "./pricing/normal.ts";
export type { OptionInput, OptionTerms } from "./pricing/option.ts";
export { type Surface, smileAt, smileVol } from "./pricing/surface.ts";
export type * from "./terms.ts";
