/**
 * Declares a request's parameters once: their check, their TypeScript type and their row in the
 * documents all follow from the same table.
 *
 * A field reads a value that came from outside and gives it back typed, or throws a RiskError that
 * names the place, what was expected and what was found. Nothing is coerced: "5" is not 5.
 */
import { RiskError, shown } from "../../core/errors.ts";

/** The part of JSON Schema that the documents use. */
export type JsonSchema = { readonly [keyword: string]: unknown };

export interface Field<T> {
  /** For people and for `expected`: "text of 1 to 128 characters". */
  readonly what: string;
  readonly schema: JsonSchema;
  readonly optional: boolean;
  /** @throws RiskError naming `path` */
  read(value: unknown, path: string): T;
}

export type Fields = Readonly<Record<string, Field<unknown>>>;
/** What an object of these fields holds once read. */
export type Body<F extends Fields> = {
  readonly [K in keyof F]: F[K] extends Field<infer T> ? T : never;
};

/**
 * Reads an object that has these fields and no others.
 *
 * @throws RiskError `wrong_type`, `missing_field`, `unknown_key`, or what the field throws
 */
export function readFields<F extends Fields>(fields: F, value: unknown, path: string): Body<F> {
  if (!isObject(value)) throw mistyped(path, "an object", value);
  for (const name of Object.keys(value)) {
    if (!Object.hasOwn(fields, name)) {
      const expected = Object.keys(fields).join(", ") || "no parameters";
      throw new RiskError("unknown_key", { path: `${path}.${name}`, expected });
    }
  }
  const body: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(fields)) {
    const given = value[name];
    if (given !== undefined) body[name] = field.read(given, `${path}.${name}`);
    else if (!field.optional) {
      throw new RiskError("missing_field", { path: `${path}.${name}`, expected: field.what });
    }
  }
  return body as Body<F>;
}

export interface TextBounds {
  readonly max: number;
  readonly min?: number;
  readonly pattern?: RegExp;
  readonly means?: string;
}

export function text({ max, min = 1, pattern, means }: TextBounds): Field<string> {
  const what = `${means ?? "text"} (${min} to ${max} characters)`;
  const schema = {
    type: "string",
    minLength: min,
    maxLength: max,
    ...(pattern && { pattern: pattern.source }),
    ...(means && { description: means }),
  };
  return field(what, schema, (value, path) => {
    if (typeof value !== "string") throw mistyped(path, what, value);
    if (value.length < min || value.length > max || (pattern && !pattern.test(value))) {
      throw new RiskError("out_of_bounds", { path, expected: what, found: shown(value) });
    }
    return value;
  });
}

export interface NumberBounds {
  readonly min: number;
  readonly max: number;
  /** Its meaning and unit: "ms since the epoch". */
  readonly means: string;
}

export function finite({ min, max, means }: NumberBounds): Field<number> {
  const what = `number from ${min} to ${max} (${means})`;
  const schema = { type: "number", minimum: min, maximum: max, description: means };
  return field(what, schema, (value, path) => {
    if (typeof value !== "number") throw mistyped(path, what, value);
    if (!Number.isFinite(value)) {
      throw new RiskError("not_finite", { path, expected: what, found: String(value) });
    }
    if (value < min || value > max) {
      throw new RiskError("out_of_bounds", { path, expected: what, found: shown(value) });
    }
    return value;
  });
}

export function integer(bounds: NumberBounds): Field<number> {
  const number = finite(bounds);
  const what = number.what.replace("number", "integer");
  return field(what, { ...number.schema, type: "integer" }, (value, path) => {
    const read = number.read(value, path);
    if (Number.isInteger(read)) return read;
    throw new RiskError("wrong_type", { path, expected: what, found: shown(value) });
  });
}

/** A ledger amount: a text, so that no reader rounds it. */
export function decimal(means: string): Field<string> {
  const pattern = /^-?\d{1,15}(\.\d{1,12})?$/;
  const what = `decimal text, at most 15 digits and 12 decimals (${means})`;
  const schema = { type: "string", pattern: pattern.source, description: means };
  return field(what, schema, (value, path) => {
    if (typeof value !== "string") throw mistyped(path, what, value);
    if (pattern.test(value)) return value;
    throw new RiskError("out_of_bounds", { path, expected: what, found: shown(value) });
  });
}

export function oneOf<const T extends readonly string[]>(...all: T): Field<T[number]> {
  const what = all.join(" | ");
  return field(what, { type: "string", enum: all }, (value, path) => {
    if ((all as readonly unknown[]).includes(value)) return value as T[number];
    throw new RiskError("unknown_value", { path, expected: what, found: shown(value) });
  });
}

export function listOf<T>(item: Field<T>, max: number): Field<readonly T[]> {
  const what = `list of 1 to ${max}: ${item.what}`;
  const schema = { type: "array", minItems: 1, maxItems: max, items: item.schema };
  return field(what, schema, (value, path) => {
    if (!Array.isArray(value)) throw mistyped(path, what, value);
    requireCount(value.length, { path, what, max });
    if (value.length === 0) throw new RiskError("out_of_bounds", { path, expected: what });
    return value.map((entry: unknown, i) => item.read(entry, `${path}[${i}]`));
  });
}

export function shape<const F extends Fields>(fields: F): Field<Body<F>> {
  const what = `{${Object.keys(fields).join(", ")}}`;
  return field(what, schemaOf(fields), (value, path) => readFields(fields, value, path));
}

/** An object whose names are free and whose values are alike. */
export function mapOf<T>(entry: Field<T>, max: number): Field<Readonly<Record<string, T>>> {
  const what = `object of at most ${max} names: ${entry.what}`;
  const schema = { type: "object", maxProperties: max, additionalProperties: entry.schema };
  return field(what, schema, (value, path) => {
    if (!isObject(value)) throw mistyped(path, what, value);
    const names = Object.keys(value);
    requireCount(names.length, { path, what, max });
    return Object.fromEntries(names.map((n) => [n, entry.read(value[n], `${path}.${n}`)]));
  });
}

export function optional<T>(wanted: Field<T>): Field<T | undefined> {
  return { ...wanted, optional: true };
}

/** The fields as one JSON Schema object. */
export function schemaOf(fields: Fields): JsonSchema {
  const entries = Object.entries(fields);
  const required = entries.filter(([, f]) => !f.optional).map(([name]) => name);
  return {
    type: "object",
    properties: Object.fromEntries(entries.map(([name, f]) => [name, f.schema])),
    ...(required.length > 0 && { required }),
    additionalProperties: false,
  };
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function field<T>(what: string, schema: JsonSchema, read: Field<T>["read"]): Field<T> {
  return { what, schema, optional: false, read };
}

interface Count {
  readonly path: string;
  readonly what: string;
  readonly max: number;
}

function requireCount(count: number, { path, what, max }: Count): void {
  if (count > max) {
    throw new RiskError("limit_exceeded", { path, expected: what, found: String(count) });
  }
}

function mistyped(path: string, expected: string, value: unknown): RiskError {
  return new RiskError("wrong_type", { path, expected, found: shown(value) });
}
