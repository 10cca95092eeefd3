/**
 * The command line: which verb, which flags, and how an error is said.
 *
 * Every verb declares its flags; a flag may also come from the environment as SLIDEWIRE_ and its
 * name in capitals. Exit codes: 0 ok, 1 our fault, 2 bad input, 3 a check failed. An error is one
 * line on standard error, JSON with `--json`, and never a stack trace.
 */
import { RiskError } from "../core/errors.ts";
import { configVerb } from "./cli/config.ts";
import { errorLine } from "./cli/error-line.ts";
import { readFlags } from "./cli/flags.ts";
import { generalHelp, verbHelp } from "./cli/help.ts";
import { journalVerb } from "./cli/journal.ts";
import { keysVerb } from "./cli/keys.ts";
import { marginVerb } from "./cli/margin.ts";
import { priceCommand } from "./cli/price-command.ts";
import { replayVerb } from "./cli/replay.ts";
import { verbsAbove } from "./cli/rooms-above.ts";
import { serveVerb } from "./cli/serve.ts";
import { studyVerb } from "./cli/study.ts";
import type { Verb } from "./cli/verb.ts";
import { watchVerb } from "./cli/watch.ts";
import { FAULT_VARIABLE, trapOf } from "./journal/fault.ts";
import { version } from "./version.ts";

export const EXIT = { ok: 0, fault: 1, badInput: 2, checkFailed: 3 } as const;

export const verbs: readonly Verb[] = [
  serveVerb,
  watchVerb,
  marginVerb,
  priceCommand,
  studyVerb,
  replayVerb,
  keysVerb,
  journalVerb,
  configVerb,
];

/** Runs one command. @returns the exit code */
export async function runCli(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Promise<number> {
  const json = args.includes("--json");
  process.stdout.on("error", closedByReader);
  try {
    trapOf(env[FAULT_VARIABLE]);
    return await dispatch(args, env);
  } catch (error) {
    return sayError(error, json);
  }
}

/** Whoever reads our output may stop reading (`| head`): then there is nobody left to tell. */
function closedByReader({ code }: NodeJS.ErrnoException): void {
  process.exit(code === "EPIPE" ? EXIT.ok : EXIT.fault);
}

async function dispatch(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Promise<number> {
  const [name, ...rest] = args;
  if (name === undefined || name === "--help" || name === "-h" || name === "help") {
    process.stdout.write(generalHelp(await allVerbs()));
    return EXIT.ok;
  }
  if (name === "--version") {
    process.stdout.write(`${version}\n`);
    return EXIT.ok;
  }
  const all = await allVerbs();
  const verb = all.find((known) => known.name === name);
  if (verb === undefined) {
    throw new RiskError("unknown_command", {
      path: name,
      expected: all.map((known) => known.name).join(", "),
      found: name,
    });
  }
  if (rest.includes("--help") || rest.includes("-h")) {
    process.stdout.write(verbHelp(verb));
    return EXIT.ok;
  }
  return verb.run(readFlags(verb, rest, env));
}

async function allVerbs(): Promise<readonly Verb[]> {
  return [...verbs, ...(await verbsAbove())];
}

/** One line on standard error, and the exit code that belongs to it. */
export function sayError(error: unknown, json: boolean): number {
  const known =
    error instanceof RiskError
      ? error
      : new RiskError("invariant_broken", { found: String(error) }, { cause: error });
  process.stderr.write(errorLine(known, json));
  return known.kind === "fault" ? EXIT.fault : EXIT.badInput;
}
