/** Tests of the silence: how it widens, whom it leaves alone, and when it is over. */
import { describe, expect, it } from "vitest";
import { paceOf } from "./pace.ts";
import { foldSilence, startSilence } from "./silence.ts";
import { exampleTerms as terms } from "./study/example-terms.test-kit.ts";

const HOUR_MS = 3_600_000;
const prior = terms.prior.range;

/** Its values with the range at `range`, bar by bar; "." had marks. */
function valuesFor(bars: string, range: number, barMs = 2 * HOUR_MS): number[] {
  const silence = startSilence();
  const pace = paceOf(terms, barMs);
  let staleBars = 0;
  return [...bars].map((bar) => {
    staleBars = bar === "." ? 0 : staleBars + 1;
    foldSilence(silence, pace, { staleBars, range, prior });
    return silence.value;
  });
}

describe("a silence", () => {
  it.each([
    // bars, value with the range at 0.1
    ["..", 0],
    [".-", 0],
    [".-.-.-.-", 0],
    [".--", 0.102],
    [".---", 0.10404],
    [".--.", 0.102],
    [".--..", 0],
    [".--.-.-", 0.102],
    [".--.-..", 0],
    [`.${"-".repeat(200)}`, prior],
    [`.${"-".repeat(200)}..`, 0],
  ])("of %s ends at %d", (bars, expected) => {
    expect(valuesFor(bars, 0.1).at(-1)).toBeCloseTo(expected, 12);
  });

  it("adds nothing to a range at or beyond the prior", () => {
    for (const range of [prior, 0.4]) expect(Math.max(...valuesFor("-".repeat(90), range))).toBe(0);
  });

  it("is as long on any bars", () => {
    const day = (barMs: number) => "-".repeat((24 * HOUR_MS) / barMs);
    const after = [300_000, 2 * HOUR_MS].map((ms) => valuesFor(day(ms), 0.1, ms).at(-1)!);
    expect(after[0]! / after[1]!).toBeCloseTo(1, 1);
  });
});
