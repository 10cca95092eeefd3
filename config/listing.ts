/**
 * What a market lists, from a document of its own or from the market of a book.
 *
 *      {"slidewire": "listing/1", "underlyings": …, "currencies": …, "instruments": …}
 *      {"slidewire": "book/1", "market": {…}, …}
 *
 * Only static facts are read: marks and vols that stand in a book are not.
 */
import { check, isTree } from "../core/check.ts";
import { RiskError } from "../core/errors.ts";
import type { Instrument, Listing } from "../core/instrument.ts";
import { parseInstrument } from "./instrument.ts";
import { bookShape, type InstrumentDocument, listingShape } from "./schema/book.ts";

/** Where instants of a listing are counted from: none is left of what has no `asOf`. */
const NO_TIME = 0;

const isBook = (document: unknown): boolean =>
  isTree(document) && document["slidewire"] === "book/1";

/** @throws RiskError with path, expected and found for whatever the document gets wrong */
export function parseListing(document: unknown): Listing {
  const market = isBook(document)
    ? check(bookShape, document).market
    : check(listingShape, document);
  const underlyings = Object.entries(market.underlyings).map(([id, { assetClass }]) => ({
    id,
    assetClass,
  }));
  const currencies = Object.entries(market.currencies).map(([id, { underlying }]) =>
    underlying === undefined ? { id } : { id, underlying },
  );
  const known = new Set(underlyings.map(({ id }) => id));
  const instruments = Object.entries(market.instruments).map(([id, one]) => listed(id, one, known));
  return { underlyings, currencies, instruments };
}

/** Who marks what a listing lists. */
export interface ListedSources {
  /** Each name once; empty: the document declares none. */
  readonly sources: readonly ListedSource[];
  /** Whether one of them is enough. */
  readonly trusted: boolean;
}

export interface ListedSource {
  readonly name: string;
  /** The key that alone may speak for it. */
  readonly keyId?: string;
  /** Ed25519, 64 hex digits: it signs what it says. */
  readonly publicKey?: string;
}

/**
 * The sources that a listing declares; a book declares none.
 *
 * @throws RiskError as `parseListing`; out_of_bounds for a name or a key twice
 */
export function parseSources(document: unknown): ListedSources {
  if (isBook(document)) return { sources: [], trusted: false };
  const { sources: said, trusted } = check(listingShape, document);
  const sources = said.map((one) => (typeof one === "string" ? { name: one } : one));
  refuseTwice(sources.map(({ name }) => name));
  refuseTwice(sources.flatMap(({ keyId }) => (keyId === undefined ? [] : [keyId])));
  return { sources, trusted };
}

function refuseTwice(names: readonly string[]): void {
  const found = names.find((name, i) => names.indexOf(name) !== i);
  if (found === undefined) return;
  throw new RiskError("out_of_bounds", { path: "sources", expected: "each name once", found });
}

function listed(id: string, document: InstrumentDocument, known: ReadonlySet<string>): Instrument {
  const { spec } = parseInstrument(id, document, NO_TIME);
  if (known.has(spec.underlying)) return spec;
  throw new RiskError("unknown_underlying", {
    path: `instruments.${id}.underlying`,
    expected: "one of the listing's underlyings",
    found: spec.underlying,
  });
}
