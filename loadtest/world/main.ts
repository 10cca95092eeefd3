/**
 * Runs simulated worlds: `node loadtest/world/main.ts --seed 7`, or many for a while.
 *
 *      --seed N       the first seed, 1 by default
 *      --seeds N      so many of them, 1 by default
 *      --seconds S    as many as fit into S seconds instead
 *      --storm MS     virtual ms of faults in each, and --calm MS of calm after them
 *      --twice        each seed twice: the traces must be the same
 *      --trace        print every line of the trace
 *
 *      --help         this in one line
 *
 * A seed that fails prints what did not hold and the one command that shows it again; exit code 3.
 * A flag that is wrong is one line on standard error, and exit code 2.
 */
import { parseArgs } from "node:util";
import { RiskError, shown } from "../../core/errors.ts";
import { errorLine } from "../../gateway/cli/error-line.ts";
import { runSeeds, type SeedsOptions } from "./seeds.ts";

const NUMBERS = ["seed", "seeds", "seconds", "storm", "calm"] as const;
const SWITCHES = ["twice", "trace", "help"] as const;
const USAGE = [
  ...NUMBERS.map((name) => `[--${name} N]`),
  ...SWITCHES.map((name) => `[--${name}]`),
].join(" ");

interface Wanted extends Partial<Record<(typeof NUMBERS)[number], number>> {
  readonly on: ReadonlySet<string>;
}

process.exitCode = await run(process.argv.slice(2));

async function run(args: readonly string[]): Promise<number> {
  try {
    const wanted = readWanted(args);
    const say = (line: string) => void process.stdout.write(`${line}\n`);
    if (!wanted.on.has("help")) {
      const { failed } = await runSeeds({ ...optionsOf(wanted), say });
      return failed === undefined ? 0 : 3;
    }
    say(`node loadtest/world/main.ts ${USAGE}`);
    return 0;
  } catch (error) {
    if (!(error instanceof RiskError) || error.kind === "fault") throw error;
    process.stderr.write(errorLine(error, false));
    return 2;
  }
}

/** @throws RiskError unknown_flag, out_of_bounds */
function readWanted(args: readonly string[]): Wanted {
  const options = {
    ...Object.fromEntries(NUMBERS.map((name) => [name, { type: "string" as const }])),
    ...Object.fromEntries(SWITCHES.map((name) => [name, { type: "boolean" as const }])),
  };
  const values = parsed(args, options);
  const numbers = NUMBERS.flatMap((name) =>
    typeof values[name] === "string" ? [[name, numberOf(name, values[name])]] : [],
  );
  const on = new Set(SWITCHES.filter((name) => values[name] === true));
  return { ...Object.fromEntries(numbers), on };
}

type Specs = Record<string, { readonly type: "string" | "boolean" }>;

function parsed(args: readonly string[], options: Specs): Record<string, unknown> {
  try {
    return parseArgs({ args: [...args], options }).values;
  } catch (cause) {
    const found = shown(cause instanceof Error ? cause.message : cause);
    throw new RiskError("unknown_flag", { expected: USAGE, found }, { cause });
  }
}

function numberOf(name: string, text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  const expected = "a whole number from 0 to 999999999";
  throw new RiskError("out_of_bounds", { path: `--${name}`, expected, found: shown(text) });
}

function optionsOf({ seed, seeds, seconds, storm, calm, on }: Wanted): Omit<SeedsOptions, "say"> {
  return {
    from: seed ?? 1,
    count: seeds ?? (seconds === undefined ? 1 : Number.POSITIVE_INFINITY),
    seconds: seconds ?? Number.POSITIVE_INFINITY,
    twice: on.has("twice"),
    trace: on.has("trace"),
    ...(storm === undefined ? {} : { stormMs: storm }),
    ...(calm === undefined ? {} : { calmMs: calm }),
  };
}
