/**
 * Everything of a data folder that a start relies on, checked: every bit of the journal, and every
 * snapshot whole, of this version and lineage, and with no command that the journal has not.
 *
 * Snapshots are read first: one that is taken meanwhile may know more than a journal read before.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { RiskError } from "../core/errors.ts";
import { readSnapshots, SNAPSHOT_FOLDER } from "./data-folder.ts";
import type { SnapshotEntry } from "./journal/snapshots.ts";
import { type Verified, verifyJournal } from "./journal/verify-journal.ts";

export interface VerifiedData extends Verified {
  readonly snapshots: {
    readonly count: number;
    /** Number of the Turn that the newest one holds the state after; 0 when there is none. */
    readonly newestSeq: number;
  };
}

interface Seen {
  readonly path: string;
  readonly seq: number;
  readonly lineage: string;
  readonly commands: number;
}

/** @throws RiskError corrupt naming a snapshot's file, or what `verifyJournal` names */
export function verifyData(data: string): VerifiedData {
  const seen = [...readSnapshots(data).newestFirst()].flatMap((entry) => look(data, entry));
  const found = verifyJournal(data);
  for (const snapshot of seen) refuseForeign(snapshot, found);
  return { ...found, snapshots: { count: seen.length, newestSeq: seen[0]?.seq ?? 0 } };
}

/** Nothing where a gateway has removed it meanwhile. */
function look(data: string, { name, seq, load }: SnapshotEntry): Seen[] {
  const path = join(data, SNAPSHOT_FOLDER, name);
  try {
    const { lineage, commands } = load().state;
    return [{ path, seq, lineage, commands }];
  } catch (cause) {
    if (!existsSync(path)) return [];
    if (!(cause instanceof RiskError)) throw cause;
    throw new RiskError("corrupt", { ...cause.detail, path }, { cause });
  }
}

function refuseForeign({ path, lineage, commands }: Seen, found: Verified): void {
  if (lineage !== found.lineage) {
    const expected = `lineage ${found.lineage}, which the journal has`;
    throw new RiskError("corrupt", { path, expected, found: lineage });
  }
  const { lastSeq } = found.account;
  if (commands <= lastSeq) return;
  const expected = `at most the ${lastSeq} commands of the journal`;
  throw new RiskError("corrupt", { path, expected, found: String(commands) });
}
