/**
 * Reads JSON that somebody else wrote: bounded in depth and length, each name once.
 *
 * JSON.parse takes the last of two equal names, so two readers of one document may disagree about
 * what was signed or approved; it nests as deep as the stack, and gives Infinity for 1e999. This
 * reader takes what JSON.parse takes and refuses those three, `__proto__` too. Time grows with the
 * text alone, whatever it is made of.
 */
import { join } from "./check.ts";
import { type ErrorDetail, RiskError, shown } from "./errors.ts";

export interface JsonLimits {
  /** Levels below the outermost value. */
  readonly depthMax: number;
  /** For text whose length nothing else has bounded. */
  readonly charactersMax?: number;
  /** What the text is to its writer, "book": errors then tell it, and the line. */
  readonly name?: string;
}

/** Where the reader stands: in the text, and in the tree. */
interface Cursor {
  readonly text: string;
  readonly limits: JsonLimits;
  readonly places: (string | number)[];
  at: number;
}

/**
 * The value of `text`.
 *
 * @throws RiskError `malformed_json`, `limit_exceeded`, `not_finite`, or `unknown_key` for a name
 * that stands twice and for `__proto__`
 */
export function parseJson(text: string, limits: JsonLimits): unknown {
  const cursor: Cursor = { text, limits, places: [], at: 0 };
  requireLength(text, limits);
  const value = readValue(cursor);
  skipSpace(cursor);
  if (cursor.at < text.length) throw malformed(cursor, "the end");
  return value;
}

function requireLength({ length }: string, { charactersMax = length, name }: JsonLimits): void {
  if (length <= charactersMax) return;
  throw new RiskError("limit_exceeded", {
    ...(name === undefined ? {} : { path: name }),
    expected: `at most ${charactersMax} characters`,
    found: String(length),
  });
}

/**
 * The two names that no document may have: one already there, and the prototype's.
 *
 * @throws RiskError `unknown_key` with the place that is given
 */
export function refuseName(members: object, name: string, place: () => ErrorDetail): void {
  const found = shown(name);
  if (name === "__proto__") {
    throw new RiskError("unknown_key", { ...place(), expected: "another name", found });
  }
  if (Object.hasOwn(members, name)) {
    throw new RiskError("unknown_key", { ...place(), expected: "each name once", found });
  }
}

function readValue(cursor: Cursor): unknown {
  const { depthMax } = cursor.limits;
  if (cursor.places.length > depthMax) {
    const expected = `nesting of at most ${depthMax}`;
    throw refusal(cursor, "limit_exceeded", { expected, found: "more" });
  }
  skipSpace(cursor);
  switch (cursor.text[cursor.at]) {
    case "{":
      return readObject(cursor);
    case "[":
      return readArray(cursor);
    case '"':
      return readString(cursor);
    case "t":
      return readWord(cursor, "true", true);
    case "f":
      return readWord(cursor, "false", false);
    case "n":
      return readWord(cursor, "null", null);
    default:
      return readNumber(cursor);
  }
}

function readObject(cursor: Cursor): Record<string, unknown> {
  const members: Record<string, unknown> = {};
  cursor.at += 1;
  if (take(cursor, "}")) return members;
  do {
    skipSpace(cursor);
    const name = readString(cursor);
    cursor.places.push(name);
    refuseName(members, name, () => placeOf(cursor));
    if (!take(cursor, ":")) throw malformed(cursor, '":"');
    members[name] = readValue(cursor);
    cursor.places.pop();
  } while (take(cursor, ","));
  if (!take(cursor, "}")) throw malformed(cursor, '"," or "}"');
  return members;
}

function readArray(cursor: Cursor): unknown[] {
  const items: unknown[] = [];
  cursor.at += 1;
  if (take(cursor, "]")) return items;
  do {
    cursor.places.push(items.length);
    items.push(readValue(cursor));
    cursor.places.pop();
  } while (take(cursor, ","));
  if (!take(cursor, "]")) throw malformed(cursor, '"," or "]"');
  return items;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const SPACE = 0x20;

function readString(cursor: Cursor): string {
  const { text, at } = cursor;
  if (text[at] !== '"') throw malformed(cursor, "a string");
  let escaped = false;
  let end = at + 1;
  for (let code = text.charCodeAt(end); code !== QUOTE; code = text.charCodeAt(end)) {
    if (!(code >= SPACE)) throw malformed({ ...cursor, at: end }, "a string and its end");
    escaped ||= code === BACKSLASH;
    end += code === BACKSLASH ? 2 : 1;
  }
  cursor.at = end + 1;
  if (!escaped) return text.slice(at + 1, end);
  try {
    return JSON.parse(text.slice(at, end + 1)) as string;
  } catch {
    throw malformed({ ...cursor, at }, "a string with valid escapes");
  }
}

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;

function readNumber(cursor: Cursor): number {
  NUMBER.lastIndex = cursor.at;
  const digits = NUMBER.exec(cursor.text)?.[0];
  if (digits === undefined) throw malformed(cursor, "a value");
  const value = Number(digits);
  if (!Number.isFinite(value)) {
    const found = digits.slice(0, 40);
    throw new RiskError("not_finite", { ...placeOf(cursor), expected: "a finite number", found });
  }
  cursor.at += digits.length;
  return value;
}

function readWord<T>(cursor: Cursor, word: string, value: T): T {
  if (!cursor.text.startsWith(word, cursor.at)) throw malformed(cursor, "a value");
  cursor.at += word.length;
  return value;
}

function take(cursor: Cursor, mark: string): boolean {
  skipSpace(cursor);
  if (cursor.text[cursor.at] !== mark) return false;
  cursor.at += 1;
  return true;
}

function skipSpace(cursor: Cursor): void {
  while (isSpace(cursor.text.charCodeAt(cursor.at))) cursor.at += 1;
}

const isSpace = (code: number) => code === SPACE || code === 0x0a || code === 0x09 || code === 0x0d;

function malformed(cursor: Cursor, expected: string): RiskError {
  const { text, at } = cursor;
  const found = at < text.length ? shown(text[at]) : "the end";
  return refusal(cursor, "malformed_json", { expected, found: `${found} at character ${at}` });
}

/** A refusal of the text itself: its name is the path. */
function refusal(
  cursor: Cursor,
  code: "malformed_json" | "limit_exceeded",
  detail: ErrorDetail,
): RiskError {
  const { name } = cursor.limits;
  return new RiskError(code, {
    ...(name === undefined ? {} : { path: name, line: lineOf(cursor) }),
    ...detail,
  });
}

/** The place in the tree, and in the text of whoever writes lines. */
function placeOf(cursor: Cursor): ErrorDetail {
  const path = cursor.places.reduce<string>(
    (outer, place) => (typeof place === "number" ? `${outer}[${place}]` : join(outer, place)),
    "",
  );
  return {
    ...(path === "" ? {} : { path }),
    ...(cursor.limits.name === undefined ? {} : { line: lineOf(cursor) }),
  };
}

const lineOf = ({ text, at }: Cursor) => text.slice(0, at).split("\n").length;
