/** A minute of simulated worlds, each run twice: a failing seed prints its one command. */
import { expect, it } from "vitest";
import { runSeeds } from "./seeds.ts";

const SECONDS = 60;

it(`${SECONDS} s of simulated worlds keep every promise, and each runs the same way twice`, {
  timeout: 3 * SECONDS * 1_000,
}, async () => {
  const said: string[] = [];
  const { failed, seeds, events } = await runSeeds({
    from: 1,
    count: Number.POSITIVE_INFINITY,
    seconds: SECONDS,
    twice: true,
    say: (line) => said.push(line),
  });
  process.stdout.write(`${said.at(-1)}\n`);
  expect(failed?.violation, said.join("\n")).toBeUndefined();
  expect(seeds).toBeGreaterThan(2);
  expect(events / seeds).toBeGreaterThan(1_000);
});
