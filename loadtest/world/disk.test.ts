import { describe, expect, it } from "vitest";
import { dice } from "./dice.ts";
import { Disk, DiskError, type Files } from "./disk.ts";

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString();
const bytes = (of: string): Uint8Array => Buffer.from(of);

function written(files: Files, name: string, content: string): void {
  files.create(name);
  files.write(name, bytes(content), 0);
}

/** What is left of the file after a power loss, by seed; undefined: not even its name. */
function leftOvers(before: (files: Files) => void, name = "a"): Set<string | undefined> {
  const found = new Set<string | undefined>();
  for (let seed = 1; seed <= 60; seed++) {
    const disk = new Disk(dice(seed, "disk"));
    before(disk.mount());
    disk.losePower();
    const files = disk.mount();
    found.add(files.has(name) ? text(files.read(name)) : undefined);
  }
  return found;
}

describe("a simulated disk after a power loss", () => {
  it("has what was synced, whatever chance decides", () => {
    const all = leftOvers((files) => {
      written(files, "a", "kept");
      files.sync("a");
      files.syncNames();
    });
    expect([...all]).toEqual(["kept"]);
  });

  it("has nothing, a part or all of what was not synced", () => {
    const all = leftOvers((files) => {
      written(files, "a", "kept");
      files.sync("a");
      files.syncNames();
      files.write("a", bytes("lost"), 4);
    });
    expect(all).toContain("kept");
    expect(all).toContain("keptlost");
    expect([...all].some((one) => one!.length > 4 && one!.length < 8)).toBe(true);
    for (const one of all) expect("keptlost".startsWith(one!)).toBe(true);
  });

  it("may have forgotten the name of a file whose folder was not synced", () => {
    const all = leftOvers((files) => {
      written(files, "a", "kept");
      files.sync("a");
    });
    expect(all).toContain(undefined);
  });

  it("has one of both names of a rename that was not synced", () => {
    for (let seed = 1; seed <= 40; seed++) {
      const disk = new Disk(dice(seed, "disk"));
      const files = disk.mount();
      written(files, "draft", "whole");
      files.sync("draft");
      files.syncNames();
      files.rename("draft", "a");
      disk.losePower();
      expect(disk.mount().list()).toHaveLength(1);
    }
  });

  it("may lose a sector in the middle and keep the one behind it", () => {
    const all = leftOvers((files) => {
      written(files, "a", "");
      files.syncNames();
      files.write("a", bytes("x".repeat(2_048)), 0);
    });
    const holes = [...all].filter((one) => /^\0+x/.test(one ?? "") || /x\0+x/.test(one ?? ""));
    expect(holes.length).toBeGreaterThan(0);
  });

  it("never has what a failed sync lost, though reads go on showing it", () => {
    const all = leftOvers((files) => {
      written(files, "a", "kept");
      files.sync("a");
      files.syncNames();
      files.write("a", bytes("lost"), 4);
    });
    expect(all).toContain("keptlost");
    const disk = new Disk(dice(1, "disk"));
    const files = disk.mount();
    written(files, "a", "kept");
    files.sync("a");
    files.syncNames();
    files.write("a", bytes("lost"), 4);
    disk.faults.failingSyncs = 1;
    expect(() => files.sync("a")).toThrow(DiskError);
    files.sync("a");
    expect(text(files.read("a"))).toBe("keptlost");
    disk.losePower();
    expect(text(disk.mount().read("a"))).toBe("kept");
  });
});

describe("a simulated disk that is at fault", () => {
  it("writes what there is room for and says how much, then nothing", () => {
    const disk = new Disk(dice(1, "disk"));
    const files = disk.mount();
    files.create("a");
    disk.faults.capacityBytes = 3;
    expect(files.write("a", bytes("abcdef"), 0)).toBe(3);
    expect(() => files.write("a", bytes("d"), 3)).toThrow("ENOSPC");
    expect(text(files.read("a"))).toBe("abc");
  });

  it("takes nothing while it is read-only", () => {
    const disk = new Disk(dice(1, "disk"));
    const files = disk.mount();
    disk.faults.readOnly = true;
    expect(() => files.create("a")).toThrow("EROFS");
  });

  it("takes nothing from a process that is gone", () => {
    const disk = new Disk(dice(1, "disk"));
    const before = disk.mount();
    written(before, "a", "one");
    const now = disk.mount();
    expect(before.write("a", bytes("two"), 0)).toBe(3);
    before.remove("a");
    expect(text(now.read("a"))).toBe("one");
  });
});
