/**
 * `slidewire loadtest`: how long a mark takes to reach so many subscribers, on this machine.
 *
 * The command line finds this file when it is asked for the verb (gateway/cli/rooms-above.ts); what
 * measures is loaded when it runs, so that help costs nothing.
 */
import type { FlagValues, Verb } from "../gateway/cli/verb.ts";

const CHECK_FAILED = 3;

export const verb: Verb = {
  name: "loadtest",
  usage: "[NAME|FILE.json]",
  summary: "how long a mark takes to reach so many subscribers, on this machine",
  flags: ["subscribers", "rate", "duration", "codec", "transport", "seed", "json"],
  positionals: [0, 1],
  example: "slidewire loadtest desk --subscribers 500 --duration 20",
  run: loadtest,
};

async function loadtest(flags: FlagValues): Promise<number> {
  const { DEFAULT_SCENARIO, readScenario } = await import("./scenario.ts");
  const scenario = readScenario(flags.positional[0] ?? DEFAULT_SCENARIO, instead(flags));
  const { runLoad } = await import("./run.ts");
  const { reportTable } = await import("./report.ts");
  const ended = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => ended.abort());
  try {
    const report = await runLoad(scenario, ended.signal);
    process.stdout.write(flags.has("json") ? `${JSON.stringify(report)}\n` : reportTable(report));
    return report.failed.length > 0 ? CHECK_FAILED : 0;
  } catch (error) {
    if (!ended.signal.aborted) throw error;
    process.stderr.write("slidewire: the load test was stopped before its end\n");
    return CHECK_FAILED;
  }
}

/** What flags say instead of the scenario, under the scenario's names. */
function instead(flags: FlagValues): Record<string, unknown> {
  const given = {
    subscribers: flags.number("subscribers"),
    marksPerSecond: flags.number("rate"),
    seconds: flags.number("duration"),
    codec: flags.text("codec"),
    transport: flags.text("transport"),
    seed: flags.number("seed"),
  };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}
