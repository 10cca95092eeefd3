/**
 * JSON that gives back what was put in: what plain JSON drops or changes is written under a tag.
 *
 *      bigint     {"~": "bigint", "of": "-12"}        Map   {"~": "map", "of": [[key, value], …]}
 *      -0         {"~": "-0"}                         Set   {"~": "set", "of": [value, …]}
 *      undefined  {"~": "undefined"}                  Float64Array   {"~": "f64", "of": […]}
 *
 * A snapshot writes with it whatever it has no columns for, so a member that is added to the state
 * is kept without a word being said here. Order is kept too: of entries, items and members. What
 * cannot be given back (NaN, functions, objects of a class) is refused and not lost in silence.
 */
import { RiskError, shown } from "../../core/errors.ts";

const TAG = "~";

/** Deepest nesting; a circle ends here too. */
export const EXACT_DEPTH_MAX = 64;

/** @throws RiskError not_finite, wrong_type or limit_exceeded: the value cannot be given back */
export function exactText(value: unknown): string {
  return JSON.stringify(plain(value, 0));
}

/** @throws RiskError malformed_json */
export function fromExactText(text: string): unknown {
  try {
    return revived(JSON.parse(text));
  } catch (cause) {
    if (cause instanceof RiskError) throw cause;
    throw new RiskError("malformed_json", { found: shown(text) }, { cause });
  }
}

/** The value as plain JSON can carry it. */
function plain(value: unknown, depth: number): unknown {
  if (depth > EXACT_DEPTH_MAX) {
    throw new RiskError("limit_exceeded", { expected: `depth ≤ ${EXACT_DEPTH_MAX}` });
  }
  switch (typeof value) {
    case "string":
    case "boolean":
      return value;
    case "number":
      return plainNumber(value);
    case "bigint":
      return { [TAG]: "bigint", of: String(value) };
    case "undefined":
      return { [TAG]: "undefined" };
    case "object":
      return value === null ? null : plainObject(value, depth + 1);
    default:
      throw new RiskError("wrong_type", { expected: "a value", found: shown(value) });
  }
}

function plainNumber(value: number): unknown {
  if (!Number.isFinite(value)) throw new RiskError("not_finite", { found: String(value) });
  return Object.is(value, -0) ? { [TAG]: "-0" } : value;
}

function plainObject(value: object, depth: number): unknown {
  const each = (items: Iterable<unknown>) => Array.from(items, (item) => plain(item, depth));
  if (Array.isArray(value)) return each(value);
  if (value instanceof Map) return { [TAG]: "map", of: each(value) };
  if (value instanceof Set) return { [TAG]: "set", of: each(value) };
  if (value instanceof Float64Array) return { [TAG]: "f64", of: each(value) };
  if (Object.getPrototypeOf(value) !== Object.prototype) {
    throw new RiskError("wrong_type", { expected: "plain data", found: value.constructor?.name });
  }
  const members = Object.entries(value).map(([name, of]) => [name, plain(of, depth)] as const);
  if (Object.hasOwn(value, TAG)) return { [TAG]: "object", of: members };
  return Object.fromEntries(members);
}

function revived(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(revived);
  if (Object.hasOwn(value, TAG)) return untagged(value as Tagged);
  return Object.fromEntries(Object.entries(value).map(([name, of]) => [name, revived(of)]));
}

interface Tagged {
  readonly [TAG]: unknown;
  readonly of?: unknown;
}

function untagged({ [TAG]: tag, of }: Tagged): unknown {
  const items = Array.isArray(of) ? of.map(revived) : [];
  switch (tag) {
    case "-0":
      return -0;
    case "undefined":
      return undefined;
    case "bigint":
      return BigInt(of as string);
    case "map":
      return new Map(items as [unknown, unknown][]);
    case "set":
      return new Set(items);
    case "f64":
      return Float64Array.from(items as number[]);
    case "object":
      return Object.fromEntries(items as [string, unknown][]);
    default:
      throw new RiskError("malformed_json", { expected: "a known tag", found: shown(tag) });
  }
}
