/**
 * The terms that may be changed while a regime runs, and what it can fold at all.
 *
 * Only numbers that steer estimators and limits are here: a change of any of them leaves what is
 * published where it stands. What the shape of the state or the rounding hangs on (calendar,
 * windows of returns, notice, steps) and what was assumed before there was a history is fixed. How
 * far a class may go is its own file's to say (config/regime/); these bounds are what the
 * arithmetic bears.
 */
import { RiskError, shown } from "../core/errors.ts";
import type { RegimeTerms } from "./terms.ts";

/** Least and most of a number, or the words of a choice. */
export type TermBounds = readonly [number, number] | readonly string[];

export const tunableTerms = {
  coverage: [0.9, 0.9999],
  "scale.estimator": ["damped", "har"],
  "scale.fastHours": [1, 720],
  "scale.slowDays": [10, 3_650],
  "scale.damping": [0.01, 1],
  "scale.winsor": [2, 1_000],
  "level.mode": ["fhs", "track"],
  "level.lookbackYears": [1, 20],
  "level.gain": [0.001, 1],
  "kurtosis.low": [0.5, 1],
  "kurtosis.high": [1, 2],
  "publisher.upPerTwoHours": [0.001, 2],
  "publisher.upPerDay": [0.001, 5],
  "publisher.downPerDay": [0.001, 0.9],
  "publisher.dwellHours": [0.05, 8_760],
  "publisher.deadBandUp": [0, 0.5],
  "publisher.deadBandDown": [0, 0.5],
  "range.min": [0.005, 0.88],
  "range.max": [0.005, 0.88],
} as const satisfies Readonly<Record<string, TermBounds>>;

export type TunablePath = keyof typeof tunableTerms;
export const tunablePaths = Object.keys(tunableTerms) as readonly TunablePath[];

export interface TermChange {
  readonly path: string;
  readonly before: number | string;
  readonly after: number | string;
}

/** The term at `path`; undefined where the path is none that may be changed. */
export function termAt(terms: RegimeTerms, path: string): number | string | undefined {
  if (!isTunable(path)) return undefined;
  let value: unknown = terms;
  for (const name of path.split(".")) value = Reflect.get(value as object, name);
  return value as number | string;
}

/** What turns `before` into `after`, in the order of the table. */
export function termChanges(before: RegimeTerms, after: RegimeTerms): TermChange[] {
  return tunablePaths
    .map((path) => ({ path, before: termAt(before, path)!, after: termAt(after, path)! }))
    .filter((change) => change.before !== change.after);
}

/**
 * The terms with these changes; `terms` stays as it was.
 *
 * @throws RiskError unknown_key, conflict when a term is not what it is said to be, out_of_bounds,
 * unknown_value or terms_invalid
 */
export function changedTerms(terms: RegimeTerms, changes: readonly TermChange[]): RegimeTerms {
  let changed = terms;
  for (const change of changes) changed = withTerm(changed, change);
  refuseContradictions(changed);
  return changed;
}

function withTerm(terms: RegimeTerms, { path, before, after }: TermChange): RegimeTerms {
  const now = termAt(terms, path);
  if (now === undefined)
    throw new RiskError("unknown_key", { path, expected: tunablePaths.join(", ") });
  if (now !== before)
    throw new RiskError("conflict", { path, expected: String(now), found: shown(before) });
  refuseOutside(path, tunableTerms[path as TunablePath], after);
  const [block, name] = path.split(".") as [keyof RegimeTerms, string?];
  if (name === undefined) return { ...terms, [block]: after };
  return { ...terms, [block]: { ...(terms[block] as object), [name]: after } };
}

/** @throws RiskError wrong_type, not_finite, out_of_bounds or unknown_value */
export function refuseOutside(path: string, bounds: TermBounds, value: unknown): void {
  const [min, max] = bounds as readonly (string | number)[];
  if (typeof min !== "number" || typeof max !== "number") {
    if ((bounds as readonly unknown[]).includes(value)) return;
    throw new RiskError("unknown_value", {
      path,
      expected: bounds.join(" | "),
      found: shown(value),
    });
  }
  if (typeof value !== "number")
    throw new RiskError("wrong_type", { path, expected: "number", found: shown(value) });
  if (value >= min && value <= max) return;
  throw new RiskError(Number.isFinite(value) ? "out_of_bounds" : "not_finite", {
    path,
    expected: `from ${min} to ${max}`,
    found: shown(value),
  });
}

function refuseContradictions({ range, prior, scale }: RegimeTerms): void {
  if (!(range.min < range.max)) throw contradiction("range.min", `below ${range.max}`, range.min);
  if (prior.range < range.min || prior.range > range.max)
    throw contradiction("range", `around the prior's ${prior.range}`, range.min);
  if (!(scale.fastHours < scale.slowDays * 24))
    throw contradiction("scale.fastHours", `below ${scale.slowDays} days`, scale.fastHours);
}

function contradiction(path: string, expected: string, found: number): RiskError {
  return new RiskError("terms_invalid", { path, expected, found: String(found) });
}

const isTunable = (path: string): path is TunablePath => Object.hasOwn(tunableTerms, path);
