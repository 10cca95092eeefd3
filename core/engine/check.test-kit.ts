/** What the checks of commands answer, for tests: a code with its path, or "folds". */
import { expect } from "vitest";
import { RiskError } from "../errors.ts";
import { checkCommand } from "./check-command.ts";
import type { Submission } from "./command.ts";
import { type Desk, START_MS } from "./engine.test-kit.ts";

/** `code path` of the refusal, or "folds". */
export function answer({ engine }: Desk, command: Submission, at = START_MS): string {
  const before = structuredClone(engine.state);
  try {
    checkCommand(engine.state, command, at);
  } catch (error) {
    if (!(error instanceof RiskError)) throw error;
    expect(engine.state, "a refusal changes nothing").toEqual(before);
    return `${error.code} ${error.detail.path}`;
  }
  expect(engine.state, "checking changes nothing").toEqual(before);
  return "folds";
}
