/** Tests of a backtest: old beside new, in a thread of its own, and no study of too little. */
import { describe, expect, it } from "vitest";
import { exampleTerms } from "../../../regime/study/example-terms.test-kit.ts";
import { syntheticBars } from "../../../regime/study/synthetic.test-kit.ts";
import { backtest } from "./backtest.ts";
import { threadedBacktests } from "./backtests.ts";

const bars = syntheticBars({
  ...{ seed: 5, bars: 12 * 90, barMs: 7_200_000, steps: 2 },
  dailyVol: () => 0.03,
});
const after = { ...exampleTerms, range: { ...exampleTerms.range, min: 0.16 } };
const input = { bars, before: exampleTerms, after };

describe("a backtest", () => {
  it("shows live and proposed beside references, and who covers more", () => {
    const { rows, remark, bars: count } = backtest(input);
    expect([remark, count]).toEqual([null, bars.length]);
    expect(rows!.map(({ name }) => name)).toEqual(["live", "proposed", "static-20", "ewma-97-fhs"]);
    const [live, proposed] = rows!;
    expect(proposed!.meanRange).toBeGreaterThanOrEqual(live!.meanRange);
  });

  it("is the same from a thread", async () => {
    expect(await threadedBacktests(input)).toEqual(backtest(input));
  });

  it("of too short a record says why there is none", async () => {
    const found = await threadedBacktests({ ...input, bars: bars.slice(0, 100) });
    expect(found.rows).toBe(null);
    expect(found.remark).toMatch(/out_of_bounds/);
    expect(backtest({ ...input, bars: [] }).rows).toBe(null);
  });
});
