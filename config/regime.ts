/**
 * The regime terms of each asset class, from their files.
 *
 * A file gives its numbers and, beside them, the reason for each; a class says only what differs
 * from the one that it extends. The reasons are for people, the regime is handed the numbers
 * alone.
 */
import type { AssetClass } from "../core/instrument.ts";
import { merge } from "../core/patch.ts";
import type { RegimeTerms } from "../regime/index.ts";
import bond from "./regime/bond.json" with { type: "json" };
import commodity from "./regime/commodity.json" with { type: "json" };
import crypto from "./regime/crypto.json" with { type: "json" };
import equity from "./regime/equity.json" with { type: "json" };
import fx from "./regime/fx.json" with { type: "json" };
import index from "./regime/index.json" with { type: "json" };
import stable from "./regime/stable.json" with { type: "json" };

interface RegimeDocument {
  /** The class that says what this one leaves out. */
  readonly extends?: string;
  readonly terms: unknown;
  /** Path of a number, or of a block, → why it is what it is. */
  readonly reasons: Readonly<Record<string, string>>;
}

const documents: Readonly<Record<AssetClass, RegimeDocument>> = {
  crypto,
  equity,
  index,
  bond,
  fx,
  commodity,
  stable,
};

/** The terms of an asset class, complete. */
export function regimeTerms(assetClass: AssetClass): RegimeTerms {
  return mergedTerms(assetClass) as RegimeTerms;
}

/** Why each number of a class is what it is, by its path in the terms; the nearest reason wins. */
export function regimeReasons(assetClass: AssetClass): Readonly<Record<string, string>> {
  const document = documents[assetClass];
  return {
    ...(isClass(document.extends) ? regimeReasons(document.extends) : {}),
    ...document.reasons,
  };
}

function mergedTerms(assetClass: AssetClass): unknown {
  const document = documents[assetClass];
  const base = isClass(document.extends) ? mergedTerms(document.extends) : {};
  return merge(base, document.terms);
}

function isClass(name: string | undefined): name is AssetClass {
  return name !== undefined && name in documents;
}
