/** Tests of the main phase: midnight where it can be, the next good hour where not. */
import { describe, expect, it } from "vitest";
import { exampleTerms as terms } from "./example-terms.test-kit.ts";
import { frameOf } from "./frame.ts";
import { study } from "./study.ts";
import { syntheticBars } from "./synthetic.test-kit.ts";

const HOUR_MS = 3_600_000;
const bars = syntheticBars({
  seed: 5,
  bars: 12 * 200,
  barMs: 2 * HOUR_MS,
  steps: 3,
  dailyVol: () => 0.03,
});

describe("the main phase", () => {
  it.each([
    // what is missing, hours of the openings that are, main phase
    ["nothing", [], 0],
    ["the hours to 04:00", [2], 0],
    ["the hours to midnight", [22], 1],
    ["every other bar", [2, 6, 10, 14, 18, 22], 1],
    ["the night", [22, 0, 2], 3],
  ])("of a file without %s begins where there are closes", (_, missing, phase) => {
    const file = bars.filter(
      ({ openMs }) => !(missing as readonly number[]).includes((openMs / HOUR_MS) % 24),
    );
    // A bar of another length on every other step: the commonest is still of two hours.
    if (missing.length < 6) expect(frameOf(file, terms).mainPhase).toBe(phase);
    expect(study({ bars: file, terms }).judged.windows).toBeGreaterThan(100);
  });

  it("is midnight though a few closes there are missing", () => {
    const file = bars.filter((_, i) => i % 12 !== 11 || i % 36 === 11 || i % 36 === 23);
    expect(frameOf(file, terms).mainPhase).toBe(0);
  });
});
