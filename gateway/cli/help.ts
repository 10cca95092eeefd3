/** The help that teaches: what each verb is for, with an example that can be typed. */
import { flagSpecs, type Verb } from "./verb.ts";

export function generalHelp(verbs: readonly Verb[]): string {
  const widest = Math.max(...verbs.map(({ name }) => name.length));
  return [
    "slidewire: live portfolio margin for derivatives, recomputed on every mark",
    "",
    "  slidewire VERB [ARGUMENTS] [--flags]      slidewire VERB --help tells more",
    "",
    ...verbs.map(({ name, summary }) => `  ${name.padEnd(widest)}  ${summary}`),
    "",
    "Start here:",
    "  slidewire serve                           a simulated market with seven accounts",
    "  slidewire watch perp-1                    one account's margin, line by line",
    "",
    "Flags may come from the environment: SLIDEWIRE_PORT=9000 is --port 9000.",
    "Exit codes: 0 ok, 1 our fault, 2 bad input, 3 a check failed.",
    "",
  ].join("\n");
}

export function verbHelp({ name, usage, summary, flags, example }: Verb): string {
  const widest = Math.max(0, ...flags.map((flag) => flag.length));
  return [
    `slidewire ${name} ${usage}`.trim(),
    "",
    `  ${summary}`,
    "",
    ...flags.map((flag) => `  --${flag.padEnd(widest)}  ${flagSpecs[flag].meaning}`),
    "",
    `Example: ${example}`,
    "",
  ].join("\n");
}
