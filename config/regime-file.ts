/**
 * Regime terms from outside: the name of an asset class, or a document that says what differs.
 *
 *      {"slidewire": "regime-terms/1", "extends": "crypto", "terms": {"scale": {"damping": 0.5}}}
 *      {"scale": {"damping": 0.5}}                       over the terms that it is handed with
 *      {"scale.damping": 0.5}                            the same, as live tuning names parameters
 */
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { check, isTree } from "../core/check.ts";
import { RiskError, shown } from "../core/errors.ts";
import { type AssetClass, assetClasses } from "../core/instrument.ts";
import { merge } from "../core/patch.ts";
import type { RegimeTerms } from "../regime/index.ts";
import { parseDocument } from "./document.ts";
import { regimeTerms } from "./regime.ts";
import { regimeFileShape, regimePatchShape, regimeShape } from "./schema/regime.ts";

/** No class may be tuned to a floor below this, unless its own floor is lower. */
export const FLOOR_MIN = 0.03;

/**
 * The terms that `ref` names: of an asset class, or of a file laid over `base` (over the class that
 * the file extends, where it says one).
 *
 * @throws RiskError `unknown_terms` when there is neither, or what {@link patchedRegime} refuses
 */
export function loadRegimeTerms(ref: string, base: RegimeTerms): RegimeTerms {
  const assetClass = assetClasses.find((name) => name === ref);
  if (assetClass !== undefined) return regimeTerms(assetClass);
  const terms = parsedRegime(parseDocument(textOf(ref), ref), base, ref);
  // A file that says no version of its own is not the class's version.
  const version = `${terms.version}+${basename(ref, ".json")}`.slice(0, 64);
  return regimeTerms(terms.assetClass).version === terms.version ? { ...terms, version } : terms;
}

/** A document of either form over `base`; `path` stands before every path in an error. */
export function parsedRegime(document: unknown, base: RegimeTerms, path = ""): RegimeTerms {
  const isFile = isTree(document) && ("terms" in document || "slidewire" in document);
  if (!isFile) return patchedRegime(base, unfolded(document, path), path);
  const { extends: parent, terms } = check(
    regimeFileShape,
    { ...document, terms: unfolded(document["terms"], join(path, "terms")) },
    path,
  );
  return patchedRegime(
    parent === undefined ? base : regimeTerms(parent as AssetClass),
    terms,
    path,
  );
}

/** A patch whose keys may be paths: each level of a path is an object. */
function unfolded(patch: unknown, path: string): unknown {
  if (!isTree(patch)) return patch;
  return Object.entries(patch).reduce<unknown>((whole, [key, value]) => {
    const part = key.split(".").reduceRight<unknown>((inner, name) => ({ [name]: inner }), value);
    return joined(whole, part, path);
  }, {});
}

/**
 * Both patches as one; null stays said.
 *
 * @throws RiskError `terms_invalid` where they say two things of one parameter
 */
function joined(first: unknown, second: unknown, path: string): unknown {
  if (!isTree(first) || !isTree(second)) {
    if (JSON.stringify(first) === JSON.stringify(second)) return second;
    throw new RiskError("terms_invalid", {
      path,
      expected: "each parameter once",
      found: `${shown(first)} and ${shown(second)}`,
    });
  }
  const names = new Set([...Object.keys(first), ...Object.keys(second)]);
  return Object.fromEntries(
    [...names].map((name) => {
      if (!Object.hasOwn(second, name)) return [name, first[name]];
      if (!Object.hasOwn(first, name)) return [name, second[name]];
      return [name, joined(first[name], second[name], join(path, name))];
    }),
  );
}

/**
 * `base` with what `patch` says, complete and without contradictions.
 *
 * @throws RiskError `out_of_bounds`, `unknown_key`, `wrong_type`, `missing_field` with the path of
 * the parameter, or `terms_invalid` where two of them contradict each other
 */
export function patchedRegime(base: RegimeTerms, patch: unknown, path = ""): RegimeTerms {
  const checked = check(regimePatchShape, patch, path);
  const terms = check(regimeShape, merge(base, checked), path) as RegimeTerms;
  const floor = Math.min(FLOOR_MIN, base.range.min);
  for (const [wrong, name, expected] of contradictions(terms, floor)) {
    if (wrong) throw new RiskError("terms_invalid", { path: join(path, name), expected });
  }
  return terms;
}

type Contradiction = readonly [wrong: boolean, path: string, expected: string];

function contradictions(terms: RegimeTerms, floor: number): readonly Contradiction[] {
  const { range, prior, level, kurtosis, scale, label } = terms;
  const perUnit = 1 / range.step;
  const perVol = 1 / terms.volScale.step;
  return [
    [range.min < floor, "range.min", `at least ${floor}`],
    [range.min >= range.max, "range.min", "below range.max"],
    [!isWhole(perUnit), "range.step", "the inverse of a whole number"],
    [!isWhole(perVol), "volScale.step", "the inverse of a whole number"],
    [prior.range < range.min || prior.range > range.max, "prior.range", "within range"],
    [level.min >= level.max, "level.min", "below level.max"],
    [prior.level < level.min || prior.level > level.max, "prior.level", "within level"],
    [level.minimumYears > level.lookbackYears, "level.minimumYears", "at most the lookback"],
    [scale.fastHours >= 24 * scale.slowDays, "scale.fastHours", "shorter than scale.slowDays"],
    [!ascending(kurtosis.knots.map((one) => one.returnHours)), "kurtosis.knots", "ascending"],
    [
      kurtosis.knots.some(({ ordinary, heavy }) => heavy <= ordinary),
      "kurtosis.knots",
      "heavy above ordinary",
    ],
    [!ascending([label.normal, label.elevated, label.stress]), "label", "ascending"],
  ];
}

const isWhole = (x: number): boolean => Math.abs(x - Math.round(x)) < 1e-6;
const ascending = (xs: readonly number[]): boolean => xs.every((x, i) => i === 0 || x > xs[i - 1]!);
const join = (path: string, name: string): string => (path === "" ? name : `${path}.${name}`);

function textOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new RiskError("unknown_terms", {
      path: "--terms",
      expected: `${assetClasses.join(" | ")}, or the path of a JSON file`,
      found: `${file}: ${(error as NodeJS.ErrnoException).code}`,
    });
  }
}
