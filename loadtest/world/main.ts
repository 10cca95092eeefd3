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
 * A seed that fails prints what did not hold and the one command that shows it again; exit code 3.
 */
import { parseArgs } from "node:util";
import { runSeeds } from "./seeds.ts";

const { values } = parseArgs({
  options: {
    seed: { type: "string", default: "1" },
    seeds: { type: "string" },
    seconds: { type: "string" },
    storm: { type: "string" },
    calm: { type: "string" },
    twice: { type: "boolean", default: false },
    trace: { type: "boolean", default: false },
  },
});

const seconds = values.seconds === undefined ? undefined : Number(values.seconds);
const outcome = await runSeeds({
  from: Number(values.seed),
  count: values.seeds === undefined && seconds !== undefined ? Infinity : Number(values.seeds ?? 1),
  seconds: seconds ?? Infinity,
  twice: values.twice,
  say: (line) => process.stdout.write(`${line}\n`),
  trace: values.trace,
  ...(values.storm === undefined ? {} : { stormMs: Number(values.storm) }),
  ...(values.calm === undefined ? {} : { calmMs: Number(values.calm) }),
});
process.exitCode = outcome.failed === undefined ? 0 : 3;
