/**
 * A state as a document and back: a tree of numbers, names and columns, with columns as arrays.
 *
 * JSON carries every float64 exactly, so what is put back continues bit for bit.
 */
import { RiskError, shown } from "../core/errors.ts";

/** A value of the document: JSON without null. */
export type TreeValue =
  | number
  | string
  | boolean
  | readonly number[]
  | { readonly [name: string]: TreeValue };

/** A plain copy, safe to keep, send and write as JSON. */
export function copyTree(value: unknown): TreeValue {
  if (value instanceof Float64Array) return Array.from(value);
  if (typeof value !== "object" || value === null) return value as TreeValue;
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, copyTree(part)]));
}

/**
 * Puts `from[name]` in the place of `into[name]`, which shows what it must look like.
 *
 * @throws RiskError `malformed_file` when it is of another shape
 */
export function putTree(into: object, name: string, from: object, path: string): void {
  const here = `${path}.${name}`;
  const target: unknown = Reflect.get(into, name);
  const value: unknown = Reflect.get(from, name);
  if (target instanceof Float64Array) fill(target, value, here);
  else if (typeof target === "object" && target !== null) {
    if (typeof value !== "object" || value === null) throw misfit(here, "object", value);
    for (const part of Object.keys(target)) putTree(target, part, value, here);
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

export function misfit(path: string, expected: string, found: unknown): RiskError {
  return new RiskError("malformed_file", { path, expected, found: shown(found) });
}
