import { describe, expect, it } from "vitest";
import { RiskError } from "../core/errors.ts";
import { eventsOf, flowOver, smallSim } from "./flow.test-kit.ts";
import type { Journal } from "./journal/journal.ts";
import type { Snapshots } from "./journal/snapshots.ts";
import { keepSnapshots, SNAPSHOT_MS } from "./snapshot-keeper.ts";

/** A journal and a folder that only remember what they were told. */
function kept(everyTurns: number) {
  const { flow } = flowOver(smallSim());
  const told: string[] = [];
  const seqs: number[] = [];
  let now = 0;
  let full = false;
  let gap: (seq: number) => void = () => undefined;
  const journal = {
    keepTurns: (from: number) => told.push(`keep ${from}`),
    skipTurns: (next: number) => told.push(`skip ${next}`),
    onGap(ring: typeof gap) {
      gap = ring;
      return () => undefined;
    },
  } as Partial<Journal> as Journal;
  const snapshots: Snapshots = {
    async take({ state }) {
      if (full) throw new RiskError("unreadable_file", { found: "ENOSPC" });
      seqs.push(state.seq);
    },
    newestFirst: () =>
      [...seqs].reverse().map((seq) => ({
        name: String(seq),
        seq,
        load: () => {
          throw new RiskError("invariant_broken");
        },
      })),
  };
  const keeper = keepSnapshots({
    ...{ flow, journal, snapshots, everyTurns, clock: { now: () => now } },
    onFault: (error) => {
      throw error;
    },
  });
  const events = eventsOf(smallSim(), 200);
  return {
    ...{ told, seqs, keeper, flow },
    async turns(count: number) {
      for (const event of events.splice(0, count)) {
        flow.accept(event);
        await Promise.resolve();
        await Promise.resolve();
      }
    },
    pass: (ms: number) => {
      now += ms;
    },
    setFull: (is: boolean) => {
      full = is;
    },
    lose: (seq: number) => gap(seq),
  };
}

describe("snapshots are taken", () => {
  it("every so many Turns", async () => {
    const { turns, seqs } = kept(10);
    await turns(35);
    expect(seqs.length).toBe(3);
    expect(seqs[2]! - seqs[0]!).toBe(20);
  });

  it("every so often, however few Turns there were", async () => {
    const { turns, seqs, pass } = kept(1e9);
    await turns(3);
    expect(seqs).toEqual([]);
    pass(SNAPSHOT_MS);
    await turns(1);
    expect(seqs.length).toBe(1);
  });

  it("at the end, when anything was folded since", async () => {
    const { turns, seqs, keeper, flow } = kept(1e9);
    await turns(3);
    await keeper.close();
    expect(seqs).toEqual([flow.engine.state.seq]);
  });

  it("at once where Turns were lost, so that the list can go on behind them", async () => {
    const { turns, seqs, told, lose, flow } = kept(1e9);
    await turns(3);
    lose(flow.engine.state.seq);
    await turns(1);
    expect(seqs.length).toBe(1);
    expect(told).toContain(`skip ${seqs[0]! + 1}`);
  });

  it("again when the disk was full, and nothing stops meanwhile", async () => {
    const { turns, seqs, setFull } = kept(10);
    setFull(true);
    await turns(25);
    expect(seqs).toEqual([]);
    setFull(false);
    await turns(2);
    expect(seqs.length).toBe(1);
  });
});

describe("Turns that a recovery may need", () => {
  it("are kept: all before there are three snapshots, then those after the third", async () => {
    const { turns, told, seqs } = kept(10);
    await turns(45);
    expect(told.slice(0, 3)).toEqual(["keep 1", "keep 1", "keep 1"]);
    expect(told.slice(3)).toEqual([`keep ${seqs[0]! + 1}`, `keep ${seqs[1]! + 1}`]);
  });
});
