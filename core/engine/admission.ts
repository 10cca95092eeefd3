/**
 * Admission: the gate of the list. What passes here can be folded; what cannot is told why at once.
 *
 *      submission ─ shape ─ key ─ version ─ checks ─► folded into a state that runs ahead ─► waits
 *
 * Several commands may wait for one Turn, and each is held against the state as the ones before it
 * will leave it: two withdrawals that each fit alone do not pass together. That state lies over the
 * folded one from the first command that comes to the Turn that takes up the last (state-ahead.ts).
 */
import { RiskError } from "../errors.ts";
import { checkCommand } from "./check-command.ts";
import { isOfAccount, type Submission } from "./command.ts";
import { checkCommandShape } from "./command-shape.ts";
import { commandPrint } from "./command-text.ts";
import { findKey } from "./key-ring.ts";
import type { EngineState } from "./state.ts";
import { StateAhead } from "./state-ahead.ts";

export interface AdmissionOptions {
  /** Market time of the Turn that it joins, ms; by default that of the newest Turn. */
  readonly at?: number;
  /** The account's version that the sender knows; another one is a conflict. */
  readonly expectedVersion?: number;
}

export interface Admitted {
  /** Its number in the account chain. */
  readonly seq: number;
  /** The account's version after it; null where it is no account's. */
  readonly version: number | null;
  /** Its key was applied before: it will not be folded again. */
  readonly replayed: boolean;
  /** What enters the list: a tree of its own, exactly of the command's shape. */
  readonly command: Submission;
}

export interface Admission {
  /**
   * @throws RiskError of kind client, config or market: the command is refused and changes nothing
   */
  admit(submission: unknown, options?: AdmissionOptions): Admitted;
  /** The state as the waiting commands will leave it: to be read, not kept. */
  ahead(): EngineState;
  /** A Turn was folded. `waiting`: admitted commands that it did not take up, in their order. */
  settled(waiting: readonly Submission[]): void;
}

/** @param state that Turns are folded into; never changed here */
export function openAdmission(state: EngineState): Admission {
  let ahead: StateAhead | undefined;

  return {
    admit(submission, { at = state.at, expectedVersion } = {}) {
      const command = submissionOf(submission);
      const now = ahead?.state ?? state;
      const replayed = replayOf(now, command);
      if (replayed !== undefined) return replayed;
      refuseOtherVersion(now, command, expectedVersion);
      checkCommand(now, command, at);
      ahead ??= new StateAhead(state);
      ahead.fold(command);
      const { accounts, commands: seq } = ahead.state;
      const version = isOfAccount(command) ? accounts.get(command.account)!.version : null;
      return { seq, version, replayed: false, command };
    },
    ahead: () => ahead?.state ?? state,
    settled(waiting) {
      if (waiting.length === 0) ahead = undefined;
      if (waiting.length === 0 || ahead?.settle(waiting) === true) return;
      ahead = new StateAhead(state);
      for (const command of waiting) ahead.fold(command);
    },
  };
}

function submissionOf(submission: unknown): Submission {
  const command = checkCommandShape(submission, "");
  if (command.kind !== "Tick") return command;
  throw new RiskError("unsupported", {
    path: "kind",
    expected: "any other: time passes by itself",
    found: command.kind,
  });
}

/** The answer that was given when the key was applied. @throws RiskError conflict */
function replayOf(state: EngineState, command: Submission): Admitted | undefined {
  if (!isOfAccount(command) || command.key === undefined) return undefined;
  const { key } = command;
  const account = state.accounts.get(command.account);
  const applied = account && findKey(account.keys, key);
  if (applied === undefined) return undefined;
  if (applied.print !== commandPrint(command)) {
    throw new RiskError("conflict", {
      path: "key",
      expected: "the command that was sent with this key before, or another key",
      found: "another command",
      retryable: false,
    });
  }
  return { seq: applied.seq, version: applied.version, replayed: true, command };
}

function refuseOtherVersion(
  state: EngineState,
  command: Submission,
  expected: number | undefined,
): void {
  if (expected === undefined || !isOfAccount(command)) return;
  const version = state.accounts.get(command.account)?.version ?? 0;
  if (version === expected) return;
  throw new RiskError("conflict", {
    path: "expectedVersion",
    expected: `the account's version, ${version}`,
    found: String(expected),
  });
}
