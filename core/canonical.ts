/**
 * Canonical JSON (RFC 8785): one text for one document, so that a hash or a signature of it means
 * the document and not somebody's spacing.
 *
 *      numbers   as ECMAScript prints them (RFC 8785 3.2.2.3 asks for just that)
 *      strings   JSON.stringify escapes exactly what the RFC lists; lone surrogates are refused
 *      objects   names sorted by UTF-16 code unit, which is what `<` on strings compares
 *
 * What JSON cannot say (NaN, infinities, undefined, functions, bigints) is refused instead of being
 * dropped or turned into null, for two different documents would then share a signature.
 */
import { RiskError, shown } from "./errors.ts";

/** Deepest nesting that is written; a cycle ends here too. */
export const CANONICAL_DEPTH_MAX = 64;

/** With the `u` flag a pair is one code point, so only a lone half matches. */
const LONE_SURROGATE = /\p{Surrogate}/u;

/**
 * The canonical text of `value`.
 *
 * @throws RiskError `not_finite`, `wrong_type` or `limit_exceeded`, with the path of the member
 */
export function canonicalJson(value: unknown): string {
  return written(value, "", 0);
}

function written(value: unknown, path: string, depth: number): string {
  if (depth > CANONICAL_DEPTH_MAX) {
    throw new RiskError("limit_exceeded", { path, expected: `depth ≤ ${CANONICAL_DEPTH_MAX}` });
  }
  switch (typeof value) {
    case "string":
      return text(value, path);
    case "number":
      return number(value, path);
    case "boolean":
      return String(value);
    case "object":
      if (value === null) return "null";
      return Array.isArray(value) ? list(value, path, depth) : members(value, path, depth);
    default:
      throw new RiskError("wrong_type", { path, expected: "a JSON value", found: shown(value) });
  }
}

function text(value: string, path: string): string {
  if (!LONE_SURROGATE.test(value)) return JSON.stringify(value);
  throw new RiskError("wrong_type", { path, expected: "text without lone surrogates" });
}

function number(value: number, path: string): string {
  if (Number.isFinite(value)) return JSON.stringify(value);
  throw new RiskError("not_finite", { path, expected: "a finite number", found: String(value) });
}

function list(values: readonly unknown[], path: string, depth: number): string {
  const items: string[] = [];
  for (let i = 0; i < values.length; i++) {
    items.push(written(values[i], `${path}[${i}]`, depth + 1));
  }
  return `[${items.join(",")}]`;
}

function members(value: object, path: string, depth: number): string {
  const items: string[] = [];
  for (const [name, member] of Object.entries(value).sort(byName)) {
    const at = path === "" ? name : `${path}.${name}`;
    items.push(`${text(name, at)}:${written(member, at, depth + 1)}`);
  }
  return `{${items.join(",")}}`;
}

function byName([a]: [string, unknown], [b]: [string, unknown]): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
