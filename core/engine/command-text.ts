/**
 * The canonical text of a command, and its print: made once, however often they are asked for.
 *
 * On its way a command is measured, told apart from others with its key, written to the account
 * chain and written into its Turn. Commands are never changed, so what was made for one holds for
 * as long as it lives, and goes with it.
 */
import { canonicalJson } from "../canonical.ts";
import type { Command } from "./command.ts";
import { fingerprint } from "./ledger.ts";

interface Written {
  readonly text: string;
  print: number | undefined;
}

const known = new WeakMap<Command, Written>();

function written(command: Command): Written {
  const before = known.get(command);
  if (before !== undefined) return before;
  const made = { text: canonicalJson(command), print: undefined };
  known.set(command, made);
  return made;
}

/** `canonicalJson` of the command. @throws RiskError as that */
export const commandText = (command: Command): string => written(command).text;

/** Fingerprint of its text. */
export function commandPrint(command: Command): number {
  const of = written(command);
  of.print ??= fingerprint(of.text);
  return of.print;
}

/** `canonicalJson` of the list. */
export const commandsText = (commands: readonly Command[]): string =>
  `[${commands.map(commandText).join(",")}]`;
