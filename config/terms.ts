/**
 * Loads terms: a preset, a file or an object, laid over what it extends, completed and checked.
 *
 *      document ─ patch's shape ─▶ over its parent ─ defaults, bounds ─ contradictions ─▶ Terms
 *
 * A document that says `"extends": null` inherits nothing: what it does not name is off. One that
 * says nothing of it starts from the default terms, so that silence never means an empty margin.
 * Files are read only where the caller gives a folder to start from: a document that came over the
 * wire names presets and nothing else.
 */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { canonicalJson } from "../core/canonical.ts";
import { check, isTree, join } from "../core/check.ts";
import { RiskError, shown } from "../core/errors.ts";
import { differences, type Tree } from "../core/patch.ts";
import type { Terms, UnderlyingTerms } from "../core/terms.ts";
import { parseDocument } from "./document.ts";
import { laid, overlay } from "./layers.ts";
import { DEFAULT_TERMS, presets } from "./presets.ts";
import { patchShape, type TermsDocument, termsShape } from "./schema/terms.ts";
import { refuseContradictions } from "./terms-check.ts";
import { completed } from "./terms-complete.ts";

/** Longest chain of `extends`. */
export const EXTENDS_DEPTH_MAX = 8;

export interface LoadOptions {
  /** Folder that paths start from; without it only presets are found. */
  readonly from?: string;
  /** Put before every path in an error: `terms` for terms inside a book. */
  readonly path?: string;
}

/**
 * Effective terms of a preset's name, a path or a document.
 *
 * @throws RiskError `unknown_terms`, `terms_invalid`, or what the shape refuses
 */
export function loadTerms(ref: unknown, options: LoadOptions = {}): Terms {
  return settled(ref, () => {
    const merged = mergedDocument(ref, options, 0);
    const document = check(termsShape, completed(merged, options.path), options.path);
    refuseContradictions(document, merged, options.path ?? "");
    return compiled(document);
  });
}

/** Presets are immutable: each is worked out once. */
const settledPresets = new Map<string, Terms>();

function settled(ref: unknown, load: () => Terms): Terms {
  if (typeof ref !== "string" || !Object.hasOwn(presets, ref)) return load();
  const known = settledPresets.get(ref) ?? load();
  settledPresets.set(ref, known);
  return known;
}

function mergedDocument(ref: unknown, options: LoadOptions, depth: number): Tree {
  const path = options.path ?? "";
  if (depth > EXTENDS_DEPTH_MAX) {
    throw new RiskError("limit_exceeded", {
      path,
      expected: `a chain of at most ${EXTENDS_DEPTH_MAX}`,
      found: "a longer one, or a circle",
    });
  }
  const { document, from } = found(ref, options);
  const child = check(patchShape, document, path);
  const parent = child["extends"] === undefined ? DEFAULT_TERMS : child["extends"];
  if (parent === null) return overlay({}, child);
  const next = { ...(from === undefined ? {} : { from }), path: join(path, "extends") };
  return overlay(mergedDocument(parent, next, depth + 1), child);
}

interface Found {
  readonly document: unknown;
  /** Folder of the file, for what it extends. */
  readonly from: string | undefined;
}

function found(ref: unknown, { from, path = "terms" }: LoadOptions): Found {
  if (isTree(ref)) return { document: ref, from };
  if (typeof ref !== "string") {
    throw new RiskError("wrong_type", {
      path,
      expected: "name of a preset, path of a file, or terms document",
      found: shown(ref),
    });
  }
  if (Object.hasOwn(presets, ref)) return { document: presets[ref], from: undefined };
  if (from === undefined) throw unknownTerms(ref, path);
  const file = resolve(from, ref);
  return { document: parseDocument(readTerms(file, ref, path), ref), from: dirname(file) };
}

function readTerms(file: string, ref: string, path: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    throw unknownTerms(ref, path);
  }
}

function unknownTerms(ref: string, path: string): RiskError {
  return new RiskError("unknown_terms", {
    path,
    expected: `${Object.keys(presets).join(" | ")}, or the path of a terms file`,
    found: shown(ref),
  });
}

function compiled(document: TermsDocument): Terms {
  const { perUnderlying, assetClasses, slidewire: _kind, method: _method, ...rest } = document;
  const each = (entries: TermsDocument["perUnderlying"]) =>
    Object.fromEntries(Object.entries(entries).map(([name, one]) => [name, underlying(one)]));
  return {
    ...rest,
    perUnderlying: each(perUnderlying),
    perAssetClass: Object.fromEntries(
      Object.entries(assetClasses).map(([name, entries]) => [name, each(entries)]),
    ),
  };
}

function underlying(document: TermsDocument["perUnderlying"][string]): UnderlyingTerms {
  const { vol } = document;
  return { ...document, vol: Array.isArray(vol) ? vol : [vol as UnderlyingTerms["vol"][number]] };
}

/**
 * The terms as a document that inherits nothing: `*` complete, everything else as its differences.
 * Loading it gives the same terms and the same hash.
 */
export function effectiveDocument(terms: Terms): Tree {
  const { perUnderlying, perAssetClass, collateral, ...rest } = terms;
  const plain = perUnderlying as unknown as Entries;
  const classes = Object.entries(perAssetClass as unknown as Readonly<Record<string, Entries>>);
  return {
    slidewire: "terms/1",
    ...rest,
    extends: null,
    method: "slides",
    perUnderlying: entryDifferences(plain),
    assetClasses: Object.fromEntries(
      classes.map(([name, entries]) => [name, classDifferences(plain, entries)]),
    ),
    collateral: entryDifferences(collateral as unknown as Entries),
  };
}

type Entries = Readonly<Record<string, Tree>>;

function entryDifferences(entries: Entries): Tree {
  const base = entries["*"] ?? {};
  return Object.fromEntries(
    Object.entries(entries).map(([name, one]) => [
      name,
      name === "*" ? one : differences(base, one),
    ]),
  );
}

/**
 * `*` of a class differs from the plain `*`; its names from what they would be without the class.
 */
function classDifferences(plain: Entries, entries: Entries): Tree {
  const base = plain["*"]!;
  const ofClass = differences(base, entries["*"] ?? base);
  const before = (name: string) => {
    const own = plain[name];
    return laid(base, own === undefined ? [ofClass] : [ofClass, differences(base, own)]);
  };
  const all = Object.entries(entries).map(
    ([name, one]) => [name, name === "*" ? ofClass : differences(before(name), one)] as const,
  );
  return Object.fromEntries(all.filter(([, patch]) => Object.keys(patch).length > 0));
}

/** SHA-256 (hex) of the canonical JSON of the effective document. */
export function termsHash(terms: Terms): string {
  const known = hashes.get(terms);
  if (known !== undefined) return known;
  const hash = createHash("sha256")
    .update(canonicalJson(effectiveDocument(terms)))
    .digest("hex");
  hashes.set(terms, hash);
  return hash;
}

const hashes = new WeakMap<Terms, string>();
