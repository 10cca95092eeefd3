/**
 * What lies in a data folder, and how it is read without disturbing a gateway that runs on it.
 *
 *      demo-keys.json, keys.json   who may call
 *      journal.db, turns/          both chains (journal/)
 *      snapshots/                  states to recover from
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { RiskError } from "../core/errors.ts";
import type { Folder } from "./journal/folder.ts";
import { readJournal } from "./journal/read-journal.ts";
import { openSnapshots, type Snapshots } from "./journal/snapshots.ts";
import type { Chain } from "./journal/store.ts";
import type { Chains } from "./refold.ts";

export const SNAPSHOT_FOLDER = "snapshots";

export interface ReadData {
  readonly chains: Chains;
  readonly snapshots: Snapshots;
  close(): void;
}

/** @throws RiskError what the journal refuses, unreadable_file when there is none */
export function readData(data: string): ReadData {
  const journal = readJournal(data);
  const snapshots = openSnapshots(foundFolder(join(data, SNAPSHOT_FOLDER)));
  const list = (chain: Chain) => ({
    lastSeq: () => journal.head(chain).lastSeq,
    read: (fromSeq: number) => journal.read(chain, fromSeq),
  });
  const chains = { lineage: journal.lineage, account: list("account"), turns: list("turns") };
  return { chains, snapshots, close: () => journal.close() };
}

/** A folder to read: it may be missing, and nothing in it is changed. */
function foundFolder(path: string): Folder {
  const refuse = (): never => {
    throw new RiskError("invariant_broken", { path, expected: "nothing to be written" });
  };
  return {
    list: () => (existsSync(path) ? readdirSync(path) : []),
    read: (name) => readFileSync(join(path, name)),
    write: refuse,
    remove: refuse,
  };
}
