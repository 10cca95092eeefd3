/**
 * Reads the input of a verb: a file by name, or standard input as `-`.
 */
import { createReadStream, readFileSync, statSync } from "node:fs";
import { createInterface } from "node:readline";
import { RiskError } from "../../core/errors.ts";

/** Most that is read at once: 10,000 legs in a book are about 6 MB, and NDJSON may hold many. */
export const INPUT_BYTES_MAX = 512 * 1024 * 1024;

/** The whole text. @throws RiskError unreadable_file, limit_exceeded */
export function readInput(name: string): string {
  try {
    if (name !== "-" && statSync(name).size > INPUT_BYTES_MAX) {
      throw new RiskError("limit_exceeded", {
        path: name,
        expected: `at most ${INPUT_BYTES_MAX} bytes`,
      });
    }
    return readFileSync(name === "-" ? 0 : name, "utf8");
  } catch (error) {
    throw unreadable(name, error);
  }
}

/** Its lines, as they come. @throws RiskError unreadable_file */
export async function* readLines(name: string): AsyncGenerator<string> {
  const input = name === "-" ? process.stdin : createReadStream(name, "utf8");
  try {
    yield* createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY });
  } catch (error) {
    throw unreadable(name, error);
  }
}

function unreadable(name: string, error: unknown): RiskError {
  if (error instanceof RiskError) return error;
  const { code, message } = error as NodeJS.ErrnoException;
  return new RiskError("unreadable_file", {
    path: name,
    expected: "a readable file, or - for standard input",
    found: code ?? message,
  });
}
