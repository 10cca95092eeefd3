/**
 * `slidewire price FILE.ndjson|-`: the verb around price.ts, which answers option by option.
 */
import { readLines } from "./input.ts";
import { priceVerb } from "./price.ts";
import type { Verb } from "./verb.ts";

export const priceCommand: Verb = {
  name: "price",
  usage: "FILE.ndjson|-",
  summary: "option prices, greeks and implied vols, one answer a line",
  flags: ["json"],
  positionals: [1, 1],
  example:
    `echo '{"forward": 100, "strike": 100, "years": 1, "vol": 0.2, "right": "call"}' ` +
    "| slidewire price -",
  run: (flags) =>
    priceVerb(readLines(flags.positional[0]!), (line) => process.stdout.write(`${line}\n`)),
};
