/**
 * Reads the flags of a verb: `--name value`, `--name=value`, or SLIDEWIRE_NAME in the environment.
 */
import { parseArgs } from "node:util";
import { RiskError, shown } from "../../core/errors.ts";
import { type FlagName, type FlagValues, flagSpecs, type Verb } from "./verb.ts";

type Env = Readonly<Record<string, string | undefined>>;

/** @throws RiskError unknown_flag, wrong_type, missing_field */
export function readFlags(verb: Verb, args: readonly string[], env: Env): FlagValues {
  const { values, positionals } = parsed(verb, args);
  const [min, max] = verb.positionals;
  if (positionals.length < min || positionals.length > max) {
    throw new RiskError("missing_field", {
      path: verb.name,
      expected: `slidewire ${verb.name} ${verb.usage}`.trim(),
      found: `${positionals.length} arguments`,
    });
  }
  const texts = (name: FlagName): readonly string[] => {
    const fromEnv = env[envName(name)];
    return values.get(name) ?? (fromEnv === undefined ? [] : [fromEnv]);
  };
  const text = (name: FlagName): string | undefined => texts(name).at(-1);
  for (const name of verb.flags) if (flagSpecs[name].kind === "number") numberOf(name, text(name));
  return {
    positional: positionals,
    text,
    texts,
    number: (name) => numberOf(name, text(name)),
    has: (name) => values.has(name) || ["1", "true"].includes(env[envName(name)] ?? ""),
  };
}

const envName = (name: FlagName) => `SLIDEWIRE_${name.toUpperCase().replaceAll("-", "_")}`;

function parsed(verb: Verb, args: readonly string[]) {
  const options = Object.fromEntries(
    verb.flags.map((name) => [
      name,
      {
        type: flagSpecs[name].kind === "switch" ? ("boolean" as const) : ("string" as const),
        multiple: true,
      },
    ]),
  );
  try {
    const joined = withNegatives(args);
    const found = parseArgs({ args: joined, options, allowPositionals: true, strict: true });
    const values = new Map<FlagName, readonly string[]>();
    for (const [name, value] of Object.entries(found.values)) {
      values.set(name as FlagName, [value].flat().map(String));
    }
    return { values, positionals: found.positionals };
  } catch (error) {
    const found = args.find((arg) => arg.startsWith("-") && !isKnown(verb, arg));
    throw new RiskError(found === undefined ? "missing_field" : "unknown_flag", {
      path: verb.name,
      expected:
        found === undefined
          ? (error as Error).message.split("\n")[0]!
          : verb.flags.map((name) => `--${name}`).join(" "),
      found: found ?? args.join(" "),
    });
  }
}

/** `--seed -1` as `--seed=-1`: a negative number is a value and no flag. */
function withNegatives(args: readonly string[]): string[] {
  const joined: string[] = [];
  for (const arg of args) {
    const before = joined.at(-1);
    if (/^-\d/.test(arg) && before?.startsWith("--") && !before.includes("=")) {
      joined[joined.length - 1] = `${before}=${arg}`;
    } else {
      joined.push(arg);
    }
  }
  return joined;
}

const isKnown = ({ flags }: Verb, arg: string) =>
  flags.some((name) => arg === `--${name}` || arg.startsWith(`--${name}=`));

function numberOf(name: FlagName, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = text.trim() === "" ? Number.NaN : Number(text);
  if (Number.isFinite(value) || text === "Infinity") return value;
  throw new RiskError("wrong_type", {
    path: `--${name}`,
    expected: "a number",
    found: shown(text),
  });
}
