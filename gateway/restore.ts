/**
 * Backups with all that a start needs, and their restoring under a new lineage.
 *
 *      backup    snapshots first, then both chains: no snapshot is ahead of its journal
 *      restore   every command, and the state that the backup gives as a snapshot ─► a new folder
 *
 * What was acknowledged after the backup is gone, and its numbers will be given again. So a
 * restored journal is another lineage: whoever resumes events by the old one is told, and sees the
 * rings as they are.
 */
import { copyFileSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { loadTerms, termsHash } from "../config/terms.ts";
import { RiskError } from "../core/errors.ts";
import { PREVIEW_FOLDER, readData, SNAPSHOT_FOLDER } from "./data-folder.ts";
import { openFolder } from "./journal/folder.ts";
import { type Journal, openJournal } from "./journal/journal.ts";
import type { ListRecord } from "./journal/list.ts";
import { backUpJournal } from "./journal/read-journal.ts";
import { openSnapshots } from "./journal/snapshots.ts";
import { recover } from "./recover.ts";

/** Commands that are written together. */
const GROUP = 1_000;

/**
 * Copies snapshots and journal as they are, while a gateway may be writing, into the new folder
 * `to`.
 *
 * @throws RiskError what reading and writing refuse
 */
export function backUp(data: string, to: string): void {
  copyFiles(join(data, SNAPSHOT_FOLDER), join(to, SNAPSHOT_FOLDER), ".bin");
  copyFiles(join(data, PREVIEW_FOLDER), join(to, PREVIEW_FOLDER), ".json");
  backUpJournal(data, to);
}

/** Copies whole files; one that is no longer kept may leave while we copy. */
function copyFiles(from: string, to: string, ending: string): void {
  mkdirSync(to, { recursive: true, mode: 0o700 });
  for (const name of existsSync(from) ? readdirSync(from) : []) {
    if (!name.endsWith(ending) || !existsSync(join(from, name))) continue;
    copyFileSync(join(from, name), join(to, name));
  }
}

export interface Restored {
  /** The new one. */
  readonly lineage: string;
  /** Newest Turn and command of the backup: numbers go on behind them. */
  readonly turn: number;
  readonly command: number;
}

/**
 * Makes a data folder from a backup. Nothing is there under its name before all of it is.
 *
 * @throws RiskError conflict when the folder has a journal, and what recovery refuses
 */
export async function restore(backup: string, data: string): Promise<Restored> {
  if (existsSync(join(data, "journal.db"))) {
    const expected = "a folder without a journal";
    throw new RiskError("conflict", { path: data, expected, found: "journal.db" });
  }
  const unfinished = `${data.replace(/\/+$/, "")}.restoring`;
  rmSync(unfinished, { recursive: true, force: true });
  const restored = await restoreInto(backup, unfinished);
  mkdirSync(data, { recursive: true, mode: 0o700 });
  // The journal last: without it the folder is an empty one.
  const names = readdirSync(unfinished).sort((a, b) => Number(isJournal(a)) - Number(isJournal(b)));
  for (const name of names) renameSync(join(unfinished, name), join(data, name));
  rmSync(unfinished, { recursive: true });
  return restored;
}

const isJournal = (name: string): boolean => name === "journal.db";

async function restoreInto(backup: string, folder: string): Promise<Restored> {
  const { chains, snapshots, close } = readData(backup);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const journal = await openJournal(folder);
  try {
    const terms = loadTerms("slidewire");
    const found = await recover({ chains, snapshots, terms, termsHash: termsHash(terms) });
    if (found === undefined) {
      const expected = "a backup with commands";
      throw new RiskError("unreadable_file", { path: backup, expected, found: "none" });
    }
    const { lineage } = journal;
    await copyCommands(chains.account.read(1), journal);
    const state = { ...found.state, lineage };
    const { regimes, pairs } = found;
    copyFiles(join(backup, PREVIEW_FOLDER), join(folder, PREVIEW_FOLDER), ".json");
    await openSnapshots(openFolder(join(folder, SNAPSHOT_FOLDER))).take({ state, regimes, pairs });
    return { lineage, turn: state.seq, command: chains.account.lastSeq() };
  } finally {
    await journal.close();
    close();
  }
}

async function copyCommands(
  records: Iterable<ListRecord> | AsyncIterable<ListRecord>,
  { account }: Journal,
): Promise<void> {
  let group: Uint8Array[] = [];
  let first = 1;
  const write = async () => {
    if (group.length > 0) await account.append(group, first);
    first += group.length;
    group = [];
  };
  for await (const { bytes } of records) {
    group.push(bytes);
    if (group.length === GROUP) await write();
  }
  await write();
}
