/**
 * Many worlds one after the other, until one fails or the time is over.
 */
import { runWorld, type WorldReport } from "./world.ts";

export interface SeedsOptions {
  readonly from: number;
  readonly count: number;
  /** Wall seconds after which no further seed is begun. */
  readonly seconds: number;
  /** Runs each seed twice and compares the traces. */
  readonly twice: boolean;
  readonly say: (line: string) => void;
  readonly trace?: boolean;
  readonly stormMs?: number;
  readonly calmMs?: number;
}

export interface SeedsOutcome {
  readonly seeds: number;
  readonly events: number;
  readonly wallMs: number;
  readonly failed: WorldReport | undefined;
}

export async function runSeeds(options: SeedsOptions): Promise<SeedsOutcome> {
  const { from, count, seconds, say } = options;
  const began = performance.now();
  const elapsedMs = () => performance.now() - began;
  let [seeds, events] = [0, 0];
  let failed: WorldReport | undefined;
  for (let seed = from; seeds < count && elapsedMs() < seconds * 1_000; seed++) {
    const report = await runSeed(seed, options);
    seeds += 1;
    events += report.events;
    say(lineOf(report, elapsedMs(), options));
    if (report.violation === undefined) continue;
    failed = report;
    break;
  }
  say(`${seeds} seeds, ${events} events in ${(elapsedMs() / 1_000).toFixed(1)} s`);
  return { seeds, events, wallMs: elapsedMs(), failed };
}

async function runSeed(seed: number, options: SeedsOptions): Promise<WorldReport> {
  const { twice, trace, say, stormMs, calmMs } = options;
  const lengths = {
    ...(stormMs === undefined ? {} : { stormMs }),
    ...(calmMs === undefined ? {} : { calmMs }),
  };
  const first = await runWorld({ seed, ...lengths, ...(trace === true ? { onTrace: say } : {}) });
  if (!twice || first.violation !== undefined) return first;
  const second = await runWorld({ seed, ...lengths });
  if (second.trace === first.trace) return first;
  const found = `${first.trace}, then ${second.trace}`;
  return { ...first, violation: { check: "deterministic", found, atMs: 0 } };
}

/** The one command that shows a seed again. */
function commandOf(seed: number, { stormMs, calmMs, twice }: SeedsOptions): string {
  const flags = [
    `--seed ${seed}`,
    ...(stormMs === undefined ? [] : [`--storm ${stormMs}`]),
    ...(calmMs === undefined ? [] : [`--calm ${calmMs}`]),
    ...(twice ? ["--twice"] : []),
  ];
  return `node loadtest/world/main.ts ${flags.join(" ")}`;
}

function lineOf(report: WorldReport, elapsedMs: number, options: SeedsOptions): string {
  const { seed, violation, events, turns, starts, faults, trace } = report;
  const told = [
    `${events} events, ${turns} turns, ${starts} starts`,
    `${report.acknowledged} acknowledged, ${report.changes} changes`,
  ].join(", ");
  if (violation === undefined) return `ok seed ${seed}: ${told}, ${trace.slice(0, 12)}`;
  return [
    `not ok seed ${seed} after ${(elapsedMs / 1_000).toFixed(1)} s: ${told}`,
    `  check   ${violation.check}, ${violation.atMs.toFixed(1)} ms into the run`,
    `  found   ${violation.found}`,
    `  faults  ${faults.join(" ")}`,
    `  again   ${commandOf(seed, options)}`,
  ].join("\n");
}
