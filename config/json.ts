/**
 * Reads JSON text that somebody else wrote: bounded in length and depth, no key twice.
 *
 * JSON.parse keeps the last of two equal keys, so one document could mean different things to two
 * readers; and it follows any depth. Both are looked for in the text before it is parsed.
 */
import { RiskError, shown } from "../core/errors.ts";

/** A book of 10,000 legs with its market is about 6 MB. */
export const JSON_CHARACTERS_MAX = 16 * 1024 * 1024;
export const JSON_DEPTH_MAX = 32;

/**
 * The value of `text`.
 *
 * @throws RiskError `malformed_json` (with the line), `limit_exceeded` (length, depth)
 */
export function parseJson(text: string, name = "document"): unknown {
  if (text.length > JSON_CHARACTERS_MAX) {
    throw new RiskError("limit_exceeded", {
      path: name,
      expected: `at most ${JSON_CHARACTERS_MAX} characters`,
      found: `${text.length}`,
    });
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new RiskError("malformed_json", { path: name, expected: "JSON", found: shown(reason) });
  }
  refuseRepeats(text, name);
  return value;
}

/** What may follow inside an object: a key, or something else. */
interface Level {
  readonly keys: Set<string> | null;
  keyNext: boolean;
}

/** Walks text that is known to be JSON, and refuses depth and repeated keys. */
function refuseRepeats(text: string, name: string): void {
  const levels: Level[] = [];
  for (let i = 0; i < text.length; i++) {
    const level = levels[levels.length - 1];
    switch (text[i]) {
      case "{":
      case "[":
        levels.push({ keys: text[i] === "{" ? new Set() : null, keyNext: text[i] === "{" });
        if (levels.length > JSON_DEPTH_MAX) throw tooDeep(name);
        break;
      case "}":
      case "]":
        levels.pop();
        break;
      case ",":
        if (level !== undefined) level.keyNext = level.keys !== null;
        break;
      case '"': {
        const end = closingQuote(text, i);
        if (level?.keyNext === true) takeKey(level, text.slice(i, end + 1), text, i);
        i = end;
        break;
      }
    }
  }
}

function closingQuote(text: string, start: number): number {
  let end = start + 1;
  while (text[end] !== '"') end += text[end] === "\\" ? 2 : 1;
  return end;
}

function takeKey(level: Level, quoted: string, text: string, at: number): void {
  level.keyNext = false;
  const key = JSON.parse(quoted) as string;
  if (level.keys?.has(key) !== true) {
    level.keys?.add(key);
    return;
  }
  throw new RiskError("malformed_json", {
    path: key,
    expected: "each key once",
    found: "the key twice",
    line: text.slice(0, at).split("\n").length,
  });
}

function tooDeep(name: string): RiskError {
  return new RiskError("limit_exceeded", {
    path: name,
    expected: `at most ${JSON_DEPTH_MAX} levels`,
    found: "more",
  });
}
