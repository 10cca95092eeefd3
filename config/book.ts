/**
 * Parses a book document: its shape first, then what its fields mean together.
 *
 * Every reference must be listed, every combination supported; what the market does not know (an
 * option without vol and mark, a future without mark) is not an error but stays absent, and the leg
 * makes its account incomplete. What is not said has one documented default and never a silent
 * zero:
 *
 *      terms                      slidewire
 *      settlement                 linear
 *      settleCurrency             USD; the coin of the underlying when inverse
 *      an option's forward        the index
 *      confidence, peg            1
 *      rate, fundingRate          0
 *      entryPrice and P&L absent  entered at the mark
 *      null                       the same as absent
 */
import type { Book, Market, PublishedRange } from "../core/book.ts";
import { check, join } from "../core/check.ts";
import { RiskError } from "../core/errors.ts";
import { stages, type Terms, termsOf, type UnderlyingTerms } from "../core/terms.ts";
import { parseAccount } from "./account.ts";
import { parseDocument } from "./document.ts";
import { epochMs } from "./instant.ts";
import { parseInstrument } from "./instrument.ts";
import { DEFAULT_TERMS } from "./presets.ts";
import { unlisted } from "./references.ts";
import { type BookDocument, bookShape, type GridDocument } from "./schema/book.ts";
import { loadTerms } from "./terms.ts";

export interface BookOptions {
  /** Folder that paths of terms start from; without it only presets and inline terms are found. */
  readonly termsFrom?: string;
  /** Terms that stand in place of the book's own: a name, a path or a document. */
  readonly terms?: unknown;
}

export interface ParsedBook {
  readonly book: Book;
  readonly terms: Terms;
}

/**
 * A checked book with its terms.
 *
 * @throws RiskError with path, expected and found for whatever the document gets wrong
 */
export function parseBook(document: unknown, options: BookOptions = {}): ParsedBook {
  const checked = check(bookShape, document);
  const terms = termsFor(checked, options);
  const market = parseMarket(checked, terms);
  const account = parseAccount(checked.account, market, terms.numeraire);
  return { book: { market, account }, terms };
}

/** The same from JSON text. @throws RiskError also `malformed_json` and `limit_exceeded` */
export function parseBookText(text: string, options: BookOptions = {}): ParsedBook {
  return parseBook(parseDocument(text, "book"), options);
}

function termsFor({ terms }: BookDocument, options: BookOptions): Terms {
  const from = options.termsFrom === undefined ? {} : { from: options.termsFrom };
  if (options.terms !== undefined) return loadTerms(options.terms, from);
  return loadTerms(terms ?? DEFAULT_TERMS, { ...from, path: "terms" });
}

function parseMarket({ asOf, market }: BookDocument, terms: Terms): Market {
  const asOfMs = asOf === undefined ? undefined : epochMs(asOf, "asOf");
  const underlyings = byId(market.underlyings);
  return {
    asOfMs: asOfMs ?? 0,
    underlyings,
    currencies: byId(market.currencies),
    instruments: new Map(
      Object.entries(market.instruments).map(([id, one]) => [id, parseInstrument(id, one, asOfMs)]),
    ),
    ranges: new Map(
      Object.entries(market.grids).map(([id, grid]) => {
        const path = join("market.grids", id);
        const underlying = underlyings.get(id);
        if (underlying === undefined) throw unlisted("unknown_underlying", path, id);
        return [id, parseRange(grid, termsOf(terms, id, underlying.assetClass), path)];
      }),
    ),
    credits: market.credits,
  };
}

const byId = <T extends object>(entries: Readonly<Record<string, T>>) =>
  new Map(Object.entries(entries).map(([id, one]) => [id, { id, ...one }]));

function parseRange(
  { initial, maintenance = initial, volScale, state, evidence }: GridDocument,
  { scenarios, regime }: UnderlyingTerms,
  path: string,
): PublishedRange {
  const slideRange = { initial: initial.slideRange, maintenance: maintenance.slideRange };
  const onLadder = scenarios.rows === null && scenarios.recipe === "ladder";
  const obeyed = regime.mode === "replace" || regime.mode === "floor";
  for (const stage of stages) {
    if (onLadder && obeyed && slideRange[stage] > scenarios.ladder.max) {
      throw new RiskError("out_of_bounds", {
        path: `${path}.${stage}.slideRange`,
        expected: `at most the ladder's ${scenarios.ladder.max}`,
        found: String(slideRange[stage]),
      });
    }
  }
  return {
    slideRange,
    volScale,
    ...(state === undefined ? {} : { state }),
    ...(evidence === undefined ? {} : { evidence }),
  };
}
