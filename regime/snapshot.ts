/**
 * A regime as a document and back: the restored one continues bit for bit.
 *
 * The state is a tree of numbers, names and columns, so the document is the same tree with columns
 * as arrays: JSON carries every float64 exactly. What the terms imply is worked out again.
 */
import { RiskError, shown } from "../core/errors.ts";
import { createRegime, type RegimeState } from "./state.ts";
import type { RegimeTerms } from "./terms.ts";

/** A value of the document: JSON without null. */
export type SnapshotValue =
  | number
  | string
  | boolean
  | readonly number[]
  | { readonly [name: string]: SnapshotValue };

export interface RegimeSnapshot {
  readonly slidewire: "regime/1";
  readonly terms: RegimeTerms;
  readonly barMs: number;
  readonly state: { readonly [name: string]: SnapshotValue };
}

/** Members of the state that the terms imply. */
const implied = new Set(["terms", "pace"]);

/** A plain copy, safe to keep, send and write as JSON. */
export function snapshotRegime(s: RegimeState): RegimeSnapshot {
  const members = Object.entries(s).filter(([name]) => !implied.has(name));
  const state = Object.fromEntries(members.map(([name, value]) => [name, copied(value)]));
  return { slidewire: "regime/1", terms: s.terms, barMs: s.pace.barMs, state };
}

/**
 * @throws RiskError `malformed_file` when the document is of another shape than its terms ask for
 */
export function restoreRegime(snapshot: RegimeSnapshot): RegimeState {
  if (snapshot.slidewire !== "regime/1") throw misfit("slidewire", "regime/1", snapshot.slidewire);
  const s = createRegime(snapshot.terms, snapshot.barMs);
  for (const name of Object.keys(s)) if (!implied.has(name)) put(s, name, snapshot.state, "state");
  return s;
}

function copied(value: unknown): SnapshotValue {
  if (value instanceof Float64Array) return Array.from(value);
  if (typeof value !== "object" || value === null) return value as SnapshotValue;
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, copied(part)]));
}

/** Puts `from[name]` in the place of `into[name]`, which shows what it must look like. */
function put(into: object, name: string, from: object, path: string): void {
  const here = `${path}.${name}`;
  const target: unknown = Reflect.get(into, name);
  const value: unknown = Reflect.get(from, name);
  if (target instanceof Float64Array) fill(target, value, here);
  else if (typeof target === "object" && target !== null) {
    if (typeof value !== "object" || value === null) throw misfit(here, "object", value);
    for (const part of Object.keys(target)) put(target, part, value, here);
  } else {
    if (typeof value !== typeof target) throw misfit(here, typeof target, value);
    Reflect.set(into, name, value);
  }
}

function fill(column: Float64Array, value: unknown, path: string): void {
  if (!Array.isArray(value) || value.length !== column.length)
    throw misfit(path, `array of ${column.length}`, value);
  if (!value.every((x) => Number.isFinite(x))) throw misfit(path, "numbers", value);
  column.set(value);
}

function misfit(path: string, expected: string, found: unknown): RiskError {
  return new RiskError("malformed_file", { path, expected, found: shown(found) });
}
