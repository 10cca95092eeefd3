import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { open, rename, unlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type DiskFile, type FolderDisk, machineDisk, openFolder } from "./folder.ts";

let path = "";
beforeEach(() => {
  path = join(mkdtempSync(join(tmpdir(), "slidewire-folder-")), "snapshots");
});
afterEach(() => rmSync(join(path, ".."), { recursive: true }));

const bytes = (length: number) => Uint8Array.from({ length }, (_, i) => (i * 7) % 256);

/** The real disk with some calls of its files in a test's hands; each call is noted. */
function disk(own: Partial<DiskFile>, calls: string[] = []): FolderDisk {
  return {
    ...machineDisk,
    async open(name, flags, mode) {
      const file = await open(name, flags, mode);
      const kind = name.endsWith(".draft") ? "draft" : "folder";
      return {
        write: (...of) => {
          calls.push(`write ${kind}`);
          return (own.write ?? file.write.bind(file))(...of);
        },
        sync: () => {
          calls.push(`sync ${kind}`);
          return (own.sync ?? file.sync.bind(file))();
        },
        close: () => file.close(),
      };
    },
    rename(from, to) {
      calls.push("rename");
      return rename(from, to);
    },
    unlink,
  };
}

const failing = (code: string) => async () => {
  throw Object.assign(new RangeError(code), { code });
};

describe("a folder of whole files", () => {
  it("is made where there is none, and gives back what was written", async () => {
    const folder = openFolder(path);
    expect(folder.list()).toEqual([]);
    await folder.write("a.bin", bytes(100_000));
    await folder.write("b.bin", new Uint8Array());
    expect([...folder.list()].sort()).toEqual(["a.bin", "b.bin"]);
    expect(Buffer.compare(folder.read("a.bin"), bytes(100_000))).toBe(0);
    expect(folder.read("b.bin").length).toBe(0);
    folder.remove("a.bin");
    folder.remove("a.bin");
    expect(folder.list()).toEqual(["b.bin"]);
  });

  it("syncs the file before its name, and the folder after it", async () => {
    const calls: string[] = [];
    await openFolder(path, disk({}, calls)).write("a.bin", bytes(10));
    expect(calls).toEqual(["write draft", "sync draft", "rename", "sync folder"]);
  });

  it("goes on after a short write until everything is there", async () => {
    const folder = openFolder(path);
    const slow: FolderDisk = {
      ...machineDisk,
      async open(name, flags, mode) {
        const file = await open(name, flags, mode);
        return {
          write: (from, at, length) => file.write(from, at, Math.min(length, 7)),
          sync: () => file.sync(),
          close: () => file.close(),
        };
      },
    };
    await openFolder(path, slow).write("a.bin", bytes(100));
    expect(Buffer.compare(folder.read("a.bin"), bytes(100))).toBe(0);
  });

  it.each([
    ["writes nothing and says nothing", { write: async () => ({ bytesWritten: 0 }) }, /100 bytes/],
    ["has no room", { write: failing("ENOSPC") }, /ENOSPC/],
    ["cannot sync", { sync: failing("EIO") }, /EIO/],
  ])("leaves what was there when the disk %s", async (_what, own, error) => {
    const folder = openFolder(path);
    await folder.write("a.bin", bytes(3));
    const written = openFolder(path, disk(own)).write("a.bin", bytes(100));
    await expect(written).rejects.toThrow(/unreadable_file/);
    await expect(Promise.resolve(written)).rejects.toThrow(error);
    expect(readdirSync(path)).toEqual(["a.bin"]);
    expect(folder.read("a.bin").length).toBe(3);
  });

  it("has no file whose name could not be made durable", async () => {
    let syncs = 0;
    const sync = async () => {
      syncs += 1;
      if (syncs === 2) await failing("EIO")();
    };
    const folder = openFolder(path, disk({ sync }));
    await expect(folder.write("a.bin", bytes(100))).rejects.toThrow(/EIO/);
    expect(readdirSync(path)).toEqual([]);
  });

  it("removes the drafts of a crash when it is opened, and lists none", async () => {
    mkdirSync(path);
    writeFileSync(join(path, "a.bin.draft"), "half");
    writeFileSync(join(path, "b.bin"), "whole");
    const folder = openFolder(path);
    expect(readdirSync(path)).toEqual(["b.bin"]);
    writeFileSync(join(path, "c.bin.draft"), "half");
    expect(folder.list()).toEqual(["b.bin"]);
  });

  it.each(["", "../a", "a/b", ".hidden", "A b"])("refuses the name %j", async (name) => {
    const folder = openFolder(path);
    expect(() => folder.read(name)).toThrow(/invariant_broken/);
    await expect(folder.write(name, bytes(1))).rejects.toThrow(/invariant_broken/);
  });

  it("says what cannot be read, and that a file stands in its place", () => {
    expect(() => openFolder(path).read("a.bin")).toThrow(/unreadable_file: .*a\.bin.*ENOENT/);
    writeFileSync(join(path, "file"), "x");
    expect(() => openFolder(join(path, "file"))).toThrow(/unreadable_file: .*EEXIST/);
    expect(readFileSync(join(path, "file"), "utf8")).toBe("x");
  });
});
