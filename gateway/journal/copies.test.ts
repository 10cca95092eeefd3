/** Copies that were left behind go, and those that somebody reads stay. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, rmSync, utimesSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { makeCopies, sweepCopies } from "./copies.ts";
import { removeFolders, writtenJournal } from "./journal-files.test-kit.ts";
import { readJournal } from "./read-journal.ts";

afterAll(removeFolders);

const file = new URL("./copies.ts", import.meta.url).href;

/** Makes copies in a process that then ends so. */
function copiesOf(end: string): { readonly pid: number; readonly left: string[] } {
  const code = `const { makeCopies } = await import("${file}"); makeCopies(); ${end}`;
  const { pid } = spawnSync(process.execPath, ["--input-type=module", "-e", code]);
  return { pid, left: copies().filter((name) => name.includes(`-${pid}-`)) };
}

const copies = () => readdirSync(tmpdir()).filter((name) => name.startsWith("slidewire-journal-"));

describe("copies of a journal", () => {
  it("are named by their process, and gone when the reader is closed", () => {
    const { store, data } = writtenJournal();
    const own = () => copies().filter((name) => name.includes(`-${process.pid}-`)).length;
    const before = own();
    const journal = readJournal(data);
    expect(own()).toBe(before + 1);
    journal.close();
    expect(own()).toBe(before);
    store.close();
  });

  it.each(["", "process.exit(1);", "throw 1;"])("are gone after a process ends by `%s`", (end) => {
    expect(copiesOf(end).left).toEqual([]);
  });

  it("of a process that was killed are removed by the next reader", () => {
    const { left } = copiesOf("process.kill(process.pid, 'SIGKILL');");
    expect(left).toHaveLength(1);
    makeCopies().remove();
    expect(existsSync(join(tmpdir(), left[0]!))).toBe(false);
  });

  it("of an earlier process with our number are removed, and our own stay", () => {
    const left = join(tmpdir(), `slidewire-journal-${process.pid}-before`);
    mkdirSync(left);
    utimesSync(left, new Date(0), new Date(0));
    const own = makeCopies();
    expect([existsSync(left), existsSync(own.path)]).toEqual([false, true]);
    sweepCopies();
    expect(existsSync(own.path)).toBe(true);
    own.remove();
  });

  it("of a living process and folders of other names are left alone", () => {
    const living = join(tmpdir(), "slidewire-journal-1-living");
    const other = join(tmpdir(), "slidewire-journal-backup");
    for (const folder of [living, other]) mkdirSync(folder, { recursive: true });
    try {
      sweepCopies();
      expect([existsSync(living), existsSync(other)]).toEqual([true, true]);
    } finally {
      for (const folder of [living, other]) rmSync(folder, { recursive: true });
    }
  });
});
