/**
 * One instrument of a book document: which fields its kind has, and which combinations there are.
 *
 *      kind        besides underlying, contractSize, mark
 *      option      right, strike, expiry; vol (or mark), forward, forwardFixed, rate
 *      future      expiry (a future without one is legal)
 *      perpetual   fundingRate
 *      bond        quote, modifiedDuration, convexity; expiry is its maturity
 *
 * With `riskArrays` nothing is priced, so only kind and underlying are asked for.
 */
import type { MarketInstrument } from "../core/book.ts";
import { join } from "../core/check.ts";
import { RiskError, shown } from "../core/errors.ts";
import type { Instrument, InstrumentKind } from "../core/instrument.ts";
import { epochMs } from "./instant.ts";
import type { InstrumentDocument } from "./schema/book.ts";

/** Fields that only some kinds have. */
const fieldsOfKinds = {
  right: ["option"],
  strike: ["option"],
  vol: ["option"],
  forward: ["option"],
  forwardFixed: ["option"],
  quote: ["bond"],
  modifiedDuration: ["bond"],
  convexity: ["bond"],
  expiry: ["option", "future", "bond"],
  secondsToExpiry: ["option", "future", "bond"],
} as const satisfies Partial<Record<keyof InstrumentDocument, readonly InstrumentKind[]>>;

/**
 * What it refers to (underlying, currency) is looked up only when the account touches it.
 *
 * @param asOfMs undefined where the book names no time: then nothing may expire
 * @throws RiskError with the path inside `market.instruments`
 */
export function parseInstrument(
  id: string,
  document: InstrumentDocument,
  asOfMs: number | undefined,
): MarketInstrument {
  const path = join("market.instruments", id);
  refuseForeignFields(document, path);
  const spec: Instrument = {
    id,
    kind: document.kind,
    underlying: document.underlying,
    settlement: document.settlement,
    settleCurrency: settleCurrencyOf(document, path),
    contractSize: contractSizeOf(document, path),
    ...expiryOf(document, asOfMs, path),
    ...optionOf(document, path),
    ...present(document, ["quote", "modifiedDuration", "convexity"]),
    ...(document.riskArrays === undefined ? {} : { riskArray: document.riskArrays }),
  };
  return {
    spec,
    ...markOf(document, path),
    ...present(document, ["vol", "forward"]),
    ...fixedOf(document, path),
    rate: document.rate,
    fundingRate: document.fundingRate,
    confidence: document.confidence,
    forwardConfidence: document.forwardConfidence,
    volConfidence: document.volConfidence,
    rateConfidence: document.rateConfidence,
  };
}

function refuseForeignFields(document: InstrumentDocument, path: string): void {
  for (const [name, kinds] of Object.entries(fieldsOfKinds)) {
    const given = document[name as keyof typeof fieldsOfKinds] !== undefined;
    if (given && !(kinds as readonly string[]).includes(document.kind)) {
      throw new RiskError("unknown_key", {
        path: `${path}.${name}`,
        expected: `only on kind ${kinds.join(" or ")}`,
        found: document.kind,
      });
    }
  }
}

/** The coin when inverse, USD when not; another coin would be a quanto. */
function settleCurrencyOf(document: InstrumentDocument, path: string): string {
  const { kind, underlying, settlement, settleCurrency } = document;
  if (settlement === "linear") return settleCurrency ?? "USD";
  if (kind === "spot" || kind === "bond" || kind === "fx") {
    throw unsupported(`${path}.settlement`, `linear for kind ${kind}`, settlement);
  }
  if (settleCurrency === undefined || settleCurrency === underlying) return underlying;
  throw unsupported(`${path}.settleCurrency`, `the coin ${underlying}, no quanto`, settleCurrency);
}

function contractSizeOf({ contractSize, riskArrays }: InstrumentDocument, path: string): number {
  if (contractSize !== undefined) return contractSize;
  if (riskArrays !== undefined) return 1;
  throw missing(`${path}.contractSize`, "a number above 0");
}

function expiryOf(
  { kind, expiry, secondsToExpiry, riskArrays }: InstrumentDocument,
  asOfMs: number | undefined,
  path: string,
): Pick<Instrument, "expiryMs" | "secondsToExpiry"> {
  if (expiry !== undefined && secondsToExpiry !== undefined) {
    throw unsupported(`${path}.secondsToExpiry`, "expiry or secondsToExpiry, not both", "both");
  }
  if (secondsToExpiry !== undefined) return { secondsToExpiry };
  if (expiry !== undefined) {
    if (asOfMs === undefined) throw missing("asOf", "an instant, because an expiry counts from it");
    return { expiryMs: epochMs(expiry, `${path}.expiry`) };
  }
  if (kind === "option" && riskArrays === undefined) {
    throw missing(`${path}.expiry`, "expiry or secondsToExpiry");
  }
  return {};
}

function optionOf(
  document: InstrumentDocument,
  path: string,
): Pick<Instrument, "right" | "strike"> {
  if (document.kind === "option" && document.riskArrays === undefined) {
    if (document.right === undefined) throw missing(`${path}.right`, "call | put");
    if (document.strike === undefined) throw missing(`${path}.strike`, "a number of at least 0");
  }
  return present(document, ["right", "strike"]);
}

/** Only an option may be worth nothing. */
function markOf({ kind, mark }: InstrumentDocument, path: string): { readonly mark?: number } {
  if (mark === undefined) return {};
  if (mark > 0 || kind === "option") return { mark };
  throw new RiskError("out_of_bounds", {
    path: `${path}.mark`,
    expected: "a price above 0",
    found: String(mark),
  });
}

function fixedOf(document: InstrumentDocument, path: string): { readonly forwardFixed?: number } {
  const { forward, forwardFixed } = document;
  if (forwardFixed === undefined) return {};
  if (forward === undefined) throw missing(`${path}.forward`, "the forward it is part of");
  if (forwardFixed <= forward) return { forwardFixed };
  throw new RiskError("out_of_bounds", {
    path: `${path}.forwardFixed`,
    expected: `at most the forward, ${forward}`,
    found: String(forwardFixed),
  });
}

/** Those of `names` that the document has. */
function present<T extends object, K extends keyof T>(
  document: T,
  names: readonly K[],
): { readonly [P in K]?: NonNullable<T[P]> } {
  const given = names.filter((name) => document[name] !== undefined);
  return Object.fromEntries(given.map((name) => [name, document[name]])) as {
    readonly [P in K]?: NonNullable<T[P]>;
  };
}

const missing = (path: string, expected: string) =>
  new RiskError("missing_field", { path, expected, found: "nothing" });

const unsupported = (path: string, expected: string, found: string) =>
  new RiskError("unsupported", { path, expected, found: shown(found) });
