/** Tests of a what-if: its figures are those that would be streamed, and others go first. */
import { describe, expect, it } from "vitest";
import { instrumentsOf } from "../../../core/engine/account-book.ts";
import { openEngine } from "../../../core/engine/engine.ts";
import { forkState } from "../../../core/engine/state.ts";
import { openTuning } from "./desk.test-kit.ts";
import { SLICE_MS, type WhatIf, whatIf } from "./what-if.ts";

const clock = { now: () => performance.now(), soon: (act: () => void) => void setImmediate(act) };
const { flow } = await openTuning();
const { engine } = flow;

/** The same by an engine that folds the change for good: the slow twin. */
function folded(range: number): Map<string, readonly [number, number, boolean]> {
  const state = forkState(engine.state);
  state.market.ranges.set("BTC", {
    ...state.market.ranges.get("BTC")!,
    slideRange: { initial: range, maintenance: range },
  });
  const twin = openEngine(state);
  const turn = {
    ...{ partition: 0, lineage: state.lineage, seq: state.seq + 1, at: state.at, index: [] },
    ...{ prevHash: state.lastHash, marks: [], commands: [{ kind: "Tick" } as const] },
  };
  twin.fold(turn, "0".repeat(64));
  return new Map(
    [...state.accounts.keys()].map((id) => {
      const { requirement, equity } = twin.margin(id)!.margin;
      const below = equity.maintenance < requirement.maintenance;
      return [id, [requirement.initial, requirement.maintenance, below] as const];
    }),
  );
}

const total = (of: ReturnType<typeof folded>, i: 0 | 1): number =>
  [...of.values()].reduce((sum, figures) => sum + figures[i], 0);

describe("a what-if", () => {
  it.each([0.1, 0.2, 0.35, 0.48])("at %s has the figures that would be streamed", async (range) => {
    const found = await whatIf(engine, { underlying: "BTC", range }, clock);
    const { initial } = engine.state.market.ranges.get("BTC")!.slideRange;
    const [before, after] = [folded(initial), folded(range)];
    const [sum] = Object.values(found.initialMargin);
    expect(found.accounts).toBe(before.size);
    expect(sum!.after).toBeCloseTo(total(after, 0), 6);
    const [kept] = Object.values(found.maintenanceMargin);
    expect(kept!.after).toBeCloseTo(total(after, 1), 6);
    const isBelow = (id: string): boolean => after.get(id)![2];
    const newly = [...after.keys()].filter((id) => isBelow(id) && !before.get(id)![2]);
    expect(found.newlyBelow.maintenance).toBe(newly.length);
  });

  it("of a wider range lowers nobody's requirement, and a wide one catches somebody", async () => {
    const wide = await whatIf(engine, { underlying: "BTC", range: 0.48 }, clock);
    expect(wide.initialChange!.min).toBeGreaterThanOrEqual(0);
    expect(wide.initialChange!.max).toBeGreaterThan(0.3);
    expect(wide.newlyBelow.initial).toBeGreaterThanOrEqual(wide.newlyBelow.maintenance);
    expect(wide.noLongerBelow).toEqual({ initial: 0, maintenance: 0 });
  });

  it("changes nothing, and names nobody", async () => {
    const before = JSON.stringify([...engine.state.market.ranges]);
    const found = await whatIf(engine, { underlying: "BTC", range: 0.4 }, clock);
    expect(JSON.stringify([...engine.state.market.ranges])).toBe(before);
    for (const id of engine.state.accounts.keys()) expect(JSON.stringify(found)).not.toContain(id);
  });

  it("stands in one Turn, whatever is folded meanwhile", async () => {
    const still = await whatIf(engine, { underlying: "BTC", range: 0.4 }, clock);
    const slow = { now: () => (time += SLICE_MS), soon: clock.soon };
    let time = 0;
    const moving: Promise<WhatIf> = whatIf(engine, { underlying: "BTC", range: 0.4 }, slow);
    for (let i = 0; i < 20; i++) {
      flow.idle(engine.state.at + 1_000);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(await moving).toEqual(still);
  });

  it("offers a breath after every leg and every account", async () => {
    let [time, breaths] = [0, 0];
    const eager = {
      now: () => (time += SLICE_MS),
      soon(act: () => void) {
        breaths += 1;
        setImmediate(act);
      },
    };
    const found = await whatIf(engine, { underlying: "BTC", range: 0.3 }, eager);
    const { accounts } = engine.state;
    const legs = [...accounts.values()].flatMap((account) => instrumentsOf(account));
    expect(breaths).toBe(2 * legs.length + found.accounts);
  });
});
