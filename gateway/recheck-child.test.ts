/** The process beside the gateway: what is a fault, and that nothing stays of it. */
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import type { RiskError } from "../core/errors.ts";
import { newFolder, removeFolders, writtenJournal } from "./journal/journal-files.test-kit.ts";
import { recheckInBackground } from "./recheck-child.ts";

afterAll(removeFolders);

const sqlite = new URL("./journal/sqlite.ts", import.meta.url).href;

/** Whether another process finds the database locked. */
function isLocked(path: string): boolean {
  const script = `
    const { isHeld } = await import(${JSON.stringify(sqlite)});
    process.stdout.write(String(isHeld(${JSON.stringify(path)})));
  `;
  const args = ["--input-type=module", "-e", script];
  return spawnSync(process.execPath, args, { encoding: "utf8" }).stdout === "true";
}

/** Copies of processes that are no more. */
const leftCopies = () =>
  readdirSync(tmpdir()).filter((name) => {
    const pid = /^slidewire-journal-(\d+)-/.exec(name)?.[1];
    return pid !== undefined && !existsSync(`/proc/${pid}`);
  });

/** What the recheck of a folder said until it was stopped, `afterMs` after its start. */
async function said(data: string, afterMs: number) {
  const faults: RiskError[] = [];
  const records: unknown[] = [];
  const recheck = recheckInBackground(data, {
    onFault: (error) => faults.push(error),
    onRecord: (record) => records.push(record),
  });
  await new Promise((done) => setTimeout(done, afterMs));
  await recheck.stop();
  return { faults, records };
}

describe("the recheck beside a gateway", () => {
  it("takes a folder that cannot be read any more for no fault", async () => {
    expect(await said(newFolder(), 1_500)).toEqual({ faults: [], records: [] });
  });

  it("is ended at any moment without a fault, and leaves no copies", async () => {
    const { store, data } = writtenJournal();
    for (const afterMs of [0, 150, 300, 450]) {
      expect((await said(data, afterMs)).faults).toEqual([]);
      expect(leftCopies()).toEqual([]);
    }
    store.close();
  });

  it("leaves the lock of the gateway's journal where it is", async () => {
    const { store, data } = writtenJournal();
    expect(isLocked(join(data, "journal.db"))).toBe(true);
    await said(data, 1_500);
    expect(isLocked(join(data, "journal.db"))).toBe(true);
    store.close();
    expect(isLocked(join(data, "journal.db"))).toBe(false);
  });
});
