/** Tests of a shadow: it goes on as the regime would under the change, and touches nothing live. */
import { describe, expect, it } from "vitest";
import { FIRST_HASH, type Turn } from "../../../core/engine/turn.ts";
import {
  changedTerms,
  createRegime,
  foldBar,
  foldRegimeTurn,
  restoreRegime,
  snapshotRegime,
  withTerms,
} from "../../../regime/index.ts";
import { exampleTerms } from "../../../regime/study/example-terms.test-kit.ts";
import { syntheticBars } from "../../../regime/study/synthetic.test-kit.ts";
import { openShadow } from "./shadow.ts";

const BAR_MS = 7_200_000;
const names = [{ id: "BTC" }];
const changes = [{ path: "scale.damping", before: 0.35, after: 0.9 }];
const wanted = { what: "parameters", changes } as const;
const bars = syntheticBars({
  ...{ seed: 9, bars: 900, barMs: BAR_MS, steps: 4, df: 4 },
  dailyVol: (at) => (at > 700 * BAR_MS ? 0.08 : 0.03),
});

function turnOf({ openMs, open, high, low, close }: (typeof bars)[number]): Turn {
  const index = [{ ordinal: 0, open, high, low, last: close, count: 4 }];
  return {
    ...{ partition: 0, lineage: "0".repeat(32), seq: 1, prevHash: FIRST_HASH, marks: [] },
    ...{ at: openMs, index, commands: [{ kind: "Tick" }] },
  };
}

function live() {
  const regime = createRegime(exampleTerms, BAR_MS, "BTC");
  for (const bar of bars.slice(0, 690)) foldBar(regime, bar);
  return regime;
}

describe("a shadow", () => {
  it("has what the regime would have published under the change, and leaves it alone", () => {
    const regimes = new Map([["BTC", live()]]);
    const untouched = new Map([["BTC", live()]]);
    const changed = withTerms(live(), changedTerms(exampleTerms, changes));
    const twin = new Map([["BTC", changed]]);
    const shadow = openShadow(regimes.get("BTC")!, wanted, bars[690]!.openMs);
    for (const bar of bars.slice(690, 800)) {
      for (const of of [regimes, untouched, twin]) foldRegimeTurn(of, turnOf(bar), names);
      shadow.fold(turnOf(bar), names, regimes.get("BTC")!);
    }
    const view = shadow.view(regimes.get("BTC")!, bars[800]!.openMs);
    const { initial, maintenance, volScale } = changed.published;
    expect(view.proposed).toMatchObject({ initial, maintenance, volScale, target: changed.target });
    expect(view.proposed.target).toBeGreaterThan(1.1 * view.live.target);
    expect(view).toMatchObject({ bars: 109, ranMs: 110 * BAR_MS });
    expect(view.differenceMax).toBeGreaterThan(0.1);
    expect(snapshotRegime(regimes.get("BTC")!)).toEqual(snapshotRegime(untouched.get("BTC")!));
    expect(shadow.failed()).toBe(undefined);
  });

  it("knows before its first bar where the change leads", () => {
    const regime = live();
    const { live: now, proposed } = openShadow(regime, wanted, 0).view(regime, 0);
    expect(proposed.target).toBe(now.target);
    expect(proposed.destination).not.toBe(now.destination);
    const after = withTerms(
      restoreRegime(snapshotRegime(regime)),
      changedTerms(exampleTerms, changes),
    );
    foldBar(after, { ...bars[690]!, stale: true });
    expect(Math.abs(proposed.destination / after.target - 1)).toBeLessThan(0.05);
  });
});
