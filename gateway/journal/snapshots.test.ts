/** Snapshots in a folder: which are kept, which come first, and what is said of a bad one. */
import { describe, expect, it } from "vitest";
import { RiskError } from "../../core/errors.ts";
import type { Folder } from "./folder.ts";
import { goldenAfter } from "./snapshot.test-kit.ts";
import {
  ANCHORS_KEPT,
  openSnapshots,
  SNAPSHOTS_KEPT,
  type Snapshot,
  snapshotName,
  superfluous,
} from "./snapshots.ts";
import { stateHash } from "./state-hash.ts";

interface MemoryFolder extends Folder {
  readonly files: Map<string, Uint8Array>;
}

function memoryFolder(): MemoryFolder {
  const files = new Map<string, Uint8Array>();
  return {
    files,
    list: () => [...files.keys()],
    read: (name) => files.get(name)!,
    write: (name, bytes) => void files.set(name, bytes),
    remove: (name) => void files.delete(name),
  };
}

const base = goldenAfter(120);
const at = (seq: number): Snapshot => ({ ...base, state: { ...base.state, seq } });
const seqs = (folder: Folder) => [...openSnapshots(folder).newestFirst()].map(({ seq }) => seq);

describe("snapshots", () => {
  it("keep the newest, and come newest first whatever the folder's order", async () => {
    const folder = memoryFolder();
    const snapshots = openSnapshots(folder);
    for (const seq of [5, 900, 17, 1_000_000, 44]) await snapshots.take(at(seq));
    expect(seqs(folder)).toEqual([1_000_000, 900, 44, 5]);
  });

  it("reach back ever more coarsely, in a bounded number", () => {
    let kept: { seq: number }[] = [];
    for (let seq = 1; seq <= 100_000; seq++) {
      const all = [{ seq }, ...kept];
      const gone = new Set(superfluous(all));
      kept = all.filter((one) => !gone.has(one));
      expect(kept.length).toBeLessThanOrEqual(SNAPSHOTS_KEPT + ANCHORS_KEPT);
    }
    const distances = kept.map(({ seq }) => 100_000 - seq);
    expect(distances.slice(0, SNAPSHOTS_KEPT)).toEqual([0, 1, 2]);
    for (const [i, distance] of distances.entries()) {
      if (i > SNAPSHOTS_KEPT) expect(distance).toBeLessThanOrEqual(4 * distances[i - 1]!);
    }
    expect(distances.at(-1)).toBeGreaterThanOrEqual(2 ** (ANCHORS_KEPT - 1));
  });

  it("give back what was taken", async () => {
    const snapshots = openSnapshots(memoryFolder());
    await snapshots.take(base);
    const [newest] = snapshots.newestFirst();
    const { state, regimes } = newest!.load();
    expect(newest!.name).toBe("snapshot-0000000000000120.bin");
    expect(stateHash(state, regimes)).toBe(stateHash(base.state, base.regimes));
  });

  it("leave other files of the folder alone", async () => {
    const folder = memoryFolder();
    folder.files.set("notes.txt", new Uint8Array());
    folder.files.set("snapshot-1.bin", new Uint8Array());
    for (const seq of [1, 2, 3, 4, 5, 6]) await openSnapshots(folder).take(at(seq));
    expect([...folder.files.keys()].slice(0, 2)).toEqual(["notes.txt", "snapshot-1.bin"]);
    expect(seqs(folder)).toEqual([6, 5, 4, 3, 1]);
  });

  it("let whoever reads pass over a bad one, naming it", async () => {
    const folder = memoryFolder();
    const snapshots = openSnapshots(folder);
    for (const seq of [1, 2, 3]) await snapshots.take(at(seq));
    folder.files.get(snapshotName(3))![5_000]! ^= 4;
    folder.files.set(snapshotName(2), folder.files.get(snapshotName(2))!.subarray(0, 5_000));
    const told: string[] = [];
    for (const { name, load } of snapshots.newestFirst()) {
      try {
        expect([name, load().state.seq]).toEqual([snapshotName(1), 1]);
      } catch (error) {
        if (!(error instanceof RiskError)) throw error;
        told.push(`${error.code} ${error.detail.path}`);
      }
    }
    expect(told).toEqual([3, 2].map((seq) => `malformed_file ${snapshotName(seq)}`));
  });

  it("refuse a file under the name of another, and one of another lineage", async () => {
    const folder = memoryFolder();
    await openSnapshots(folder).take(base);
    folder.files.set(snapshotName(121), folder.files.get(snapshotName(120))!);
    const [renamed, own] = openSnapshots(folder, { lineage: base.state.lineage }).newestFirst();
    expect(() => renamed!.load()).toThrow(/malformed_file: snapshot-0+121\.bin: .*after turn 120/);
    expect(own!.load().state.seq).toBe(120);
    const [, foreign] = openSnapshots(folder, { lineage: "ab".repeat(16) }).newestFirst();
    expect(() => foreign!.load()).toThrow(/malformed_file: snapshot-0+120\.bin: .*lineage abab/);
  });

  it("keep the older ones when a write fails, and say why", async () => {
    const folder = memoryFolder();
    await openSnapshots(folder).take(at(1));
    const full: Folder = {
      ...folder,
      async write() {
        throw new RiskError("unreadable_file", { found: "ENOSPC" });
      },
    };
    const snapshots = openSnapshots(full);
    await expect(snapshots.take(at(2))).rejects.toThrow(/ENOSPC/);
    await expect(snapshots.take(at(3))).rejects.toThrow(/ENOSPC/);
    expect(seqs(folder)).toEqual([1]);
  });

  it("write one at a time; of those that wait the newest stands for all", async () => {
    const folder = memoryFolder();
    const snapshots = openSnapshots(folder);
    await Promise.all([1, 2, 3, 4].map((seq) => snapshots.take(at(seq))));
    expect(seqs(folder)).toEqual([4, 1]);
    await snapshots.take(at(5));
    expect(seqs(folder)).toEqual([5, 4, 1]);
  });

  it("give way while they encode", async () => {
    let pauses = 0;
    const soon = (act: () => void) => {
      pauses += 1;
      setImmediate(act);
    };
    await openSnapshots(memoryFolder(), { clock: { soon } }).take(base);
    expect(pauses).toBeGreaterThan(5);
  });
});
