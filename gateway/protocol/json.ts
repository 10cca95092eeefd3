/**
 * Reads JSON from strangers: depth bounded, repeated names and `__proto__` refused.
 *
 * JSON.parse takes the last of two equal names, so two readers of one document may disagree about
 * what was signed or approved; and it nests as deep as the stack. A frame is small (64 KB), so a
 * plain recursive reader costs little and says exactly where the text went wrong.
 */
import { RiskError } from "../../core/errors.ts";

/** Where the reader stands. */
interface Cursor {
  readonly text: string;
  at: number;
  readonly depthMax: number;
}

const SPACE = /[ \t\n\r]*/y;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
/** A whole string with its quotes; what is inside is checked by JSON.parse. */
const STRING = /"[^"\\]*(?:\\.[^"\\]*)*"/y;

/**
 * The document in `text`.
 *
 * @throws RiskError `malformed_json`, `limit_exceeded` or `not_finite`, naming the character
 */
export function parseJson(text: string, depthMax: number): unknown {
  const cursor: Cursor = { text, at: 0, depthMax };
  const value = readValue(cursor, 0);
  skipSpace(cursor);
  if (cursor.at < text.length) throw malformed(cursor, "the end");
  return value;
}

function readValue(cursor: Cursor, depth: number): unknown {
  if (depth > cursor.depthMax) {
    throw new RiskError("limit_exceeded", { expected: `nesting of at most ${cursor.depthMax}` });
  }
  skipSpace(cursor);
  const first = cursor.text[cursor.at];
  switch (first) {
    case "{":
      return readObject(cursor, depth);
    case "[":
      return readArray(cursor, depth);
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

function readObject(cursor: Cursor, depth: number): Record<string, unknown> {
  const members: Record<string, unknown> = {};
  cursor.at += 1;
  if (take(cursor, "}")) return members;
  do {
    skipSpace(cursor);
    const name = readString(cursor);
    refuseName(members, name);
    if (!take(cursor, ":")) throw malformed(cursor, '":"');
    members[name] = readValue(cursor, depth + 1);
  } while (take(cursor, ","));
  if (!take(cursor, "}")) throw malformed(cursor, '"," or "}"');
  return members;
}

/** The two names that no document may have: one already there, and the prototype's. */
export function refuseName(members: object, name: string): void {
  if (name === "__proto__") {
    throw new RiskError("unknown_key", { path: name, expected: "another name" });
  }
  if (Object.hasOwn(members, name)) {
    throw new RiskError("unknown_key", { path: name, expected: "each name once", found: "twice" });
  }
}

function readArray(cursor: Cursor, depth: number): unknown[] {
  const items: unknown[] = [];
  cursor.at += 1;
  if (take(cursor, "]")) return items;
  do {
    items.push(readValue(cursor, depth + 1));
  } while (take(cursor, ","));
  if (!take(cursor, "]")) throw malformed(cursor, '"," or "]"');
  return items;
}

function readString(cursor: Cursor): string {
  const whole = match(cursor, STRING);
  if (whole === undefined) throw malformed(cursor, "a string");
  try {
    const text: unknown = JSON.parse(whole);
    cursor.at += whole.length;
    return text as string;
  } catch {
    throw malformed(cursor, "a string with valid escapes and no control characters");
  }
}

function readNumber(cursor: Cursor): number {
  const digits = match(cursor, NUMBER);
  if (digits === undefined || digits === "") throw malformed(cursor, "a value");
  const value = Number(digits);
  if (!Number.isFinite(value)) {
    throw new RiskError("not_finite", { expected: "a finite number", found: digits.slice(0, 40) });
  }
  cursor.at += digits.length;
  return value;
}

function readWord<T>(cursor: Cursor, word: string, value: T): T {
  if (!cursor.text.startsWith(word, cursor.at)) throw malformed(cursor, "a value");
  cursor.at += word.length;
  return value;
}

function match({ text, at }: Cursor, pattern: RegExp): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
}

function take(cursor: Cursor, mark: string): boolean {
  skipSpace(cursor);
  if (cursor.text[cursor.at] !== mark) return false;
  cursor.at += 1;
  return true;
}

function skipSpace(cursor: Cursor): void {
  cursor.at += match(cursor, SPACE)?.length ?? 0;
}

function malformed({ text, at }: Cursor, expected: string): RiskError {
  const found = at < text.length ? JSON.stringify(text[at]) : "the end";
  return new RiskError("malformed_json", { expected, found: `${found} at character ${at}` });
}
