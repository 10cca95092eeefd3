/**
 * A book by itself: the statement that anyone can compute again, without a gateway or a regime.
 */
import type { Book } from "../book.ts";
import type { Terms } from "../terms.ts";
import { accountMargin } from "./account.ts";
import { marginContext } from "./context.ts";
import { numeraireOf } from "./prices.ts";
import { statementDocument } from "./rounding.ts";
import { statementFigures, type Tree, wholeStatement, withLiquidation } from "./statement.ts";

export interface OfflineStatement {
  /** Amounts as decimal strings, rounded once. */
  readonly document: Tree;
  /** The same tree in float64. */
  readonly raw: Tree;
}

/**
 * The statement of `book` under `terms`.
 *
 * @param termsHash SHA-256 of the effective terms, hex
 * @throws RiskError for references and combinations that have no answer
 */
export function offlineStatement(book: Book, terms: Terms, termsHash: string): OfflineStatement {
  const context = marginContext(terms, book.market, numeraireOf(book, terms));
  const margin = accountMargin(context, book.account);
  const frame = {
    turn: null,
    termsHash,
    marks: { oldestAgeMs: null, stale: [], quarantined: [], state: "OK" as const },
    told: (underlying: string) => book.market.ranges.get(underlying),
  };
  const figures = statementFigures(context, margin, frame);
  const raw = wholeStatement(withLiquidation(figures, book, margin, terms), margin, frame);
  return { document: statementDocument(raw, terms.step), raw };
}
