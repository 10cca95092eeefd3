/** Who holds a data folder, and what happens when the file that says so is taken away. */
import { existsSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { lockFolder } from "./folder-lock.ts";
import {
  command,
  filesOf,
  newFolder,
  openStore,
  put,
  removeFolders,
  writtenJournal,
} from "./journal-files.test-kit.ts";
import { isHeld } from "./sqlite.ts";
import { verifyJournal } from "./verify-journal.ts";

afterAll(removeFolders);

const gone = (path: string) => rmSync(path);
const another = (path: string) => {
  writeFileSync(`${path}.copy`, "");
  renameSync(`${path}.copy`, path);
};

describe("the lock of a data folder", () => {
  it("is one gateway's, and free when it is released", () => {
    const data = newFolder();
    const lock = lockFolder(data);
    expect(lock.lost()).toBeUndefined();
    expect(() => lockFolder(data)).toThrow(/^in_use/);
    lock.release();
    lockFolder(data).release();
  });

  it.each([
    ["gone", gone],
    ["another file", another],
  ])("says that its file is %s", (what, act) => {
    const data = newFolder();
    const lock = lockFolder(data);
    act(join(data, "journal.lock"));
    expect(lock.lost()).toBe(`journal.lock is ${what}`);
    lock.release();
  });
});

describe("a journal whose lock was taken away", () => {
  it.each([
    ["gone", gone],
    ["another file", another],
  ])("acknowledges nothing any more when it is %s", (what, act) => {
    const { store, data } = writtenJournal();
    act(join(data, "journal.lock"));
    const said = `journal_failed: the journal cannot be trusted until a restart`;
    for (const chain of ["account", "turns"] as const) {
      expect(() => put(store, chain, [command(61)])).toThrow(said);
      expect(() => put(store, chain, [command(61)])).toThrow(`journal.lock is ${what}`);
    }
    expect(verifyJournal(data).account.lastSeq).toBe(60);
    store.close();
  });

  it("is not opened by a second gateway while the first still has its database", () => {
    const { store, data } = writtenJournal();
    const log = join(data, "journal.db-wal");
    const { size } = statSync(log);
    rmSync(join(data, "journal.lock"));
    expect(() => openStore(data)).toThrow(/^in_use: .*journal\.db held/);
    expect(statSync(log).size).toBe(size);
    store.close();
    const next = openStore(data);
    expect(next.head("account").lastSeq).toBe(60);
    next.close();
  });

  it("is asked for without a trace in the files", () => {
    const { store, data } = writtenJournal();
    const path = join(data, "journal.db");
    expect(isHeld(path)).toBe(true);
    store.close();
    const before = filesOf(data);
    expect(isHeld(path)).toBe(false);
    expect(filesOf(data)).toEqual(before);
    expect(existsSync(`${path}-shm`)).toBe(false);
  });
});

describe("the files of a journal", () => {
  it("are for nobody else to read", () => {
    const { store, data } = writtenJournal();
    const modeOf = (name: string) => (statSync(join(data, name)).mode & 0o777).toString(8);
    const files = ["journal.lock", ...filesOf(data)];
    expect(files).toContain("journal.db-wal");
    expect(files).toContain("turns/00000003.db-wal");
    expect(files.filter((name) => modeOf(name) !== "600")).toEqual([]);
    expect(modeOf("turns")).toBe("700");
    store.close();
  });
});
