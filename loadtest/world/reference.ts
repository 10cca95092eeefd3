/**
 * The slow reference of a live margin: the account's book, exported as text, read back, and
 * margined from nothing else.
 *
 * It shares the arithmetic of one margin with the engine, which has slow twins of its own beside
 * it, and nothing of what keeps margins in step with Turns: no kept risk arrays, no forwards
 * carried from mark to mark, no notion of which account a mark concerns. That is where a restart or
 * a lost mark would show.
 */
import { parseBookText } from "../../config/book.ts";
import { bookDocument } from "../../config/book-document.ts";
import { effectiveDocument } from "../../config/terms.ts";
import { bookOf } from "../../core/engine/account-book.ts";
import type { Engine } from "../../core/engine/engine.ts";
import { accountMargin } from "../../core/margin/account.ts";
import { marginContext } from "../../core/margin/context.ts";
import { numeraireOf } from "../../core/margin/prices.ts";

/** Largest relative gap of requirements and equities; undefined: the account has no margin yet. */
export function referenceGap(engine: Engine, id: string): number | undefined {
  const { state } = engine;
  const account = state.accounts.get(id);
  const live = engine.margin(id);
  if (account === undefined || live === undefined || engine.missing(id).length > 0)
    return undefined;
  const exported = bookDocument(bookOf(state, account), effectiveDocument(state.terms));
  const { book, terms } = parseBookText(JSON.stringify(exported));
  const context = marginContext(terms, book.market, numeraireOf(book, terms));
  const slow = accountMargin(context, book.account);
  const gaps = (["requirement", "equity"] as const).flatMap((name) =>
    (["initial", "maintenance"] as const).map((stage) =>
      gap(live.margin[name][stage], slow[name][stage]),
    ),
  );
  return Math.max(...gaps);
}

const gap = (a: number, b: number): number => Math.abs(a - b) / Math.max(1, Math.abs(b));
