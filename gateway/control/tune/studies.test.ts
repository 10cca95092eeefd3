/** Tests of studies: in their turn, each once, none for what is gone, and nobody waits for long. */
import { describe, expect, it } from "vitest";
import { createRegime } from "../../../regime/index.ts";
import { exampleTerms } from "../../../regime/study/example-terms.test-kit.ts";
import { type Backtest, noBacktest } from "./backtest.ts";
import type { Proposal, Wanted } from "./proposal.ts";
import { SeenPreviews } from "./seen.ts";
import { openStudies } from "./studies.ts";

const live = createRegime(exampleTerms, 7_200_000, "BTC");
const changes = [{ path: "scale.damping", before: 0.35, after: 0.5 }];
const none = noBacktest([], "a test");

function proposal(id: string, wanted: Wanted = { what: "parameters", changes }): Proposal {
  return {
    ...{ id, underlying: "BTC", expectedVersion: 0, wanted, principal: "a", reason: "a test" },
    ...{
      madeMs: 0,
      shadowed: wanted.what === "parameters",
      seen: new SeenPreviews(),
      applying: undefined,
    },
  };
}

/** Studies that end when the test says so, and whose waits end at once. */
function desk() {
  const running: ((found: Backtest) => void)[] = [];
  const studies = openStudies({
    record: { bars: () => [] },
    backtests: () => new Promise((resolve) => running.push(resolve)),
    clock: {
      after(_, act) {
        setImmediate(act);
        return () => undefined;
      },
    },
  });
  return { studies, running };
}

describe("a study", () => {
  it("is begun with its proposal, in its turn, and is there for every preview", async () => {
    const { studies, running } = desk();
    const [first, second] = [proposal("1"), proposal("2")];
    for (const one of [first, second]) studies.begin(one, live, () => true);
    expect(await studies.of(first)).toBe(undefined);
    expect(running).toHaveLength(1);
    running[0]!(none);
    expect(await studies.of(first)).toBe(none);
    expect(await studies.of(first)).toBe(none);
    expect(await studies.of(second)).toBe(undefined);
    expect(running).toHaveLength(2);
  });

  it("is not begun for a proposal that is gone, nor for what needs none", async () => {
    const { studies, running } = desk();
    const [gone, release] = [proposal("1"), proposal("2", { what: "release" })];
    studies.begin(gone, live, () => false);
    studies.begin(release, live, () => true);
    expect(await studies.of(gone)).toBe(undefined);
    expect(await studies.of(release)).toBe(null);
    expect(running).toHaveLength(0);
  });
});
