/** How an error is said on standard error: one line, JSON with `--json`, never a stack trace. */
import type { RiskError } from "../../core/errors.ts";

export function errorLine(error: RiskError, json: boolean): string {
  const { line, ...body } = error.body();
  const shown = json
    ? JSON.stringify({ error: { ...body, ...(line === undefined ? {} : { line }) } })
    : `slidewire: ${error.message}`;
  return `${shown.replaceAll("\n", " ")}\n`;
}
