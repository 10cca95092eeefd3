/**
 * The journal's store on the simulated disk, in place of the database of the real one.
 *
 * It keeps the same promises: a commit is there whole or not at all; what `commit` of the account
 * chain returned for is on disk; Turns are synced now and then, and a power loss takes the newest
 * of them and never one from the middle.
 */
import { RiskError } from "../../core/errors.ts";
import type { Chain, ChainHead, JournalStore, StoredBatch } from "../../gateway/journal/store.ts";
import type { Files } from "./disk.ts";
import { Log, PREFIX_BYTES, writeAll } from "./log.ts";

export const logs: Readonly<Record<Chain, string>> = {
  account: "account.log",
  turns: "turns.log",
};

export interface SimulatedStore extends JournalStore {
  /** Number of the newest record of the account chain, were the power to go now. */
  safeSeq(): number;
}

/**
 * @param lineage of a new journal
 * @throws RiskError malformed_file when a frame is bad that had been synced
 */
export function openStore(files: Files, lineage: string): SimulatedStore {
  // The account chain is made last: where it is, the other one is as well.
  for (const chain of ["turns", "account"] as const) {
    if (!files.has(logs[chain])) makeLog(files, logs[chain], lineage);
  }
  const made = lineageOf(files);
  const open = {
    account: new Log(files, logs.account, "account"),
    turns: new Log(files, logs.turns, "turns"),
  };
  let safeSeq = open.account.head().lastSeq;
  return {
    lineage: made,
    head: (chain): ChainHead => open[chain].head(),
    commit(batches: readonly StoredBatch[]) {
      const chain = batches[0]?.chain ?? "turns";
      open[chain].commit(batches, chain === "turns");
      if (chain === "account") safeSeq = open.account.head().lastSeq;
    },
    read: (chain, fromSeq) => open[chain].read(fromSeq),
    close: () => undefined,
    safeSeq: () => safeSeq,
  };
}

/** The lineage that both logs begin with. @throws RiskError malformed_file */
function lineageOf(files: Files): string {
  const [account, turns] = Object.values(logs).map((name) =>
    Buffer.from(files.read(name).subarray(0, PREFIX_BYTES)).toString("latin1"),
  );
  if (account === turns) return account!;
  const detail = { expected: `lineage ${account}`, found: String(turns) };
  throw new RiskError("malformed_file", { path: logs.turns, ...detail });
}

function makeLog(files: Files, name: string, lineage: string): void {
  const draft = `${name}.draft`;
  files.create(draft);
  writeAll(files, draft, Buffer.from(lineage, "latin1"), 0);
  files.sync(draft);
  files.rename(draft, name);
  files.syncNames();
}
