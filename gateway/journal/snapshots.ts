/**
 * Snapshots in a folder: taken beside the running fold, read back newest first.
 *
 *      take ─ copy at once ─ encode in slices ─ folder.write ─ remove what is not kept
 *
 * A copy costs a millisecond whatever the accounts hold, for the fold replaces and never changes
 * what it holds. A snapshot counts when the folder has answered that it is on disk; until then the
 * older ones stay. Each names its Turn, so a file under another's name is told apart.
 */
import { RiskError } from "../../core/errors.ts";
import { type Clock, systemClock } from "../clock.ts";
import type { Folder } from "./folder.ts";
import {
  type Copy,
  copyOf,
  decodeSnapshot,
  encodeSnapshot,
  type Snapshot,
} from "./snapshot-file.ts";

export type { Snapshot } from "./snapshot-file.ts";

/** The newest snapshots, which all stay: a recovery begins from one of them. */
export const SNAPSHOTS_KEPT = 3;
/** Older ones that stay besides, ever further apart: a replay of the past begins from one. */
export const ANCHORS_KEPT = 8;

export interface Snapshots {
  /**
   * Copies at once what the Turn `state.seq` left and writes it without stopping the loop; resolves
   * when it is on disk. While one is being written the next waits, and one after that takes the
   * place of the one that waits: both resolve with the newer.
   *
   * @throws RiskError what the folder refuses; the older snapshots stay
   */
  take(snapshot: Snapshot): Promise<void>;
  /**
   * Newest first; read when asked for.
   *
   * `load` throws RiskError malformed_file naming the file and what is wrong with it.
   */
  newestFirst(): Iterable<SnapshotEntry>;
}

export interface SnapshotEntry {
  /** Of its file. */
  readonly name: string;
  /** Of the Turn that it holds the state after. */
  readonly seq: number;
  load(): Snapshot;
}

export interface SnapshotOptions {
  /** Refuses snapshots of another; absent: whoever loads one looks. */
  readonly lineage?: string;
  readonly clock?: Pick<Clock, "soon">;
}

/** `snapshot-0000000000001234.bin`: names in order of their Turns. */
export const snapshotName = (seq: number): string =>
  `snapshot-${String(seq).padStart(SEQ_DIGITS, "0")}.bin`;

const SEQ_DIGITS = 16;
const NAME = /^snapshot-(\d{16})\.bin$/;

interface Waiting {
  copy: Copy;
  readonly done: Promise<void>;
}

export function openSnapshots(folder: Folder, options: SnapshotOptions = {}): Snapshots {
  const { clock = systemClock } = options;
  const pause = () => new Promise<void>((done) => clock.soon(done));
  let running: Promise<void> | undefined;
  let waiting: Waiting | undefined;

  function newest(): { readonly name: string; readonly seq: number }[] {
    return folder
      .list()
      .flatMap((name) => (NAME.test(name) ? [{ name, seq: Number(NAME.exec(name)![1]) }] : []))
      .sort((a, b) => b.seq - a.seq);
  }

  async function write(copy: Copy): Promise<void> {
    const bytes = await encodeSnapshot(copy, pause);
    await folder.write(snapshotName(copy.header.seq), bytes);
    for (const { name } of superfluous(newest())) folder.remove(name);
  }

  async function start(copy: Copy): Promise<void> {
    running = write(copy);
    try {
      await running;
    } finally {
      running = undefined;
    }
  }

  async function startWaiting(before: Promise<void>): Promise<void> {
    // Whoever asked for that one is told what became of it.
    await before.catch(() => undefined);
    const { copy } = waiting!;
    waiting = undefined;
    await start(copy);
  }

  return {
    take(snapshot) {
      const copy = copyOf(snapshot);
      if (running === undefined) return start(copy);
      if (waiting === undefined) waiting = { copy, done: startWaiting(running) };
      else waiting.copy = copy;
      return waiting.done;
    },
    *newestFirst() {
      for (const { name, seq } of newest()) {
        yield { name, seq, load: () => loaded(folder, name, { seq, lineage: options.lineage }) };
      }
    },
  };
}

/**
 * Those that neither recovery nor replay needs: beyond the newest, the oldest within each doubling
 * of the distance stays.
 *
 * @param all newest first
 */
export function superfluous<T extends { readonly seq: number }>(all: readonly T[]): readonly T[] {
  const older = all.slice(SNAPSHOTS_KEPT);
  const distance = ({ seq }: T) => Math.floor(Math.log2(all[0]!.seq - seq));
  const anchors = older.filter((one, i) => {
    const next = older[i + 1];
    return next === undefined || distance(next) !== distance(one);
  });
  const kept = new Set(anchors.slice(0, ANCHORS_KEPT));
  return older.filter((one) => !kept.has(one));
}

interface Expected {
  readonly seq: number;
  readonly lineage: string | undefined;
}

function loaded(folder: Folder, path: string, { seq, lineage }: Expected): Snapshot {
  const snapshot = decodeSnapshot(path, folder.read(path));
  const { state } = snapshot;
  if (state.seq !== seq) {
    const [expected, found] = [`the state after turn ${seq}`, `after turn ${state.seq}`];
    throw new RiskError("malformed_file", { path, expected, found });
  }
  if (lineage !== undefined && state.lineage !== lineage) {
    const expected = `lineage ${lineage}`;
    throw new RiskError("malformed_file", { path, expected, found: state.lineage });
  }
  return snapshot;
}
