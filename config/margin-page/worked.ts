/**
 * A book of config/cases with everything that the engine makes of it: what the page shows parts of.
 */
import { readFileSync } from "node:fs";
import type { Book } from "../../core/book.ts";
import { type AccountMargin, accountMargin } from "../../core/margin/account.ts";
import { type MarginContext, marginContext } from "../../core/margin/context.ts";
import { offlineStatement } from "../../core/margin/offline.ts";
import { numeraireOf } from "../../core/margin/prices.ts";
import type { Staged, Terms } from "../../core/terms.ts";
import { parseBook } from "../book.ts";
import { termsHash } from "../terms.ts";

export interface Worked {
  readonly book: Book;
  readonly terms: Terms;
  readonly context: MarginContext;
  readonly margin: AccountMargin;
  /** The statement in float64. */
  readonly raw: Statement;
  /** The statement with amounts as decimal strings. */
  readonly document: Statement<string>;
}

/** What the page reads of a statement. */
export interface Statement<Amount = number> {
  readonly initialMargin: Amount;
  readonly maintenanceMargin: Amount;
  readonly equity: StagedOf<Amount>;
  readonly headroom: StagedOf<Amount>;
  readonly collateral: StagedOf<Amount>;
  readonly collateralValue: Amount;
  readonly optionValue: Amount;
  readonly unrealisedPnl: Amount;
  readonly unrealisedFunding: Amount;
  readonly perUnderlying: readonly {
    readonly underlying: string;
    readonly scanningRisk: StagedOf<Amount>;
    readonly charges: Readonly<Record<string, StagedOf<Amount>>>;
  }[];
  readonly offsets: readonly {
    readonly credit: number;
    readonly initial: GroupOf<Amount>;
    readonly maintenance: GroupOf<Amount>;
  }[];
  readonly modes: Readonly<
    Record<string, { initialMargin: Amount; maintenanceMargin: Amount; capital: Amount }>
  >;
  readonly marginRatio: number;
  readonly capitalEfficiency: number;
  readonly status: string;
  readonly liquidationPrice: Readonly<Record<string, { up: number | null; down: number | null }>>;
}

type StagedOf<Amount> = { readonly [stage in keyof Staged]: Amount };

interface GroupOf<Amount> {
  readonly standaloneSum: Amount;
  readonly joint: { readonly loss: Amount };
  readonly requirement: Amount;
}

/** Text of a file in config/cases. */
export function caseText(file: string): string {
  return readFileSync(new URL(`../cases/${file}`, import.meta.url), "utf8");
}

/** Computes the book document `document`. */
export function work(document: unknown): Worked {
  const { book, terms } = parseBook(document);
  const context = marginContext(terms, book.market, numeraireOf(book, terms));
  const statement = offlineStatement(book, terms, termsHash(terms));
  return {
    book,
    terms,
    context,
    margin: accountMargin(context, book.account),
    raw: statement.raw as unknown as Statement,
    document: statement.document as unknown as Statement<string>,
  };
}
