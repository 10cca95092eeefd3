/**
 * The regime terms of each asset class, from their files.
 *
 * A file gives every number and, beside it, the reason for it; the reasons are for people and for
 * the printed table, the regime is handed the numbers alone.
 */
import { RiskError, shown } from "../core/errors.ts";
import type { AssetClass } from "../core/instrument.ts";
import type { RegimeTerms } from "../regime/index.ts";
import crypto from "./regime/crypto.json" with { type: "json" };

interface RegimeDocument {
  readonly terms: unknown;
  /** Path of a number or of a block → why it is what it is. */
  readonly reasons: Readonly<Record<string, string>>;
}

const documents: Partial<Record<AssetClass, RegimeDocument>> = { crypto };

/**
 * The terms of an asset class.
 *
 * @throws RiskError `unknown_terms` for a class that has no file
 */
export function regimeTerms(assetClass: AssetClass): RegimeTerms {
  return documentOf(assetClass).terms as RegimeTerms;
}

/** Why each number of a class is what it is, by its path in the terms. */
export function regimeReasons(assetClass: AssetClass): Readonly<Record<string, string>> {
  return documentOf(assetClass).reasons;
}

function documentOf(assetClass: AssetClass): RegimeDocument {
  const document = documents[assetClass];
  if (document !== undefined) return document;
  throw new RiskError("unknown_terms", { path: "assetClass", found: shown(assetClass) });
}
