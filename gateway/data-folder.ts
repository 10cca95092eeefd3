/**
 * What lies in a data folder, and how it is read without disturbing a gateway that runs on it.
 *
 *      demo-keys.json, keys.json   who may call
 *      journal.db, turns/          both chains (journal/)
 *      snapshots/                  states to recover from
 *      previews/                   what regimes were tuned on (control/tune/kept.ts)
 */
import { existsSync, readdirSync, readFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import { RiskError } from "../core/errors.ts";
import { inReading } from "./journal/check-files.ts";
import type { Folder } from "./journal/folder.ts";
import { readJournal } from "./journal/read-journal.ts";
import { openSnapshots, type Snapshots } from "./journal/snapshots.ts";
import type { Chain } from "./journal/store.ts";
import type { Chains } from "./refold.ts";

export const SNAPSHOT_FOLDER = "snapshots";
export const PREVIEW_FOLDER = "previews";

export interface ReadData {
  readonly chains: Chains;
  readonly snapshots: Snapshots;
  close(): void;
}

/** @throws RiskError what the journal refuses, unreadable_file when there is none */
export function readData(data: string): ReadData {
  const journal = readJournal(data);
  const snapshots = readSnapshots(data);
  const list = (chain: Chain) => ({
    lastSeq: () => journal.head(chain).lastSeq,
    read: (fromSeq: number) => journal.read(chain, fromSeq),
  });
  const chains = { lineage: journal.lineage, account: list("account"), turns: list("turns") };
  return { chains, snapshots, close: () => journal.close() };
}

/**
 * Puts a snapshot aside that the list did not meet, and those after it, which were taken from it:
 * the next start begins from an older one. They stay beside, for whoever looks into it.
 *
 * @param said names the file somewhere; nothing is done when it names none
 */
export function setAside(data: string, said: string): readonly string[] {
  const accused = /snapshot-\d{16}\.bin/.exec(said)?.[0];
  const folder = join(data, SNAPSHOT_FOLDER);
  if (accused === undefined || !existsSync(join(folder, accused))) return [];
  const wrong = readdirSync(folder).filter((name) => name.endsWith(".bin") && name >= accused);
  for (const name of wrong) renameSync(join(folder, name), join(folder, `${name}.wrong`));
  return wrong;
}

/** Those of a data folder, to read only; none where there is no folder of them. */
export function readSnapshots(data: string): Snapshots {
  return openSnapshots(foundFolder(join(data, SNAPSHOT_FOLDER)));
}

/** A folder to read: it may be missing, and nothing in it is changed. */
function foundFolder(path: string): Folder {
  const refuse = (): never => {
    throw new RiskError("invariant_broken", { path, expected: "nothing to be written" });
  };
  return {
    list: () => (existsSync(path) ? inReading(path, () => readdirSync(path)) : []),
    read: (name) => inReading(join(path, name), () => readFileSync(join(path, name))),
    write: refuse,
    remove: refuse,
  };
}
