/**
 * Verbs of the rooms above the gateway, found when they are asked for.
 *
 * Imports point down only, so whatever measures the gateway is never imported by it. The command
 * line is the one place that knows all verbs; it finds those from above by the names of their
 * files, here and nowhere else, and they declare themselves like any other verb.
 */
import { extname } from "node:path";
import type { Verb } from "./verb.ts";

const files = ["../../loadtest/verb"] as const;

interface VerbModule {
  readonly verb: Verb;
}

/** Their declarations; what they do is loaded when they run. */
export async function verbsAbove(): Promise<readonly Verb[]> {
  // Sources and built files have the same names but for the ending.
  const ending = extname(import.meta.url);
  const modules = files.map(async (file): Promise<VerbModule> => {
    return import(/* @vite-ignore */ new URL(file + ending, import.meta.url).href);
  });
  return (await Promise.all(modules)).map(({ verb }) => verb);
}
