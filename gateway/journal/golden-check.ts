/**
 * Checks the golden Turns: `node gateway/journal/golden-check.ts core/cases/turns/sim.json`, and
 * from the built package `node dist/gateway/journal/golden-check.js core/cases/turns/sim.json`.
 *
 * The file of Turns lies beside the JSON under the same name. The last line says `N passed, M
 * failed`; exit code 0 when all passed, 3 when one failed, 2 when the files are not what they
 * should be.
 */
import { readFileSync } from "node:fs";
import { RiskError } from "../../core/errors.ts";
import { compareGolden, type Golden, goldenOf } from "./golden.ts";
import { readTurnFile } from "./turn-file.ts";

process.exitCode = run(process.argv[2] ?? "core/cases/turns/sim.json");

function run(path: string): number {
  try {
    const expected = JSON.parse(readFileSync(path, "utf8")) as Golden;
    const file = readFileSync(path.replace(/\.json$/, ".turns"));
    const checks = compareGolden(expected, goldenOf(file, readTurnFile(file)));
    const failed = [...checks].filter(([, holds]) => !holds).map(([name]) => name);
    for (const name of failed)
      process.stdout.write(`differs on Node ${process.version}: ${name}\n`);
    process.stdout.write(`${checks.size - failed.length} passed, ${failed.length} failed\n`);
    return failed.length === 0 ? 0 : 3;
  } catch (error) {
    if (error instanceof RiskError && error.kind === "fault") throw error;
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    return 2;
  }
}
